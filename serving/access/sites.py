"""Sites, and who delivers Drive in them.

A site covers areas, has places for people and a panel; within it a provider, the organisation that delivers Drive,
works in some or all of its areas. No area belongs to two sites, or to two providers. People whom a provider sends see
the cases that the panel accepted where their provider works, and no others: everybody else on a list is none of theirs
(data are shared for a purpose). Sites are what the ledger says of them; nobody falls back to seeing more when their
provider or site ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from serving.access.humans import same_agency
from serving.errors import NotFound, NotPermitted
from serving.ledger.access import SITE_SET
from serving.panel import Decision
from serving.panel.recording import DECIDED
from serving.people import Permission, Person
from serving.storage import tables
from serving.storage.stores import Stores


@dataclass(frozen=True)
class Site:
    """A site as it is now.

    Parameters
    ----------
    places
        How many people its case managers can work with at once; a panel's places at one meeting are another number.
    providers
        The areas in which each provider delivers Drive, by its name as accounts carry it (`Person.agency`).
    """

    site: str
    areas: frozenset[str]
    places: int
    providers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    closed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the keys that `sites list --json` prints."""
        providers = {name: sorted(areas) for name, areas in sorted(self.providers.items())}
        return {**self.__dict__, "areas": sorted(self.areas), "providers": providers}


class Sites:
    """Adds, changes and closes sites, and says where a provider works; every change is in the ledger."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def all(self) -> list[Site]:
        """Return every site that is not closed, by name."""
        with self._stores.panel.read() as connection:
            newest = {site.site: site for site in self._history(connection)}
        return [newest[name] for name in sorted(newest) if not newest[name].closed]

    def add(self, site: str, areas: Collection[str], places: int, by: str) -> Site:
        """Add a site; raises `NotPermitted` where its name, an area or its places do not allow that."""
        if any(each.site == site for each in self.all()):
            raise NotPermitted("There is such a site already.", "`drive-panel sites list` shows all of them.")
        return self._set(Site(site, frozenset(areas), places), by)

    def change(self, site: str, by: str, areas: Collection[str] | None = None, places: int | None = None) -> Site:
        """Give a site other areas or places; its providers keep those of their areas that it keeps."""
        found = self.find(site)
        covered = found.areas if areas is None else frozenset(areas)
        kept = {name: theirs & covered for name, theirs in found.providers.items() if theirs & covered}
        changed = replace(found, areas=covered, providers=kept, places=found.places if places is None else places)
        return self._set(changed, by)

    def close(self, site: str, by: str) -> Site:
        """Close a site; whom its providers send see nothing of its areas any more."""
        return self._set(replace(self.find(site), providers={}, closed=True), by)

    def let_deliver(self, site: str, provider: str, by: str, areas: Collection[str] = ()) -> Site:
        """Let a provider deliver Drive in some areas of a site, or in all of them."""
        found = self.find(site)
        theirs = frozenset(areas) or found.areas
        known = _named(found, provider) or _plain(provider)
        return self._set(replace(found, providers={**found.providers, known: theirs}), by)

    def end_delivery(self, site: str, provider: str, by: str) -> Site:
        """Let a provider deliver Drive in a site no more; whom it sends see nothing of it at the next click."""
        found = self.find(site)
        if _named(found, provider) is None:
            raise NotFound("No such provider works in this site.", "`drive-panel sites list` shows those that do.")
        others = {name: areas for name, areas in found.providers.items() if not same_agency(name, provider)}
        return self._set(replace(found, providers=others), by)

    def find(self, site: str) -> Site:
        """Return a site that is not closed; raises `NotFound`."""
        for each in self.all():
            if each.site == site:
                return each
        raise NotFound("There is no such site.", "`drive-panel sites list` shows all of them.")

    def delivered_by(self, person: Person) -> frozenset[str] | None:
        """Return where the organisation that sends somebody delivers Drive; None where it never did.

        None, too, for whoever may see every case of a list, whoever sends them.
        """
        if not person.agency or person.may(Permission.SEE_EVERY_CASE):
            return None
        with self._stores.panel.read() as connection:
            history = self._history(connection)
        if not any(_named(site, person.agency) for site in history):
            return None
        newest = {site.site: site for site in history}
        names = [(site, _named(site, person.agency)) for site in newest.values()]
        return frozenset().union(*(site.providers[name] for site, name in names if name is not None))

    def accepted(self, areas: Collection[str]) -> frozenset[str]:
        """Return whose newest decision in some areas gives them a place: the cases of who delivers Drive there."""
        made, runs = tables.decisions, tables.runs.c
        query = select(made).join(tables.runs, runs.run == made.c.run).where(runs.area.in_(sorted(areas)))
        with self._stores.panel.read() as connection:
            rows = connection.execute(query.order_by(made.c.decision_id)).mappings().all()
            found = self._stores.ledger.vouched(connection, made, DECIDED, rows)
        newest = {row["person"]: Decision(row["decision"]) for row in found}
        return frozenset(person for person, decision in newest.items() if decision.accepts)

    def _history(self, connection: Connection) -> list[Site]:
        """Return every state that a site ever had, oldest first."""
        return [_site(each) for each in self._stores.access.said(connection).sites]

    def _set(self, site: Site, by: str) -> Site:
        _check(site)
        with self._stores.acting() as acting:
            newest = {each.site: each for each in self._history(acting.connection)}
            others = [each for each in newest.values() if each.site != site.site and not each.closed]
            taken = sorted(site.areas & frozenset().union(*(each.areas for each in others)))
            if taken and not site.closed:
                raise NotPermitted(f"{taken[0]} belongs to another site.", "Take it out of that one first.")
            acting.enter(by, SITE_SET, f"site:{site.site}", site.to_dict())
        return site


def _check(site: Site) -> None:
    for name in (site.site, *site.providers):
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
            raise NotPermitted(
                "Names of sites and providers are of small letters, digits, hyphens and low lines.", "Say: north-vale"
            )
    if not site.areas or "*" in site.areas:
        raise NotPermitted("A site needs its areas, each by name.", "Give --area once for each.")
    if site.places < 1:
        raise NotPermitted("A site needs at least one place.", "Say how many people it can work with at once.")
    covered: set[str] = set()
    for areas in site.providers.values():
        if areas - site.areas:
            raise NotPermitted(f"{min(areas - site.areas)} is no area of this site.", "Add it to the site first.")
        if areas & covered:
            raise NotPermitted(
                f"Another provider delivers Drive in {min(areas & covered)}.", "Give each area to one of them."
            )
        covered |= areas


def _site(told: Mapping[str, Any]) -> Site:
    providers = {name: frozenset(areas) for name, areas in told["providers"].items()}
    return Site(told["site"], frozenset(told["areas"]), told["places"], providers, told["closed"])


def _named(site: Site, provider: str) -> str | None:
    """Return the name under which a provider works in a site, however it is written; None where it does not."""
    return next((name for name in site.providers if same_agency(name, provider)), None)


def _plain(name: str) -> str:
    """Return an organisation's name as a site keeps it."""
    return "-".join(name.casefold().split())
