"""Areas in which something can be put on file: the person's own, for which a list was scored."""

from __future__ import annotations

from serving.errors import FilingRefused
from serving.people import Person
from serving.service import Service


def need_scored(service: Service, by: Person, area: str) -> None:
    """Pass where an area is the person's and has a list, whatever became of it; raises `NotFound`, `FilingRefused`."""
    by.need_area(area)
    if area not in {run.area for run in service.runs()}:
        raise FilingRefused("No list was ever scored for this area.", "Choose an area that has a list.")
