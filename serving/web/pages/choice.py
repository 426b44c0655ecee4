"""What of a list somebody chose to see: a tab, filters, an order; all of it stands in the address, and can be kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from serving.panel import Decision, kinds_of
from serving.web import words

Row = dict[str, Any]
TABS = {
    "": "Whole list",
    "to_decide": "To decide",
    "held": "Held",
    "deferred": "Deferred",
    "decided": "Decided",
}
ORDERS = ("ascending", "descending")
_MET, _NEW = "met", "since"


@dataclass(frozen=True)
class Queued:
    """A row with what the panel did about it so far."""

    row: Row
    made: Row | None
    open_kinds: tuple[str, ...]

    @property
    def tab(self) -> str:
        """Which queue it waits in; none for people who are shown apart and nobody decided on."""
        if self.made:
            return "deferred" if self.made["decision"] == Decision.DEFER else "decided"
        if self.open_kinds:
            return "held"
        return "" if self.row["section"] == "apart" else "to_decide"


def queue(
    rows: Sequence[Row], decided: Mapping[str, Row], cleared: Mapping[str, Mapping[str, Any]]
) -> tuple[Queued, ...]:
    """Return the rows of a list, each with its decision and the holds that still stand."""
    return tuple(
        Queued(
            row,
            decided.get(row["person"]),
            tuple(kind for kind in kinds_of(row["hold"]) if kind not in cleared.get(row["person"], {})),
        )
        for row in rows
    )


def counts(queued: Collection[Queued]) -> dict[str, int]:
    """Return how many people each tab holds."""
    found = dict.fromkeys(TABS, 0)
    for each in queued:
        if each.tab:
            found[each.tab] += 1
    return {**found, "": len(queued)}


@dataclass(frozen=True)
class Facet:
    """One question that rows can be chosen by.

    Parameters
    ----------
    of
        The answers that hold for a row, each with its words.
    moves
        Whether answers change while the list stays the same.
    """

    name: str
    title: str
    of: Callable[[Queued], Mapping[str, str]]
    moves: bool = False


def _band(each: Queued) -> dict[str, str]:
    band = each.row["band"] or "no band"
    return {band: words.words(band)}


def _decision(each: Queued) -> dict[str, str]:
    return {each.made["decision"]: words.decision_label(each.made["decision"])} if each.made else {}


def _route(each: Queued) -> dict[str, str]:
    route = (each.row["referral"] or {}).get("route")
    return {route: words.words(route)} if route else {}


Answers = dict[str, dict[str, str]]
Option = tuple[Facet, dict[str, str]]
FACETS = (
    Facet("band", "Band", _band),
    Facet("hold", "Hold that stands", lambda each: {kind: words.words(kind) for kind in each.open_kinds}, moves=True),
    Facet("decision", "Decision so far", _decision, moves=True),
    Facet("agency", "Referred by", _route),
    Facet(
        _MET,
        "Criterion that is met",
        lambda each: {item["name"]: item["label"] for item in each.row["criteria"] if item["state"] == "met"},
    ),
)


@dataclass(frozen=True)
class Choice:
    """What somebody chose; values that a list does not know choose nobody, so that an old address stays true.

    Parameters
    ----------
    tab
        One of `TABS`.
    picked
        Of each facet the values of which one must hold.
    new
        Whether only people are wanted who were not on the last panel's list.
    table
        Whether people stand in a table rather than one below the other with their reasons.
    sort, order
        The column of the table and its direction.
    """

    tab: str = ""
    picked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    new: bool = False
    table: bool = False
    sort: str = "place"
    order: str = "ascending"

    @classmethod
    def of(cls, asked: QueryParams) -> Self:
        """Read an address."""
        picked = {facet.name: tuple(dict.fromkeys(asked.getlist(facet.name))) for facet in FACETS}
        tab, order = asked.get("tab", ""), asked.get("order", "")
        return cls(
            tab if tab in TABS else "",
            {name: values for name, values in picked.items() if values},
            asked.get(_NEW) == "last",
            asked.get("as") == "table",
            asked.get("sort", "place"),
            order if order in ORDERS else ORDERS[0],
        )

    @property
    def query(self) -> str:
        """The address's query that says the same again; empty for the whole list."""
        pairs = [("tab", self.tab)] if self.tab else []
        pairs += [(name, value) for name, values in self.picked.items() for value in values]
        pairs += [(_NEW, "last")] * self.new + [("as", "table")] * self.table
        pairs += [("sort", self.sort), ("order", self.order)] if (self.sort, self.order) != ("place", ORDERS[0]) else []
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def narrows(self) -> bool:
        """Whether some people of the list are left out."""
        return bool(self.tab or self.picked or self.new)

    @property
    def told(self) -> dict[str, Any]:
        """What the ledger keeps of it: which queue and which filters, and no word that somebody typed."""
        filters = [*self.picked, *[_NEW] * self.new]
        return {**({"tab": self.tab} if self.tab else {}), **({"filters": filters} if filters else {})}

    def on(self, tab: str) -> Choice:
        """Return the choice on another tab."""
        return replace(self, tab=tab)

    def seen(self, table: bool) -> Choice:
        """Return the choice as a table, or one below the other."""
        return replace(self, table=table)

    def sorted_by(self, column: str) -> Choice:
        """Return the choice sorted by a column, or the other way round if it is sorted by it."""
        turned = self.table and self.sort == column and self.order == ORDERS[0]
        return replace(self, table=True, sort=column, order=ORDERS[turned])

    def without(self, name: str, value: str) -> Choice:
        """Return the choice with one value of a filter removed."""
        left = {
            facet: tuple(each for each in values if (facet, each) != (name, value))
            for facet, values in self.picked.items()
        }
        return replace(self, picked={facet: values for facet, values in left.items() if values})

    def tags(self, options: Sequence[Option]) -> list[tuple[str, str, str]]:
        """Return of each filter that is on what it asks, its words and the query without it."""
        found = [
            (facet.title, known.get(value, words.words(value)), self.without(facet.name, value).query)
            for facet, known in options
            for value in self.picked.get(facet.name, ())
        ]
        new = ("Since the last panel", "new on the list", replace(self, new=False).query)
        return [*found, new] if self.new else found

    def rows(self, queued: Collection[Queued], known_before: Callable[[], Collection[str]]) -> list[Queued]:
        """Return the people chosen, in the list's order.

        Parameters
        ----------
        known_before
            Gives the pseudonyms on the last panel's list; asked only where it matters.
        """
        before = known_before() if self.new else ()
        return [
            each
            for each in queued
            if (not self.tab or each.tab == self.tab)
            and not (self.new and (each.row["section"] == "apart" or each.row["person"] in before))
            and all(
                facet.of(each).keys() & set(self.picked[facet.name]) for facet in FACETS if facet.name in self.picked
            )
        ]

    def in_order(self, chosen: Sequence[Queued]) -> list[Queued]:
        """Return the people in the order of the table; whoever has nothing in that column comes last either way."""
        having = [each for each in chosen if column(each, self.sort) is not None]
        ordered = sorted(having, key=lambda each: column(each, self.sort), reverse=self.order != ORDERS[0])
        return [*ordered, *(each for each in chosen if column(each, self.sort) is None)]


def column(each: Queued, name: str) -> Any:
    """Return what a row has in a column of the table; None where there is nothing, or no such column."""
    if name == "deadline":
        return each.row["hold"]["deadline"] if each.open_kinds else None
    if name == "place":
        return None if each.row["section"] == "apart" else each.row["place"]
    return each.row["incumbent_places"].get(name)


def options(queued: Collection[Queued], still: Callable[[Callable[[], Answers]], Answers]) -> list[Option]:
    """Return of each facet the answers that occur on a list, in the order of their words; one without any is left out.

    Bands keep the list's order.

    Parameters
    ----------
    still
        Gives what it is handed to find out, or what was found out a moment ago: answers that do not move.
    """
    known = still(lambda: _answers(queued, moving=False)) | _answers(queued, moving=True)
    return [(facet, known[facet.name]) for facet in FACETS if known[facet.name]]


def _answers(queued: Collection[Queued], moving: bool) -> Answers:
    found: Answers = {}
    for facet in FACETS:
        if facet.moves is moving:
            known: dict[str, str] = {}
            for each in queued:
                known |= facet.of(each)
            ordered = known.items() if facet.name == "band" else sorted(known.items(), key=lambda item: item[1])
            found[facet.name] = dict(ordered)
    return found
