"""The data contract as a document: ``python -m records.document > docs/data-contract.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from records.contract import TABLES, Column, Table
from records.intake.quarantine import REMEDIES
from records.purposes import PURPOSES, Source, Sources, load_sources
from records.reference import load_reference

_INTRODUCTION = """\
# The data contract

<!-- Written by `python -m records.document`; change records/contract.py instead. -->

An extract is one folder: one file a table, named after it, as CSV (UTF-8, a header, `.csv` or `.csv.gz`) or
Parquet, and a `manifest.yaml` with `source`, `extract_date`, `period` and, where every row is made up,
`synthetic: true`. A source that does not look like this is brought here by a [mapping](guides/mapping.md).

`kind: full` (default): a row that the source delivered before and that is no longer there was withdrawn on the
extract date. `kind: changes`: absence says nothing; `known_to` withdraws. `revision` (default 1) orders two extracts
of one source and day.

Persons, incidents and involvements must come from some delivery, not from each. Everything else may be absent; what
depends on it then says "not available", never zero. Columns marked * are required in every row.

**Crimes and other incidents.** A non-crime incident (`is_crime` false) has no `offence_code` and no `outcome_code`:
leave both blank. Its harm is 0 days whatever code it holds: the floor that the offence list shows as `non_crime`. A
row without a domestic mark is kept, crime or not, with `domestic` false: it counts as not domestic.

**Kinds.** `id` and `text` are kept as given. `date` is YYYY-MM-DD; a date-time with an offset becomes its day in
Europe/London. `flag` is true or false (also yes/no, y/n, t/f, 1/0). `int` is a whole number. `code` comes from the
list shown, in lower snake case unless an outside list is named; an unknown code is kept, counted and reported as
unmapped, never dropped and never zero.

**When a row was known.** Every table also takes `known_from` and `known_to`. A corrected row is delivered again
under the same key with a later `known_from`; each version ends where the next begins. A version whose `known_to`
is given was withdrawn on that day. Where `known_from` is missing it is assumed from the date named under each
table, else it is the extract date, and the load report says how many rows are unusable before it. An incident's
`known_from` may lie before its `reported_on` (a force can hold intelligence), never before it began.

**Overwritten** columns are those that record systems overwrite in place. In rows whose `known_from` is assumed they
are known only from the extract date, unless the column named under *dated by* says since when. A date *dated by*
itself (an arrest) is known from the day it names.

**Sealed** columns never leave the records room except for display to people who may see them; a date of birth also
as adult yes/no/unknown and as an age band. **Protected** columns go to a store of their own at ingest.

