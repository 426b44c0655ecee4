"""The published figures that a made-up force must reach, and what it reached, measured on its extract alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from synthetic import parameters
from synthetic.columns import numbers_in, replaced
from synthetic.errors import OutputError
from synthetic.incidents import OFFENCE_OF_CODE
from synthetic.risk import area_under_curve
from synthetic.settings import EXTRACT_DATE, LOW_REPEAT_AREA

_EXTRACT = pd.Timestamp(EXTRACT_DATE)
_TWO_YEARS = _EXTRACT - pd.Timedelta(days=730)
_THREE_YEARS = _EXTRACT - pd.DateOffset(years=3)
_RULE = pd.Timestamp("2023-06-01")
_VIOLENCE = {code for code, offence in OFFENCE_OF_CODE.items() if offence.violence}


@dataclass(frozen=True)
class Reading:
    """The current rows of an extract that the targets are measured on.

    Attributes
    ----------
    incidents
        Latest version of each domestic incident, with `harm` (days) and `family`.
    suspects
        One row a domestic incident and suspect: `incident_id`, `person_id`, `status` flags and `arrested_at`.
    dyads, hearings, communities
        As in the extract.
    """

    incidents: pd.DataFrame
    suspects: pd.DataFrame
    dyads: pd.DataFrame
    hearings: pd.DataFrame
    communities: pd.DataFrame


_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "incidents": (
        "incident_id", "domestic", "offence_code", "occurred_from", "reported_on", "is_crime", "outcome_code",
        "outcome_at",
    ),
    "involvements": ("incident_id", "person_id", "role", "status", "arrested_at"),
    "dyads": ("incident_id", "suspect_id", "victim_id"),
    "communities": ("person_id", "sex", "ethnicity_self", "disability"),
}  # fmt: skip


_IDS = {"incident_id", "person_id", "suspect_id", "victim_id", "perpetrator_id"}


def _table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / "extract" / f"{name}.csv"
    if not path.exists():
        raise OutputError(f"{folder.name} holds no extract/{name}.csv.", "Name a folder made by synth.")
    options = pacsv.ConvertOptions(
        strings_can_be_null=True,
        column_types={"offence_code": "string", "outcome_code": "string"},
        include_columns=_COLUMNS.get(name),
    )
    try:
        content = pacsv.read_csv(path, convert_options=options)
    except pa.ArrowInvalid:
        raise OutputError(
            f"extract/{name}.csv holds rows that break the contract, so nothing can be measured on it.",
            "Measure a force made without the plant bad_rows.",
        ) from None
    for column in _IDS & set(content.column_names):  # whole numbers join several times faster than text
        content = replaced(content, column, pa.array(numbers_in(content[column])))
    frame: pd.DataFrame = content.to_pandas(date_as_object=False)
    return frame


def read_extract(folder: Path) -> Reading:
    """Read the extract below `folder` and keep the latest version of each row.

    Raises
    ------
    OutputError
        If the folder holds no made-up extract.
    """
    incidents = _table(folder, "incidents").drop_duplicates("incident_id", keep="last")
    incidents = incidents[incidents["domestic"]]
    harm = {code: offence.harm_days for code, offence in OFFENCE_OF_CODE.items()}
    family = {code: offence.family for code, offence in OFFENCE_OF_CODE.items()}
    incidents = incidents.assign(
        harm=incidents["offence_code"].map(harm).fillna(0.0),
        family=incidents["offence_code"].map(family).fillna("non_crime"),
    )
    roles = _table(folder, "involvements")
    roles = roles[roles["role"] == "suspect"]
    charged = roles.loc[roles["status"].isin(["charged", "convicted"]), ["incident_id", "person_id"]]
    suspects = roles.drop_duplicates(["incident_id", "person_id"], keep="last")
    suspects = suspects.merge(charged.drop_duplicates().assign(charged=True), how="left")
    suspects = suspects.assign(charged=suspects["charged"].eq(True))
    kept = ["incident_id", "occurred_from", "reported_on", "is_crime", "harm", "family"]
    return Reading(
        incidents,
        suspects.merge(incidents[kept], on="incident_id"),
        _table(folder, "dyads").merge(incidents[["incident_id", "occurred_from"]], on="incident_id"),
        _table(folder, "marac_hearings"),
        _table(folder, "communities"),
    )


def _records_in_two_years(reading: Reading) -> pd.Series:
    recent = reading.suspects[reading.suspects["occurred_from"] > _TWO_YEARS]
    return recent.groupby("person_id").size()


def one_record(reading: Reading) -> float:
    """Share of suspects of the last two years with one domestic record in them."""
    return float((_records_in_two_years(reading) == 1).mean())


def five_records(reading: Reading) -> float:
    """Share of suspects of the last two years with five or more domestic records in them."""
    return float((_records_in_two_years(reading) >= 5).mean())


def top_harm(reading: Reading) -> float:
    """Share of harm days of the last two years held by the top 3 % of its suspects."""
    recent = reading.suspects[reading.suspects["occurred_from"] > _TWO_YEARS]
    harm = recent.groupby("person_id")["harm"].sum().sort_values(ascending=False)
    return float(harm.iloc[: max(1, round(0.03 * len(harm)))].sum() / harm.sum())


def no_prior(reading: Reading) -> float:
    """Share of incidents of 365 harm days or more whose suspect had no earlier domestic record."""
    ordered = reading.suspects.sort_values(["person_id", "occurred_from", "incident_id"], kind="stable")
    first = ~ordered.duplicated("person_id")
    return float(first[ordered["harm"] >= 365].mean())


def escalation(reading: Reading) -> float:
    """Serious share of third and later incidents over that of first ones, within people with three or more.

    Each person counts once, so that people with long histories do not stand for escalation. Without
    strangulation, which became an offence of its own in June 2022.
    """
    ordered = reading.suspects.sort_values(["person_id", "occurred_from", "incident_id"], kind="stable")
    place = ordered.groupby("person_id").cumcount()
    many = ordered.groupby("person_id")["incident_id"].transform("size") >= 3
    floors = parameters.SERIOUS_FAMILIES - {"strangulation"}
    serious = ordered["family"].isin(floors) | (ordered["harm"] >= parameters.SERIOUS_HARM_DAYS)
    later = serious[many & (place >= 2)].groupby(ordered["person_id"]).mean()
    return float(later.mean() / serious[many & (place == 0)].mean())


def serial(reading: Reading) -> float:
    """Share of suspects of the last three years with two or more victims in them (Northumbria definition)."""
    recent = reading.dyads[reading.dyads["occurred_from"] > _THREE_YEARS]
    return float((recent.groupby("suspect_id")["victim_id"].nunique() >= 2).mean())


def _male(reading: Reading, people: pd.Series) -> float:
    sex = reading.communities.set_index("person_id")["sex"].reindex(people).dropna()
    return float((sex == "male").mean())


def male_suspects(reading: Reading) -> float:
    """Share of men among people ever suspected of domestic abuse (sex recorded)."""
    return _male(reading, pd.Series(reading.suspects["person_id"].unique()))


def female_victims(reading: Reading) -> float:
    """Share of women among victims of domestic crimes (sex recorded)."""
    crimes = reading.incidents.loc[reading.incidents["is_crime"], "incident_id"]
    return 1 - _male(reading, reading.dyads.loc[reading.dyads["incident_id"].isin(crimes), "victim_id"])


def crimed(reading: Reading) -> float:
    """Share of domestic incidents recorded as crimes."""
    return float(reading.incidents["is_crime"].mean())


def counting_rule(reading: Reading) -> float:
    """Fall of the crimed share from before June 2023 to after."""
    after = reading.incidents["reported_on"] >= _RULE
    share = reading.incidents["is_crime"].groupby(after).mean()
    return float(1 - share.get(True, np.nan) / share.get(False, np.nan))


def arrests(reading: Reading) -> float:
    """Arrests per domestic crime."""
    crimes = reading.suspects[reading.suspects["is_crime"]]
    return float(crimes["arrested_at"].notna().sum() / crimes["incident_id"].nunique())


def charges(reading: Reading) -> float:
    """Charges per domestic crime, of crimes old enough to be closed (reported a year before the extract)."""
    crimes = reading.suspects[reading.suspects["is_crime"]]
    crimes = crimes[crimes["reported_on"] < _EXTRACT - pd.Timedelta(days=365)]
    return float(crimes["charged"].sum() / crimes["incident_id"].nunique())


def not_proven(reading: Reading) -> float:
    """Share of outcomes 15 and 16 among closed domestic crimes."""
    closed = reading.incidents["outcome_code"].dropna()
    return float(closed.isin(["15", "16"]).mean())


def violence(reading: Reading) -> float:
    """Share of violence against the person among domestic crimes before June 2023."""
    crimes = reading.incidents[reading.incidents["is_crime"] & (reading.incidents["reported_on"] < _RULE)]
    return float(crimes["offence_code"].isin(_VIOLENCE).mean())


def coercive_control(reading: Reading) -> float:
    """Share of coercive control among domestic crimes."""
    crimes = reading.incidents[reading.incidents["is_crime"]]
    return float((crimes["family"] == "coercive_control").mean())


def hearings_per_crime(reading: Reading) -> float:
    """Domestic crimes for one MARAC hearing."""
    return float(reading.incidents["is_crime"].sum() / len(reading.hearings))


def _mature_hearings(reading: Reading) -> pd.DataFrame:
    heard = reading.hearings["heard_at"]  # in the first year no earlier hearing can be on record
    mature: pd.DataFrame = reading.hearings[heard > heard.min() + pd.Timedelta(days=365)]
    return mature


def marac_repeat(reading: Reading) -> float:
    """Repeat share of MARAC hearings, all areas, after the first year of history."""
    return float(_mature_hearings(reading)["repeat"].mean())


def marac_repeat_low(reading: Reading) -> float:
    """Repeat share of MARAC hearings in the one area with few re-referrals, after the first year."""
    hearings = _mature_hearings(reading)
    return float(hearings.loc[hearings["area"] == LOW_REPEAT_AREA, "repeat"].mean())


def partner_referred(reading: Reading) -> float:
    """Share of MARAC hearings referred by an agency other than the police."""
    return float((reading.hearings["referring_agency"] != "police").mean())


def marac_male(reading: Reading) -> float:
    """Share of men among MARAC victims (sex recorded)."""
    return _male(reading, reading.hearings["victim_id"])


def marac_disabled(reading: Reading) -> float:
    """Share of disabled people among MARAC victims (disability recorded)."""
    known = reading.communities.set_index("person_id")["disability"].reindex(reading.hearings["victim_id"])
    return float((known.dropna() == "yes").mean())


def _ethnicity_missing(reading: Reading) -> pd.Series:
    people = reading.communities.set_index("person_id")
    arrested = reading.suspects.groupby("person_id")["arrested_at"].count() > 0
    return people["ethnicity_self"].reindex(arrested.index).isna().groupby(arrested).mean()


def ethnicity_missing_arrested(reading: Reading) -> float:
    """Share of suspects arrested for domestic abuse whose self-defined ethnicity is not recorded."""
    return float(_ethnicity_missing(reading).loc[True])


def ethnicity_missing_others(reading: Reading) -> float:
    """Share of the other suspects whose self-defined ethnicity is not recorded."""
    return float(_ethnicity_missing(reading).loc[False])


@dataclass(frozen=True)
class Target:
    """A published figure, the range it allows, and how it is measured."""

    name: str
    low: float
    high: float
    source: str
    measure: Callable[[Reading], float]

    @property
    def question(self) -> str:
        """What is measured, in words."""
        return (self.measure.__doc__ or "").strip().partition("\n")[0]


TARGETS: tuple[Target, ...] = (
    Target("one_record", 0.75, 0.78, "Barnham et al. 2017; Bland and Ariel 2015", one_record),
    Target("five_records", 0.01, 0.03, "Bland and Ariel 2015", five_records),
    Target("top_harm", 0.80, 0.90, "Barnham et al. 2017; Bland and Ariel 2015", top_harm),
    Target("no_prior", 0.42, 0.58, "Bland and Ariel 2015: about half", no_prior),
    Target("escalation", 0.80, 1.20, "Bland and Ariel 2015: no general escalation", escalation),
    Target("serial", 0.04, 0.20, "Robinson, Clancy and Hanks 2014", serial),
    Target("male_suspects", 0.75, 0.80, "MOPAC 2022, second hand", male_suspects),
    Target("female_victims", 0.72, 0.74, "ONS YE March 2020, 2022, 2024", female_victims),
    Target("crimed", 0.55, 0.61, "ONS YE March 2019 to 2023", crimed),
    Target("counting_rule", 0.07, 0.10, "Domestic Abuse Commissioner on the June 2023 rules", counting_rule),
    Target("arrests", 0.42, 0.45, "ONS YE March 2024, 2025", arrests),
    Target("charges", 0.06, 0.09, "HMICFRS 2021; ONS 2025", charges),
    Target("not_proven", 0.70, 0.85, "HMICFRS 2021: 55 % and 20 % of closed crimes", not_proven),
    Target("violence", 0.76, 0.79, "ONS YE March 2015, 2016: 77-78 %", violence),
    Target("coercive_control", 0.042, 0.056, "ONS YE March 2023: 4.9 %", coercive_control),
    Target("hearings_per_crime", 6.3, 7.7, "SafeLives and ONS: about seven crimes a case", hearings_per_crime),
    Target("marac_repeat", 0.305, 0.335, "SafeLives: 31-33 %", marac_repeat),
    Target("marac_repeat_low", 0.12, 0.17, "three West Wales MARACs 2015/16", marac_repeat_low),
    Target("partner_referred", 0.34, 0.38, "SafeLives, year to September 2024: 36.1 %", partner_referred),
    Target("marac_male", 0.055, 0.070, "SafeLives: 6.2-6.5 %", marac_male),
    Target("marac_disabled", 0.085, 0.105, "SafeLives: 9-10 %", marac_disabled),
    Target("ethnicity_missing_arrested", 0.04, 0.065, "Dorset arrests 2024: 4.6 %", ethnicity_missing_arrested),
    Target("ethnicity_missing_others", 0.40, 0.60, "HMICFRS 2023; others inferred", ethnicity_missing_others),
)


def realised(folder: Path) -> dict[str, float]:
    """Measure every target on the extract below `folder`; one that its history is too short for is left out."""
    reading = read_extract(folder)
    values = {target.name: target.measure(reading) for target in TARGETS}
    return {name: value for name, value in values.items() if np.isfinite(value)}


def risk_figures(folder: Path) -> dict[str, float]:
    """Return cohort size, share with a grade 2 or 3 outcome and AUC of the true risk, mature dates averaged."""
    risk = pq.read_table(folder / "truth" / "risk.parquet").to_pandas()
    mature = risk.dropna(subset=["outcome"])
    curves = [
        area_under_curve(group["risk"].to_numpy(), group["outcome"].to_numpy(dtype=bool))
        for _, group in mature.groupby("as_of")
    ]
    return {
        "cohort": float(mature.groupby("as_of").size().mean()),
        "outcome_share": float(mature["outcome"].mean()),
        "expected_share": float(mature["risk"].mean()),
        "auc": float(np.mean(curves)),
    }
