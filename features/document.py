"""Write docs/indicators.md from the catalogue: ``python -m features.document > docs/indicators.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from features.catalogue import CATALOGUE, Catalogue
from features.indicator import GROUPS, Indicator

_HEAD = """\
# Indicators

{count} numbers about a person as of a date T (the end of that day). Written by `python -m features.document`
from the catalogue itself; catalogue version `{version}`.

- They are made of what had been recorded by T and nothing later. `drive-panel timetravel` proves it: with
  everything recorded after T removed or replaced at random, every number as of T stays the same bit for bit.
- A record is an allegation, not a finding. "As suspect" means recorded in that role.
- An incident counts on the *last day of its conduct*: `occurred_to`, but not after the report; else
  `occurred_from`. A pattern such as coercive control is as recent as its last day. On the report clock it
  counts on `reported_on`, or on the last day where no report date is recorded.
- A window of 365 days holds today and the 364 days before.
- A missing number means *not available* or *not known*, never zero. A count of zero says what was recorded,
  not what happened.
- Which victim: the recorded pairs; where no pair of an incident is recorded and exactly one suspect and one
  victim are, the pair follows from them; else the victim is unknown.
- *Push* is the direction in which a higher number may move the score. "none" leaves the direction to the model.
- Relationship and risk grade are overwritten in place by record systems. They count from the day they were *stated*:
  that of the extract that told them, unless the record says since when it held; before it they are not available.
- Never read: protected characteristics, names, age, postcode, area, health needs, stop and search, nationality;
  nor outcomes, arrests and anything else that a record system overwrites without a date (cohabitation, the
  end of custody or of an order). The catalogue refuses an indicator that tries.
"""

_TAIL = """\
## Adding an indicator

An indicator is one entry in one file of `features/entries/`:

```python
Indicator(
    "threats_ever",                                                  # column name
    "How many domestic incidents known at all were threats?",        # the question it answers
    "incidents",                                                     # unit
    "offence families",                                              # group, for reasons
    Count(Selection(Kind.INCIDENT, flags=Flag.DOMESTIC, families=("threats",)), EVER),
    "+",                                                             # direction it may push the score
    "Known to precede grave harm.",                                  # why
    "Home Office offence codes, grouped in the offence reference",   # source of the definition
    "Offence codes are not recorded at all.",                        # what a missing number means
)
```

The measure says all there is to compute: `Count`, `Total` and `Largest` (harm), `Distinct`, `New`, `MostWithOne`,
`DaysSince`, `Gap`, `Slope`, `After`, `Reversed`, `Ratio`, `Meets`. Which columns it reads follows from it and is
checked against the data contract when the catalogue is built. Then write the same number in plain Python in
`benchmarks/oracle/answers/` (`tests/features/test_features_oracle.py` fails until it is there) and run
`python -m features.document`. The catalogue version changes, so bundles trained before it ask to be trained again.
"""


def document(catalogue: Catalogue = CATALOGUE) -> str:
    """Return the document as Markdown."""
    head = _HEAD.format(count=len(catalogue), version=catalogue.version.short)
    return "\n".join([head, *_groups(catalogue), _TAIL])


def _groups(catalogue: Catalogue) -> Iterator[str]:
    for group in GROUPS:
        members = [indicator for indicator in catalogue if indicator.group == group]
        if members:
            yield f"## {group.capitalize()}\n"
            yield from (_entry(indicator) for indicator in members)


def _entry(indicator: Indicator) -> str:
    clock = "day of report" if indicator.clock == "reported" else "day of occurrence"
    lines = [
        f"### `{indicator.name}`\n",
        f"{indicator.question}\n",
        f"- Unit: {indicator.unit}. Window: {indicator.window}, by {clock}.",
        f"- Push: {indicator.push}. {indicator.why}",
        f"- Source: {indicator.source}.",
        f"- Missing: {indicator.absence}",
        f"- Reads: {', '.join(f'`{column}`' for column in indicator.reads)}.\n",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(document())
