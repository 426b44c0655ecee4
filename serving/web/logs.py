"""Logs as JSON lines that hold no value of any request: a message's template, a kind of error, a place in the code."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import structlog

_ROOT = Path(__file__).resolve().parents[2]
_FRAMES = 8
_NO_VALUES = ("uvicorn",)  # loggers whose own values are addresses and process numbers of this machine


def configure(stream: TextIO) -> None:
    """Send every log line of the process to `stream`, one JSON object a line.

    Lines of libraries come without their values, since nobody promises what those hold.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutValues())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in _NO_VALUES:
        logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger("uvicorn.access").disabled = True  # its lines hold addresses of pages


def places(problem: BaseException) -> list[str]:
    """Return where in the code an error arose, innermost last: files, lines and functions, never what they held."""
    frames = traceback.extract_tb(problem.__traceback__)[-_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


class WithoutValues(logging.Formatter):
    """Writes a library's log line as its template, and an error as its kind and place."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        plain = record.name.startswith(_NO_VALUES) and not record.exc_info
        line: dict[str, object] = {
            "event": (record.getMessage() if plain else str(record.msg)).strip(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["kind"], line["places"] = type(record.exc_info[1]).__name__, places(record.exc_info[1])
        return json.dumps(line, sort_keys=True)


def _short(filename: str) -> str:
    path = Path(filename)
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name