**Purposes.** Every column may be used for the purposes stated beside it and for nothing else; it is enforced where
records are read (`records/reference/sources.yaml`, which a site's own `sources.yaml` may only narrow). Controllers,
lawful bases and periods are illustrative where they say *to be confirmed*: a site's data protection officer confirms or
replaces them.
"""

_QUARANTINE = """\
## Quarantine

A row that breaks the contract is kept out with its file, line, column, reason, remedy and its text as delivered, in
`quarantine/<extract date>-<hash>/<table>.csv`; the rest is loaded. Accepted and quarantined rows always sum to the
rows read. `drive-panel quarantine list` counts what is kept out of each delivery, `drive-panel quarantine export`
writes the rows to be mended, and `drive-panel quarantine replay` takes the mended file back into the delivery they
came from. A row mended at its source comes with the next delivery.

| reason | what to do |
|---|---|
"""


def _codes(column: Column) -> str:
    if column.reference is not None:
        return f"reference table `{column.reference}`"
    return "" if column.codes is None else ", ".join(f"`{code}`" for code in sorted(column.codes))


def _marks(column: Column) -> str:
    marks = [
        "overwritten" if column.overwritten else "",
        f"dated by `{column.dated_by}`" if column.dated_by else "",
        "sealed" if column.sealed else "",
        "protected" if column.protected else "",
        "may be future" if column.may_be_future else "",
        f"in `{column.points_to}`" if column.points_to else "",
    ]
    return "; ".join(mark for mark in marks if mark)


def _assumed(table: Table) -> str:
    if table.recorded_by:
        return f"`{table.recorded_by}`"
    if table.recorded_with:
        return f"the earliest `known_from` in `{table.recorded_with}` with the same `{table.recorded_on}`"
    return "the extract date"


def _purposes(source: Source) -> str:
    return ", ".join(name for name in PURPOSES if name in source.purposes) or "none"


def _held(table: Table, sources: Sources) -> str:
    """Say whose a table is, on what basis, and how long; what a column says otherwise is in its notes."""
    source = sources.of(f"{table.name}.{table.key[0]}")
    confirm = " (to be confirmed)" if source.confirm else ""
    return (
        f"Controller: {source.controller.replace('_', ' ')}. Basis{confirm}: {source.basis_text} Reviewed every "
        f"{source.review_years} years after the last entry, disposal decided after {source.retain_years}.\n\n"
    )


def _apart(table: Table, column: Column, sources: Sources) -> str:
    whole, own = sources.of(f"{table.name}.{table.key[0]}"), sources.of(f"{table.name}.{column.name}")
    told = {"controller": own.controller, "basis": own.basis_text, "kept (years)": str(own.retain_years)}
    usual = {"controller": whole.controller, "basis": whole.basis_text, "kept (years)": str(whole.retain_years)}
    return "; ".join(f"{name}: {value}" for name, value in told.items() if value != usual[name])


def _table(table: Table, sources: Sources) -> Iterator[str]:
    yield f"## {table.name}{' (mandatory)' if table.mandatory else ''}\n\n{table.meaning}\n\n"
    yield f"Key: {', '.join(f'`{name}`' for name in table.key)}. Missing `known_from`: {_assumed(table)}.\n\n"
    yield _held(table, sources)
    if table.in_order:
        pairs = ", ".join(f"`{later}` before `{earlier}`" for earlier, later in table.in_order)
        yield f"Impossible: {pairs}.\n\n"
    yield "| column | kind | meaning | codes | purposes | notes |\n|---|---|---|---|---|---|\n"
    for column in table.columns:
        star = " *" if column.required else ""
        notes = "; ".join(note for note in (_marks(column), _apart(table, column, sources)) if note)
        used = _purposes(sources.of(f"{table.name}.{column.name}"))
        yield f"| `{column.name}`{star} | {column.kind} | {column.meaning} | {_codes(column)} | {used} | {notes} |\n"
    yield "\n"


def _offences() -> Iterator[str]:
    offences = load_reference().tables["offences"]
    yield "## Offences\n\nThe shipped offence table. No weight but the floor of non-crime incidents is verified: harm\n"
    yield "days are illustrative and block release outside the demo. A blank weight is unknown, not zero.\n\n"
    yield "| code | offence | family | harm days | source of the weight | verified |\n|---|---|---|---|---|---|\n"
    for row in offences.to_dict("records"):
        cells = (row[name] for name in ("offence_code", "title", "family", "harm_days", "harm_source", "verified"))
        yield f"| {' | '.join(str(cell) for cell in cells)} |\n"


_LISTS = {
    "outcomes": "Home Office outcome types, for `incidents.outcome_code`.",
    "ethnicity": (
        "Self-defined ethnicity, 18+1 codes, for `communities.ethnicity_self`. In 16+1 codes Chinese was `O1`: map it "
        "to `A4`. They know neither `W3` nor `O2`, whose people are in `W9` and `O9` there: figures for `W9` and `O9` "
        "cannot be compared across the change. `NS` (asked, not stated), blank (not recorded) and a code that only an "
        "officer gave are three different states."
    ),
    "ethnicity_observed": (
        "Ethnicity as an officer saw it, for `communities.ethnicity_observed`; never stands in for what a person says."
    ),
    "agencies": "For `marac_hearings.referring_agency` and wherever else an agency is named.",
}


def _lists() -> Iterator[str]:
    tables = load_reference().tables
    for name, told in _LISTS.items():
        yield f"## {name.replace('_', ' ').capitalize()}\n\nThe shipped list `{name}`. {told}\n\n"
        yield "| code | meaning | group | verified |\n|---|---|---|---|\n"
        for row in tables[name].to_dict("records"):
            yield f"| {' | '.join(str(row[each]) for each in ('code', 'label', 'group', 'verified'))} |\n"
        yield "\n"


def document() -> str:
    """Return the data contract as Markdown, derived from the declaration."""
    sources = load_sources()
    tables = (part for table in TABLES.values() for part in _table(table, sources))
    parts = [_INTRODUCTION, "\n| purpose | to |\n|---|---|\n"]
    parts += [f"| {name} | {meaning} |\n" for name, meaning in PURPOSES.items()]
    parts += ["\n", *tables, _QUARANTINE]
    parts += [f"| `{reason}` | {remedy} |\n" for reason, remedy in REMEDIES.items()]
    return "".join([*parts, "\n", *_offences(), "\n", *_lists()]).rstrip("\n") + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
