"""What can be asked of a made-up force: size, span, seed, areas and planted defects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from synthetic.errors import PlantError, SettingsError

EXTRACT_DATE = date(2026, 3, 31)
"""The day on which every made-up extract is drawn; never the clock."""

DEFAULT_AREAS: Mapping[str, float] = MappingProxyType(
    {
        "castlebridge": 0.26,
        "eastmere": 0.22,
        "fernholt": 0.18,
        "ostermoor": 0.14,
        "pellwick": 0.11,
        "saltrow": 0.09,
    }
)
"""Made-up areas and the share of people who live in each; no real place is meant."""

LOW_REPEAT_AREA = "saltrow"
"""The area whose MARAC hears few repeats, as three West Wales MARACs did in 2015/16."""

COMMUNITIES = ("white", "mixed", "asian", "black", "other")

_OPTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "late_recording": frozenset({"area"}),
        "retro_status": frozenset(),
        "counter_allegation": frozenset({"n"}),
        "over_policed": frozenset({"area", "community", "n"}),
        "under_recorded": frozenset({"area", "community"}),
        "leaking_column": frozenset(),
        "feedback_loop": frozenset({"n"}),
        "charge_bias": frozenset({"area", "community"}),
        "hidden_control": frozenset({"n"}),
        "partner_agency_only": frozenset({"n"}),
        "regime_break": frozenset(),
        "it_cutover": frozenset({"area"}),
        "duplicate_records": frozenset(),
        "wrong_merges": frozenset({"n"}),
        "unrecorded_ethnicity": frozenset({"area", "community"}),
        "relationship_missing": frozenset({"area"}),
        "unmapped_codes": frozenset(),
        "serial_flags": frozenset(),
        "bad_rows": frozenset(),
        "deliveries": frozenset({"n", "kind"}),
    }
)

PLANTS = tuple(_OPTIONS)
"""The names of the defects that can be planted."""


@dataclass(frozen=True)
class Plant:
    """One defect to plant, with its options.

    >>> Plant.parse("over_policed:area=castlebridge,community=black").options["community"]
    'black'
    """

    name: str
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in _OPTIONS:
            raise PlantError(f"There is no plant {self.name!r}.", f"Choose one of: {', '.join(PLANTS)}.")
        unknown = sorted(set(self.options) - _OPTIONS[self.name])
        if unknown:
            allowed = ", ".join(sorted(_OPTIONS[self.name])) or "none"
            raise PlantError(f"The plant {self.name} takes no option {unknown[0]!r}.", f"Its options: {allowed}.")
        if self.options.get("community", "black") not in COMMUNITIES:
            raise PlantError(
                f"There is no community {self.options['community']!r}.",
                f"Choose one of: {', '.join(COMMUNITIES)}.",
            )
        if self.options.get("kind", "full") not in ("full", "changes"):
            raise PlantError(f"There is no kind of delivery {self.options['kind']!r}.", "Choose full or changes.")
        number = self.options.get("n", "1")
        if not (number.isascii() and number.isdigit()) or int(number) < 1:
            raise PlantError(f"{number!r} is no number of people or incidents.", "Write n as a whole number above 0.")

    @classmethod
    def parse(cls, text: str) -> Plant:
        """Read ``NAME`` or ``NAME:key=value,key=value``.

        Raises
        ------
        PlantError
            If the name, an option or the form is not known; the message lists the choices.
        """
        name, _, rest = text.strip().partition(":")
        options: dict[str, str] = {}
        for part in filter(None, (piece.strip() for piece in rest.split(","))):
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals or not key or not value or key in options:
                raise PlantError(
                    f"The option {part!r} of plant {name!r} cannot be read.", "Write NAME:key=value,key=value."
                )
            options[key] = value
        return cls(name, options)

    def __str__(self) -> str:
        options = ",".join(f"{key}={value}" for key, value in sorted(self.options.items()))
        return f"{self.name}:{options}" if options else self.name


@dataclass(frozen=True)
class ForceSettings:
    """Size and shape of a made-up force.

    Parameters
    ----------
    persons
        People the world model makes suspects (victims come on top; so do the few people who are suspects
        only because a counter-allegation was recorded against them).
    years
        Years of history before the extract date.
    seed
        Same settings and seed give byte-identical files.
    areas
        Made-up areas and the share of people living in each.
    plants
        Defects to plant; the world beneath them stays the same.

    Raises
    ------
    SettingsError, PlantError
        If a number is out of range, or a plant names an area that the force does not have.
    """

    persons: int = 80_000
    years: int = 8
    seed: int = 2026
    areas: Mapping[str, float] = field(default_factory=lambda: DEFAULT_AREAS)
    plants: tuple[Plant, ...] = ()

    def __post_init__(self) -> None:
        if not 100 <= self.persons <= 2_000_000:
            raise SettingsError(
                f"A made-up force has 100 to 2,000,000 suspects, not {self.persons}.", "Change --persons."
            )
        if not 1 <= self.years <= 20:
            raise SettingsError(f"A made-up force has 1 to 20 years, not {self.years}.", "Change --years.")
        if self.seed < 0:
            raise SettingsError(f"A seed is not negative, unlike {self.seed}.", "Change --seed.")
        if not self.areas or min(self.areas.values()) <= 0:
            raise SettingsError("Every area needs a share above zero.", "Change the areas.")
        for plant in self.plants:
            area = plant.options.get("area")
            if area is not None and area not in self.areas:
                raise PlantError(
                    f"The plant {plant.name} names the area {area!r}, which this force does not have.",
                    f"Choose one of: {', '.join(self.areas)}.",
                )

    @property
    def start(self) -> date:
        """The first day of history."""
        return EXTRACT_DATE.replace(year=EXTRACT_DATE.year - self.years)
