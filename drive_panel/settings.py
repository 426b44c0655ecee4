"""The one settings object, read from the environment and passed down as arguments."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

Seat = Literal["owner", "web", "batch", "reviewer"]
"""Who works on the database: on PostgreSQL each has a role of its own with the least rights that do."""


@dataclass(frozen=True)
class DatabaseURLs:
    """Where PostgreSQL is, for each seat; nothing at all where the workspace's SQLite files are used.

    Parameters
    ----------
    owner
        Migrates, backs up, moves and erases; every other seat uses it where it has no URL of its own.
    required
        Whether a process without any URL is refused, and does not fall back to SQLite files.
    """

    owner: str | None = None
    web: str | None = None
    batch: str | None = None
    reviewer: str | None = None
    required: bool = False

    def of(self, seat: Seat) -> str | None:
        """Return the URL of a seat; None for SQLite."""
        own: str | None = getattr(self, seat)
        return own or self.owner

    def reaches(self, seat: Seat) -> bool:
        """Say whether this process knows how a seat reaches the databases: files, or PostgreSQL by its URL."""
        return self.of(seat) is not None or self == SQLITE


SQLITE = DatabaseURLs()


class Settings(BaseSettings):
    """Where the workspace is and in which mode the program runs.

    Environment variables carry the prefix ``DRIVE_PANEL_``, for example ``DRIVE_PANEL_HOME``. What systemd hands over
    (``LoadCredential=drive_panel_database_url:FILE``) counts where the environment says nothing.
    """

    model_config = SettingsConfigDict(env_prefix="DRIVE_PANEL_")

    home: Path = Path("workspace")
    mode: Literal["live", "demo"] | None = None
    erasures: Path | None = None
    database: Literal["postgresql"] | None = None
    database_url: str | None = None
    database_url_web: str | None = None
    database_url_batch: str | None = None
    database_url_reviewer: str | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then credentials."""
        credentials = SecretsSettingsSource(settings_cls, secrets_dir=os.environ.get("CREDENTIALS_DIRECTORY"))
        return init_settings, env_settings, credentials

    @property
    def databases(self) -> DatabaseURLs:
        """Where PostgreSQL is; blank counts as not said."""
        return DatabaseURLs(
            owner=self.database_url or None,
            web=self.database_url_web or None,
            batch=self.database_url_batch or None,
            reviewer=self.database_url_reviewer or None,
            required=self.database == "postgresql",
        )
