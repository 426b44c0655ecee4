"""Whose place at the line rests on chance: the champion fitted again on shuffled rows, other seeds, people drawn anew.

Rows in another order and more threads must give the identical list. Other seeds and people drawn with replacement
(each with all their dates) give lists that the same records could as well have given. People who stand above the line
in some of these and below in others, or tie at it, are interchangeable to the ranking: their order is no finding.

Everything is done on the last split: the list is one for people whose outcomes the fit had not seen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.candidates import LEARNED, SEEDED
from training.lists import Floats, Ints, Lists, places_within, selection_share
from training.over_time import rank_correlation
from training.refitting import Refitting
from training.selection import rounded
from training.stages import Stages
from values import Hash, Progress, digest, silent

Mask = npt.NDArray[np.bool_]
_SMALLEST_COUNT = 10
_ALL = 1.0 - 1e-9
_NINE_IN_TEN = 0.9
_THREADED_ROWS = 4_000


def certify(
    refitting: Refitting, first: Floats, stages: Stages | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Return how far a ranker's list at one test date rests on chance, as plain JSON values: aggregates only.

    Parameters
    ----------
    first
        The margins after the fit as declared, which the others are compared with.
    stages
        Where each refit is kept, so that a run that is stopped need not begin anew.

    Returns
    -------
    dict
        as_of, k, areas; identical (whether shuffled rows and two threads give the same list); seeds and bootstrap,
        each with refits, kept (share of places that stay the same people's: mean) and least_kept, rank_correlation
        (mean); and the band over all of these: always_above (share of places), interchangeable (people who are above
        in some lists and below in others, or tie at the line), from_place and to_place (the first and the last place,
        in their area's list, of anybody who is), reach (the distance in margin from the line within which nine in ten
        of those stood who changed sides of it; None without refits, or where fewer than ten did). A list that learns
        nothing has no refits, one without a seed none by seed: they would be the same.
    """
    lists, kind, k = refitting.lists(), refitting.ranker.kind, refitting.settings.capacity.k
    made, stages = refitting.settings.certificate, stages or Stages()
    seeds = [_with_seed(refitting, number + 1) for number in range(made.seed_refits * (kind in SEEDED))]
    bootstraps = [_of_people_drawn(refitting, number) for number in range(made.bootstrap_refits * (kind in LEARNED))]
    margins = []
    for number, other in enumerate([*seeds, *bootstraps]):
        progress("certificate", number, len(seeds) + len(bootstraps) + 1)
        margins.append(stages.array(f"certificate-{refitting.ranker.name}-{number}", other))
    identical = stages.value(
        f"identical-{refitting.ranker.name}",
        bool,
        lambda: _shuffled(refitting) == list_hash(refitting, first) and _alike_in_threads(refitting),
    )
    progress("certificate", len(margins) + 1, len(margins) + 1)
    certificate: dict[str, Any] = rounded(
        {
            "as_of": refitting.as_of,
            "k": k,
            "areas": len(lists.groups()),
            "identical": identical,
            "seeds": _alike(lists, first, margins[: len(seeds)], k),
            "bootstrap": _alike(lists, first, margins[len(seeds) :], k),
            **_band(lists, first, margins, k),
        }
    )
    return certificate


def _shuffled(refitting: Refitting) -> Hash:
    """Return the list's hash after a fit on shuffled rows, scored in another order."""
    generator = np.random.default_rng(refitting.settings.seed)
    rows, weight = refitting.training
    order, scored = generator.permutation(len(rows)), generator.permutation(len(refitting.rows))
    other = dataclasses.replace(refitting, training=(rows[order], weight[order]), rows=refitting.rows[scored])
    return list_hash(other, other.margin())


def _alike_in_threads(refitting: Refitting) -> bool:
    """Say whether two threads give the list that one gives; on a few thousand rows, for two that share a core crawl."""
    if refitting.ranker.kind not in SEEDED:
        return True
    rows, weight = refitting.training
    some = np.linspace(0, len(rows) - 1, min(len(rows), _THREADED_ROWS)).astype(int)
    hashes = set()
    for threads in (1, 2):
        parameters = {**refitting.ranker.parameters, "threads": threads}
        ranker = refitting.ranker.model_copy(update={"parameters": parameters})
        other = dataclasses.replace(refitting, ranker=ranker, training=(rows[some], weight[some]))
        hashes.add(list_hash(other, other.margin()))
    return len(hashes) == 1


