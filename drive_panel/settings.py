"""The one settings object, read from the environment and passed down as arguments."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from drive_panel.errors import NotConfigured

_PREFIX = "DRIVE_PANEL_"
_RATE = r"^[1-9][0-9]{0,6}/(second|minute|hour|day)$"
_ADDRESS = r"^(https?://[^\s\"'<>#?]+)?$"
_EXPECTED = {
    "mode": "Write live or demo.",
    "mlflow_address": "Write where browsers reach MLflow, such as https://mlflow.example.",
    "database": "Write postgresql, or leave it out to use SQLite files in the workspace.",
    **dict.fromkeys(("rate_sign_in", "rate_writes", "rate_api"), "Write a number a time, such as 30/minute."),
}
Rate = Annotated[str, Field(pattern=_RATE)]
"""How many requests are answered in which time, such as ``30/minute``."""
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

    model_config = SettingsConfigDict(env_prefix=_PREFIX, hide_input_in_errors=True)

    home: Path = Path("workspace")
    mode: Literal["live", "demo"] | None = None
    erasures: Path | None = None
    database: Literal["postgresql"] | None = None
    database_url: str | None = None
    database_url_web: str | None = None
    database_url_batch: str | None = None
    database_url_reviewer: str | None = None
    rate_sign_in: Rate | None = None
    rate_writes: Rate | None = None
    rate_api: Rate | None = None
    mlflow_address: Annotated[str, Field(pattern=_ADDRESS)] = ""

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

    @property
    def rates(self) -> dict[str, str]:
        """How often somebody may sign in, change something or call the API, where that is said."""
        said = {"sign_in": self.rate_sign_in, "writes": self.rate_writes, "api": self.rate_api}
        return {kind: rate for kind, rate in said.items() if rate is not None}


def read_settings() -> Settings:
    """Return what the environment says.

    Raises
    ------
    NotConfigured
        If a value is none that the setting may have, or a name is nearly that of a setting; values are never repeated,
        since some are secret.
    """
    for given in sorted(name for name in os.environ if name.upper().startswith(_PREFIX)):
        _check_name(given.upper().removeprefix(_PREFIX))
    try:
        return Settings()
    except ValidationError as problem:
        name = str(problem.errors(include_input=False, include_url=False, include_context=False)[0]["loc"][0])
        raise NotConfigured(
            f"{_PREFIX}{name.upper()} has a value that it may not have.", _EXPECTED.get(name, "Correct it.")
        ) from None


def _check_name(given: str) -> None:
    """Refuse a name that is nearly that of a setting: what it was to say would not count, and nobody would know."""
    names = [name.upper() for name in Settings.model_fields]
    near = difflib.get_close_matches(given, names, 1, 0.7)
    if near and given not in names:
        raise NotConfigured(f"There is no setting {_PREFIX}{given}.", f"Write {_PREFIX}{near[0]}.")
