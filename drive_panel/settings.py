"""The one settings object, read from the environment and passed down as arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where the workspace is and in which mode the program runs.

    Environment variables carry the prefix ``DRIVE_PANEL_``, for example ``DRIVE_PANEL_HOME``.
    """

    model_config = SettingsConfigDict(env_prefix="DRIVE_PANEL_")

    home: Path = Path("workspace")
    mode: Literal["live", "demo"] | None = None