def _with_seed(refitting: Refitting, number: int) -> Callable[[], Floats]:
    return lambda: refitting.margin(seed=refitting.settings.seed + number)


def _of_people_drawn(refitting: Refitting, number: int) -> Callable[[], Floats]:
    """Return what gives the margins after a fit on people drawn with replacement, each with all their dates."""

    def margins() -> Floats:
        rows, weight = refitting.training
        people, person = np.unique(refitting.material.spine["person_id"].to_numpy(object)[rows], return_inverse=True)
        generator = np.random.default_rng([refitting.settings.seed, number])
        copies = np.bincount(generator.integers(0, len(people), len(people)), minlength=len(people))[person]
        drawn = copies > 0
        return dataclasses.replace(refitting, training=(rows[drawn], weight[drawn] * copies[drawn])).margin()

    return margins


def list_hash(refitting: Refitting, margins: Floats) -> Hash:
    """Return the hash of who stands where in which area's list; people who tie share a place."""
    spine = refitting.material.spine.iloc[refitting.rows]
    place = places_within(margins, refitting.lists().groups())
    table = pd.DataFrame({"area": spine["area"].to_numpy(), "place": place, "person": spine["person_id"].to_numpy()})
    return digest(table.sort_values(["area", "place", "person"]).to_numpy().tolist())


def _alike(lists: Lists, first: Floats, others: list[Floats], k: int) -> dict[str, Any]:
    share = selection_share(first, lists.groups(), k)
    kept = [float(np.minimum(share, selection_share(o, lists.groups(), k)).sum() / share.sum()) for o in others]
    ranks = [rank_correlation(first, other) for other in others]
    known = [rank for rank in ranks if rank is not None]
    return {
        "refits": len(others),
        "kept": float(np.mean(kept)) if kept else None,
        "least_kept": min(kept, default=None),
        "rank_correlation": float(np.mean(known)) if known else None,
    }


def _band(lists: Lists, first: Floats, others: list[Floats], k: int) -> dict[str, Any]:
    """Return who changes sides of the line, or ties at it in any list."""
    groups = lists.groups()
    above = np.mean([selection_share(each, groups, k) for each in (first, *others)], axis=0)
    inside = (above > 1.0 - _ALL) & (above < _ALL)
    place = places_within(first, groups)[inside]
    people = int(inside.sum())
    return {
        "always_above": float((above >= _ALL).sum() / selection_share(first, groups, k).sum()),
        "interchangeable": people if people == 0 or people >= _SMALLEST_COUNT else f"fewer than {_SMALLEST_COUNT}",
        "from_place": int(place.min()) if people else None,
        "to_place": int(place.max()) if people else None,
        "reach": _reach(first, others, groups, inside, k),
    }


def _reach(first: Floats, others: list[Floats], groups: list[Ints], inside: Mask, k: int) -> float | None:
    """Return how far in margin from their list's line nine in ten of those stood who changed sides of it.

    A single person's distance is never told, so that this is not known where fewer than ten changed sides.
    """
    distance = np.full(len(first), np.nan)
    for rows in groups:
        if len(rows) > k:
            distance[rows] = np.abs(first[rows] - np.sort(first[rows])[-k])
    changed = distance[inside & ~np.isnan(distance)]
    if not others or len(changed) < _SMALLEST_COUNT:
        return None
    return float(np.quantile(changed, _NINE_IN_TEN, method="higher"))


def lines(certificate: dict[str, Any]) -> list[str]:
    """Return the certificate in plain English lines."""
    same = "give the identical list" if certificate["identical"] else "DO NOT give the same list: do not rely on it"
    told = [f"Certificate as of {certificate['as_of']}: shuffled rows and two threads {same}."]
    for name, what in (("seeds", "Other seeds"), ("bootstrap", "People drawn anew")):
        alike = certificate[name]
        if alike["refits"]:
            times = "one refit" if alike["refits"] == 1 else f"{alike['refits']} refits"
            told.append(
                f"  {what} ({times}): on average {alike['kept']:.0%} of the places stay the same people's, "
                f"at least {alike['least_kept']:.0%}."
            )
    if certificate["interchangeable"]:
        places = f"places {certificate['from_place']} to {certificate['to_place']}"
        told.append(
            f"  At {certificate['k']} places an area {certificate['always_above']:.0%} of the places are the same "
            f"people's in every list; {certificate['interchangeable']} people ({places}) are above it in some and "
            "below in others, or tie at it: their order is no finding."
        )
    return told
