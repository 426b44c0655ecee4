"""What docs/indicators.md says around its entries: how to read one, the words, how to add one."""

from __future__ import annotations

HEAD = """\
# Indicators

{count} numbers about a person as of a date T (the end of that day), from what had been recorded by T. Written by
`python -m features.document` from the catalogue itself; catalogue version `{version}`.

A record is an allegation, not a finding: "as suspect" means recorded in that role. A count of zero says what was
recorded, not what happened.
"""

READING = """\
## How to read an entry

| line | what it says |
|---|---|
| the question | what the number answers, about one person as of T; as suspect unless it says otherwise |
| *Unit* | what is counted; `1 = met` is 1 where a definition is met and 0 where it is known not to be |
| *Window* | which days count, and by which day of an event: that of occurrence or that of report |
| *Computed* | the exact rule; "0 to 364 days old" is today and the 364 days before |
| *Push* | where a higher number may move the score: `+` only up, `-` only down (days since: longer ago), `none` both |
| *Source* | where the definition comes from |
| *Missing* | what it means that there is no number; missing is *not available* or *not known*, never zero |
| *Reads* | every column of the [data contract](data-contract.md) that the number depends on |

### A worked example

T is 29 February 2024. Ann is recorded as suspect in four domestic crimes, each with another or the same victim:

| incident | last day of conduct | reported and recorded | victim | days before T |
|---|---|---|---|---|
| I1 | 2023-03-02 | 2023-03-02 | cy | 364 |
| I2 | 2023-03-01 | 2023-03-01 | cy | 365 |
| I3 | 2022-01-10 | 2024-02-20 | di | 780 |
| I4 | 2024-02-25 | 2024-03-05 | cy | 4 |

I4 was recorded after T, so as of T it does not exist. A window of 365 days holds today and the 364 days before: I1
counts, I2 does not. I3 was reported late: it is old by its day of occurrence and new by its day of report. So as of
T:

| indicator | number | because |
|---|---|---|
| `domestic_incidents_ever` | 3 | I1, I2, I3; I4 is not known yet |
| `domestic_incidents_365` | 1 | I1, on the first day of the window |
| `days_since_last_domestic` | 364 | I1 is the last that is known |
| `incidents_reported_90` | 1 | I3, by its day of report |
| `newly_reported_non_recent_90` | 1 | I3 had occurred more than 365 days before its report |
| `victims_ever` | 2 | cy and di |
| `victims_365` | 1 | cy |
| `new_victims_365` | 0 | cy is in I2, before the window |
| `same_victim_most_ever` | 2 | cy, in I1 and I2 |
| `gap_last_1095` | 1 | from I2 to I1 |
| `report_delay_max_ever` | 771 | I3 |

As of 19 February 2024 I3 does not exist either, and `domestic_incidents_ever` is 2.
"""

