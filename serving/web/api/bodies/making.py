"""What somebody asked for and the batch side makes: reports of audits, governance papers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class MakingOut(BaseModel):
    """What was asked for and is not made: it waits, is being made, or failed.

    `why` is empty where it only takes its time; else ask again.
    """

    state: Literal["waiting", "running", "failed"]
    asked_by: str
    asked_at: str
    seen_at: str
    step: str
    done: int
    total: int
    why: str


class AskedFor(BaseModel):
    """What is being made of a run now that it is asked for; null where a call that came again finds it made."""

    run: str
    making: MakingOut | None
