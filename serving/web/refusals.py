"""Refused attempts in the ledger, without letting anybody fill it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from serving.service import Service

NOBODY = "nobody"
_SPAN = timedelta(minutes=10)
_MOST = 1000


class Refusals:
    """Enters the first refusal of a kind in ten minutes; those that follow are counted in the next entry.

    Strangers share one name, so that a flood from outside makes one entry of each kind in ten minutes.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str, str], tuple[datetime, int]] = OrderedDict()

    def note(self, action: str, actor: str, subject: str) -> None:
        """Enter or count one refusal.

        Parameters
        ----------
        subject
            A kind of refusal or the template of an address: nothing that a stranger chose.
        """
        key, now = (action, actor, subject), self._service.now()
        with self._lock:
            first, more = self._seen.get(key, (None, 0))
            if first is not None and now - first < _SPAN:
                self._seen[key] = (first, more + 1)
                return
            self._seen[key] = (now, 0)
            self._seen.move_to_end(key)
            while len(self._seen) > _MOST:
                self._seen.popitem(last=False)
        self._service.note(actor, action, subject, {"more_before": more} if more else {})