WORDS = """\
## Words

- **As of T**: the end of that day. A row version counts if it was known by then and not yet corrected or withdrawn.
  `drive-panel timetravel` proves it: with everything recorded after T removed or replaced at random, every number
  as of T stays the same bit for bit.
- **Incident**: one recorded crime or non-crime, counted once for a person however many victims it has.
- **Day of occurrence**: the *last day of the conduct*: `occurred_to`, but not after the report; else
  `occurred_from`. A pattern such as coercive control is as recent as its last day. A hearing counts on the day it
  was heard, an order and a spell in custody on the first day, a breach on its own day.
- **Day of report**: `reported_on`, of a hearing the referral; the day of occurrence where it is not recorded. A
  report dated after T does not count.
- **Pair**: one suspect and one victim of one incident. Victims, repeats and relationships are counted over pairs; an
  incident with two victims is two pairs. Recorded pairs count. Where no pair of an incident is recorded and there is
  exactly one suspect and one victim, the pair is **derived** from them; else the victim is unknown.
- **Victim, counterpart**: the other person of a pair or hearing.
- **Crime**: an incident recorded as one. Every other is a non-crime incident, of zero harm days whatever its code.
- **Harm days**: the starting-point sentence of the offence for a first offender. A code without one is unknown, not
  zero: a sum leaves it out, and is missing where there are crimes in the window and none of them has a known harm.
- **Stated**: relationship and risk grade are overwritten in place by record systems. They count from the day they
  were stated, that day included: the day of the extract that told them, even for older incidents, or the row's own
  day where the source says since when it held. Before it, and for a person none of whose events has a stated value,
  the number is missing. A code outside the contract's list and a relationship whose source is `unknown` count as
  not recorded, a derived pair has no relationship, and a risk tool counts only beside a known grade.
- **Hearing**: one MARAC case, that is one victim and one person causing harm; a meeting about two such people is two.
  It is there from the day it was heard, so a referral that is still to be heard does not count yet.
- **Day of recording**: when a row entered the record. Nothing counts before it, whatever its other days.
- **Zero or missing**: no matching event in the window is a count of 0. Where there are matching events and what is
  counted about them is known of none (no victim identified, no harm known), the number is missing. Shares, gaps and
  days since are missing where there is nothing to divide or to measure.
- **In all that is known** (`_ever`): every age, from what had been recorded by T.
- **Delivered, recorded at all**: a number is missing where its table was not delivered, or where no record known at T,
  of anybody, has a value in an optional column that it needs.
- **Same day**: two incidents of one day lie 0 days apart and count as two.

**Never read**: protected characteristics, names, age, postcode, area, health needs, stop and search, nationality;
nor outcomes, arrests, other schemes, what panels decided, and anything else that a record system overwrites without
a date (cohabitation, separation, the end of custody or of an order). The catalogue refuses an indicator that tries.

**Serial, repeat, MARAC repeat** have no one meaning, and agencies that differ find different people. Each
definition is an indicator of its own: `serial_northumbria`, `serial_college`, `serial_bristol`, `serial_partners`,
`named_twice_v100`; `repeat_bristol`, `potential_escalation`; `marac_repeat_current_730`, `marac_repeat_older_730`,
`marac_repeat_marked_730`.
"""

ADDING = """\
## Adding an indicator

An indicator is one entry in one file of `features/entries/`; nothing else computes anything new. Say we want
threats of the last year:

```python
from features import CATALOGUE, Catalogue, Indicator
from features.kinds import Flag, Kind
from features.measures import Count
from features.selection import Selection
from values import Window

threats = Indicator(
    "threats_365",                                                   # column name: what, then the days
    "How many domestic incidents in the last 365 days were threats?",  # the question it answers
    "incidents",                                                     # unit
    "offence families",                                              # group, for reasons
    Count(Selection(Kind.INCIDENT, flags=Flag.DOMESTIC, families=("threats",)), Window(365)),
    "+",                                                             # direction it may push the score
    "Known to precede grave harm, and ranked low by harm weights alone.",  # why
    "Home Office offence codes, grouped in the offence reference",   # source of the definition
    "Offence codes are not recorded at all.",                        # what a missing number means
)
catalogue = Catalogue([*CATALOGUE, threats])
```

The measure says all there is to compute: `Count`, `Total` and `Largest` (harm), `Distinct`, `New`, `MostWithOne`,
`Repeated`, `DaysSince`, `Gap`, `Delay`, `Slope`, `After`, `Reversed`, `Ratio`, `Difference`, `Meets`. Clock, window
and the columns that are read follow from it:

```python
assert (threats.window.days, threats.clock) == (365, "occurred")
assert "incidents.offence_code" in catalogue.reads_of("threats_365")
```

Every column is checked against the data contract when the catalogue is built; what may not be read is refused by
name:

```python
import dataclasses
from features.errors import CatalogueError

try:
    Catalogue([dataclasses.replace(threats, reads=("dyads.cohabiting",))])
except CatalogueError as refused:
    assert "dyads.cohabiting, which record systems overwrite without a date" in str(refused)
```

The same question over several windows is one entry too: `over(...)` in `features/entries/vocabulary.py`. Then:

1. put the entry among the `INDICATORS` of its group's file in `features/entries/`;
2. answer the same question a second time, in plain Python, in `benchmarks/oracle/answers/`;
3. run `python -m features.document > docs/indicators.md` and the tests of `tests/features`.

The catalogue version changes, so bundles trained before it ask to be trained again.
"""
