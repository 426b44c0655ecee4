"""Reviewers' own signing keys: making one, letting it stand for a reviewer, taking that back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import emit
from values import DrivePanelError

app = typer.Typer()
reviewer_app = typer.Typer(help="Reviewers' own signing keys for the command line.", no_args_is_help=True)
app.add_typer(reviewer_app, name="reviewer")

PassphraseFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Read the key's passphrase from a file instead of asking for it.")
]


def passphrase(file: Path | None, again: bool = False) -> str:
    """Return a passphrase, from a file or as it is typed; it is never an argument, which others could read."""
    if file is None:
        typed: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=again, err=True)
        return typed
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise DrivePanelError(f"{file.name} cannot be read as a passphrase.", "Name a readable text file.") from None


@reviewer_app.command(epilog="Example: drive-panel reviewer enrol --key my.key")
@reports_errors
def enrol(
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="Where to keep your private key: a new file.")],
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Make a key of your own; an administrator registers its public half before it counts."""
    from serving.keys import ReviewerKey
    from serving.release.signing import key_name

    made = ReviewerKey.make(key, passphrase(passphrase_file, again=True))
    public = key.with_name(f"{key.name}.pub")
    public.write_text(made.public_key + "\n", encoding="ascii")
    name = key_name(made.public_key)
    lines = [
        f"Your private key {name} is in {key}; nobody else may have it or its passphrase.",
        f"Give {public} to an administrator, and read the name {name} to them over another channel.",
    ]
    emit({"key": name, "public_key": made.public_key, "public_file": str(public)}, lines, as_json)


@reviewer_app.command(epilog="Example: drive-panel reviewer register my.key.pub --reviewer r.jones")
@reports_errors
def register(
    context: typer.Context,
    public: Annotated[Path, typer.Argument(metavar="PUB", help="The .pub file that enrolling made.")],
    reviewer: Annotated[str, typer.Option(metavar="NAME", help="Whose it is, as `users list` names them.")],
    as_json: Json = False,
) -> None:
    """Let a public key stand for a reviewer from now on, in the areas of their account.

    The ledger keeps which account of this machine ran the command; nobody registers a key of their own.
    """
    from drive_panel.workflows.access import operator
    from drive_panel.workflows.release import batch_service

    try:
        digits = public.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise DrivePanelError(f"{public.name} cannot be read.", "Name the .pub file that enrolling made.") from None
    with batch_service(workspace_of(context), "owner") as service:
        name = service.register_key(digits, reviewer, operator())
    lines = [f"{name} stands for {reviewer}. Compare the name with what they read to you."]
    emit({"key": name, "reviewer": reviewer}, lines, as_json)


@reviewer_app.command(epilog="Example: drive-panel reviewer revoke K-0a1b2c3d4e5f --reason 'Laptop lost'")
@reports_errors
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's name, as `reviewer keys` shows it.")],
    reason: Annotated[str, typer.Option(help="Why, in your own words.")],
    as_json: Json = False,
) -> None:
    """Let a key sign nothing any more; what it signed before stands."""
    from drive_panel.workflows.access import operator
    from drive_panel.workflows.release import batch_service

    with batch_service(workspace_of(context), "owner") as service:
        service.revoke_key(key, operator(), reason)
    emit({"key": key, "revoked": True}, [f"{key} signs nothing any more."], as_json)


@reviewer_app.command(epilog="Example: drive-panel reviewer keys")
@reports_errors
def keys(context: typer.Context, as_json: Json = False) -> None:
    """List every key that was registered."""
    from drive_panel.workflows.release import batch_service

    with batch_service(workspace_of(context)) as service:
        found = service.reviewer_keys()
    lines = [
        f"{each['key']}  {each['reviewer']}  registered by {each['by']} on {each['at'][:10]}"
        + (f", revoked on {each['revoked'][:10]}" if each["revoked"] else "")
        for each in found
    ]
    emit({"keys": found}, lines or ["No key is registered."], as_json)
