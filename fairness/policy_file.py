"""Reading a policy from YAML, so that every fault is told with its line and column."""

from __future__ import annotations

from pathlib import Path

from fairness.errors import PolicyError
from fairness.policy_schema import Policy
from fairness.yaml_file import read_model

SHIPPED = Path(__file__).parent / "policy.yaml"
_SEE = "Correct it; docs/fairness.md explains every field."


def read_policy(path: Path = SHIPPED) -> Policy:
    """Return the policy in `path` without asking whether it could ever pass.

    Raises
    ------
    PolicyError
        With file, line and column, if the file is no YAML, repeats a key or breaks the schema.
    """
    return read_model(path, Policy, PolicyError, _SEE)
