"""What differs between two versions of a policy, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairness.policy_schema import Policy

NOT_THERE = "not there"


def policy_changes(old: Policy, new: Policy) -> list[dict[str, str]]:
    """Return each field that differs: ``field``, ``was``, ``is``, in the order of the new version.

    >>> from fairness import load_policy
    >>> shipped = load_policy()
    >>> policy_changes(shipped, shipped.model_copy(update={"alpha": 0.01}))
    [{'field': 'alpha', 'was': '0.05', 'is': '0.01'}]
    """
    was, now = (dict(_flat("", policy.model_dump(mode="json"))) for policy in (old, new))
    return [
        {"field": field, "was": was.get(field, NOT_THERE), "is": now.get(field, NOT_THERE)}
        for field in dict.fromkeys([*now, *was])
        if was.get(field) != now.get(field)
    ]


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield fields with their values as text; what binds is a field by what it binds, not by its place in the list."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            named = " ".join(map(str, item.values())) if isinstance(item, Mapping) else str(item)
            yield f"{name} {named}", "yes"
    else:
        yield name, str(value)
