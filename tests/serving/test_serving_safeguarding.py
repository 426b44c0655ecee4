"""A high band that no MARAC has heard of is told on the case, today, whatever the panel decides later."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from serving.web.pages.cases import safeguarding

HEARD = [{"heard_at": "2025-11-10"}]
NOT_SHOWN = [{"kind": "Held by another agency: not shown to you"}]


@pytest.mark.parametrize(
    ("band", "marac", "missing", "told"),
    [
        ("very high", [], [], "no MARAC hearing is on record"),
        ("high", [], ["Not available: custody."], "no MARAC hearing is on record"),
        ("high", [], ["Not available: marac hearings."], "No MARAC records reached this service"),
        ("high", HEARD, [], ""),
        ("high", [{"heard_at": "2012-01-01"}, *HEARD], [], ""),
        ("high", [{"heard_at": "2012-01-01"}], [], "hearing of the last 12 months is on record. The last"),
        ("high", [{"heard_at": "2025-03-31"}], [], "The last one was on 31 March 2025."),
        ("high", [{"heard_at": "2025-04-01"}], [], ""),
        ("very high", [{"heard_at": None}], [], "When one was held is not recorded."),
        ("high", NOT_SHOWN, [], ""),
        ("raised", [], [], ""),
        (None, [], [], ""),
    ],
)
def test_a_high_band_without_a_hearing_prompts_today(band: Any, marac: Any, missing: list[str], told: str) -> None:
    said = safeguarding({"band": band}, {"marac": marac, "missing": missing}, date(2026, 3, 31))
    assert told in said
    assert bool(said) == bool(told)
