"""What whoever runs the service does about people: users, sites, restricted cases."""

from __future__ import annotations

from typing import Annotated

import typer

from drive_panel.commands.shared import Json, reports_errors, workspace_of
from drive_panel.output import emit
from serving.people import SCOPES, Role
from values import AsOf, DrivePanelError

app = typer.Typer()
users_app = typer.Typer(help="Who may sign in, as what and where; service accounts.", no_args_is_help=True)
cases_app = typer.Typer(help="Restricted cases and who is named for them.", no_args_is_help=True)
sites_app = typer.Typer(help="Sites, and who delivers Drive in them.", no_args_is_help=True)
app.add_typer(users_app, name="users")
app.add_typer(sites_app, name="sites")
app.add_typer(cases_app, name="cases")

User = Annotated[str, typer.Argument(metavar="USER", help="The user's short name, as `users list` shows it.")]
Case = Annotated[str, typer.Argument(metavar="PERSON", help="The case's pseudonym, as `cases list` shows it.")]
Areas = Annotated[list[str], typer.Option("--area", metavar="AREA", help="An area; may be repeated; * for every one.")]
SiteName = Annotated[str, typer.Argument(metavar="SITE", help="The site's short name.")]
SiteAreas = Annotated[list[str] | None, typer.Option("--area", metavar="AREA", help="An area; may be repeated.")]
Places = Annotated[int, typer.Option(help="How many people it can work with at once.")]
Provider = Annotated[
    str, typer.Argument(metavar="PROVIDER", help="The organisation that delivers Drive, as accounts name their agency.")
]
StaffNumber = Annotated[str, typer.Option(help="The number that their agency gave them and nobody else.")]
Email = Annotated[str, typer.Option(help="Their own address of e-mail.")]
Born = Annotated[str, typer.Option(metavar="DATE", help="Their date of birth.")]
Postcode = Annotated[str, typer.Option(help="Where they live; notices cases of their own household.")]
Reason = Annotated[str, typer.Option(help="Why; it enters the ledger. Name nobody.")]


@users_app.command("list", epilog="Example: drive-panel users list --json")
@reports_errors
def list_users(context: typer.Context, as_json: Json = False) -> None:
    """List everybody who may sign in or was added for it, and who of them never has.

    Whom the sign-in provider vouches for without an account here is known from their first sign-in on.
    """
    from drive_panel.workflows import access as workflow

    result = workflow.users(workspace_of(context))
    emit(result, [workflow.describe_user(row) for row in result["users"]] or ["There is no user yet."], as_json)


@users_app.command("add", epilog="Example: drive-panel users add jo --name 'Jo Field' --role chair --area ashford")
@reports_errors
def add_user(
    context: typer.Context,
    user: User,
    name: Annotated[str, typer.Option(help="Their name, as pages show it.")],
    role: Annotated[Role, typer.Option(help="Their one role.")],
    areas: Areas,
    agency: Annotated[str, typer.Option(help="The agency that sends them.")] = "",
    login: Annotated[str, typer.Option(help="What they type to sign in; their first sign-in takes the account.")] = "",
    staff_number: StaffNumber = "",
    email: Email = "",
    born: Born = "",
    postcode: Postcode = "",
    as_json: Json = False,
) -> None:
    """Add somebody before they first sign in; who they are tells that nobody has two accounts."""
    from drive_panel.workflows import access as workflow

    identity = _identity(staff_number, email, born, postcode)
    row = workflow.add(workspace_of(context, begins=True), user, name, role, areas, agency, login, identity)
    emit(row, [workflow.describe_user(row), *([row["notice"]] if "notice" in row else [])], as_json)


@users_app.command("identify", epilog="Example: drive-panel users identify jo --staff-number 4711")
@reports_errors
def identify_user(
    context: typer.Context,
    user: User,
    staff_number: StaffNumber = "",
    email: Email = "",
    born: Born = "",
    postcode: Postcode = "",
    as_json: Json = False,
) -> None:
    """Say more of who somebody is: two reviews by two accounts of one person count once."""
    from drive_panel.workflows import access as workflow

    identity = _identity(staff_number, email, born, postcode)
    if not identity:
        raise DrivePanelError(
            "Nothing was said of who they are.", "Give --staff-number, --email, --born or --postcode."
        )
    row = workflow.identify(workspace_of(context), user, identity)
    emit(row, [workflow.describe_user(row)], as_json)


def _identity(staff_number: str, email: str, born: str, postcode: str) -> dict[str, str]:
    given = {
        "staff_number": staff_number,
        "email": email,
        "date_of_birth": AsOf.parse(born).day.isoformat() if born else "",
        "postcode": postcode,
    }
    return {name: value for name, value in given.items() if value}


@users_app.command("role", epilog="Example: drive-panel users role jo panel_member")
@reports_errors
def change_role(
    context: typer.Context,
    user: User,
    role: Annotated[Role, typer.Argument(help="The role from now on.")],
    as_json: Json = False,
) -> None:
    """Give somebody another role; they are signed out at once."""
    from drive_panel.workflows import access as workflow

    row = workflow.change(workspace_of(context), user, role=role)
    emit(row, [workflow.describe_user(row)], as_json)


@users_app.command("areas", epilog="Example: drive-panel users areas jo --area ashford --area millbrook")
@reports_errors
def change_areas(context: typer.Context, user: User, areas: Areas, as_json: Json = False) -> None:
    """Give somebody other areas; they are signed out at once."""
    from drive_panel.workflows import access as workflow

    row = workflow.change(workspace_of(context), user, areas=areas)
    emit(row, [workflow.describe_user(row)], as_json)


@users_app.command("block", epilog="Example: drive-panel users block jo")
@reports_errors
def block_user(
    context: typer.Context,
    user: User,
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
    as_json: Json = False,
) -> None:
    """Block somebody, who is out at the next click."""
    from drive_panel.workflows import access as workflow

    row = workflow.block(workspace_of(context), user, active=undo)
    emit(row, [workflow.describe_user(row)], as_json)


@users_app.command(
    "token", epilog="Example: drive-panel users token report --scope read:runs --area '*' --expires DATE"
)
@reports_errors
def make_token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the service account is for.")],
    expires: Annotated[str, typer.Option(metavar="DATE", help="Last day of the token; within a year.")],
    scopes: Annotated[
        list[str], typer.Option("--scope", metavar="SCOPE", help=f"May be repeated: {', '.join(SCOPES)}.")
    ],
    areas: Areas,
    as_json: Json = False,
) -> None:
    """Make a service account and print its token, once. It reads; it never decides, reviews or sees a name."""
    from drive_panel.workflows import access as workflow

    result = workflow.make_token(workspace_of(context), name, scopes, areas, AsOf.parse(expires).day)
    emit(result, [result["token"], "Keep it where programs keep secrets: nobody can show it again."], as_json)


@users_app.command("tokens", epilog="Example: drive-panel users tokens")
@reports_errors
def list_tokens(context: typer.Context, as_json: Json = False) -> None:
    """List service accounts, without their tokens."""
    from drive_panel.workflows import access as workflow

    result = workflow.tokens(workspace_of(context))
    lines = [workflow.describe_token(row) for row in result["tokens"]]
    emit(result, lines or ["There is no service account."], as_json)


@users_app.command("revoke-token", epilog="Example: drive-panel users revoke-token report")
@reports_errors
def revoke_token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The service account.")],
    as_json: Json = False,
) -> None:
    """Revoke a token at once."""
    from drive_panel.workflows import access as workflow

    emit(workflow.revoke_token(workspace_of(context), name), [f"The token of {name} is revoked."], as_json)


@users_app.command("matrix", epilog="Example: drive-panel users matrix")
@reports_errors
def show_matrix(context: typer.Context, as_json: Json = False) -> None:
    """Print which role may call which address, as docs/access.md shows it."""
    from serving.web.rules import matrix

    lines = matrix()
    emit({"lines": lines}, lines, as_json)


@cases_app.command("list", epilog="Example: drive-panel cases list")
@reports_errors
def list_cases(context: typer.Context, as_json: Json = False) -> None:
    """List restricted cases by pseudonym with who is named for them; conflicts of interest; alarms."""
    from drive_panel.workflows import access as workflow

    result = workflow.cases(workspace_of(context))
    emit(result, workflow.describe_cases(result), as_json)


@cases_app.command("grant", epilog="Example: drive-panel cases grant PERSON jo --reason 'Chairs the meeting of 3 May'")
@reports_errors
def grant(context: typer.Context, person: Case, user: User, reason: Reason, as_json: Json = False) -> None:
    """Name a user for a restricted case."""
    from drive_panel.workflows import access as workflow

    result = workflow.grant(workspace_of(context), person, user, reason, end=False)
    emit(result, [f"{user} may see case {person}."], as_json)


@cases_app.command("end-grant", epilog="Example: drive-panel cases end-grant PERSON jo --reason 'Meeting is over'")
@reports_errors
def end_grant(context: typer.Context, person: Case, user: User, reason: Reason, as_json: Json = False) -> None:
    """Take a user's name from a restricted case."""
    from drive_panel.workflows import access as workflow

    result = workflow.grant(workspace_of(context), person, user, reason, end=True)
    emit(result, [f"{user} no longer sees case {person}."], as_json)


@cases_app.command("relate", epilog="Example: drive-panel cases relate PERSON jo")
@reports_errors
def relate(context: typer.Context, person: Case, user: User, as_json: Json = False) -> None:
    """Say that the subject of a case is related to a user: closed to them for good, and to all who are not named."""
    from drive_panel.workflows import access as workflow

    result = workflow.relate(workspace_of(context), person, user)
    emit(result, [f"Case {person} is closed to {user}, and to everybody who is not named for it."], as_json)


@cases_app.command("lift", epilog="Example: drive-panel cases lift PERSON --reason 'Left the force in March'")
@reports_errors
def lift(context: typer.Context, person: Case, reason: Reason, as_json: Json = False) -> None:
    """Lift the restrictions of a case; records that give a new reason restrict it again."""
    from drive_panel.workflows import access as workflow

    emit(workflow.lift(workspace_of(context), person, reason), [f"Case {person} is not restricted any more."], as_json)


@sites_app.command("list", epilog="Example: drive-panel sites list")
@reports_errors
def list_sites(context: typer.Context, as_json: Json = False) -> None:
    """List sites with their areas and places, and where each provider delivers Drive."""
    from drive_panel.workflows import access as workflow

    result = workflow.sites(workspace_of(context))
    lines = [line for row in result["sites"] for line in workflow.describe_site(row)]
    emit(result, lines or ["There is no site."], as_json)


@sites_app.command(
    "add", epilog="Example: drive-panel sites add north-vale --area ashford --area millbrook --places 40"
)
@reports_errors
def add_site(context: typer.Context, site: SiteName, areas: Areas, places: Places, as_json: Json = False) -> None:
    """Add a site; an area belongs to one site at most, and is one of the records, panels or lists."""
    from drive_panel.workflows import access as workflow

    workspace = workspace_of(context, begins=True)
    workflow.need_known(workspace, areas)
    row = workflow.change_site(workspace, lambda sites, by: sites.add(site, areas, places, by))
    emit(row, workflow.describe_site(row), as_json)


@sites_app.command("change", epilog="Example: drive-panel sites change north-vale --places 60")
@reports_errors
def change_site(
    context: typer.Context,
    site: SiteName,
    areas: SiteAreas = None,
    places: Annotated[int | None, typer.Option(help="People that it can work with at once from now on.")] = None,
    as_json: Json = False,
) -> None:
    """Give a site other areas or places; its providers keep those of their areas that it keeps."""
    from drive_panel.workflows import access as workflow

    workspace = workspace_of(context)
    workflow.need_known(workspace, areas or [])
    row = workflow.change_site(workspace, lambda sites, by: sites.change(site, by, areas, places))
    emit(row, workflow.describe_site(row), as_json)


@sites_app.command("close", epilog="Example: drive-panel sites close north-vale")
@reports_errors
def close_site(context: typer.Context, site: SiteName, as_json: Json = False) -> None:
    """Close a site; whom its providers send see nothing of it at the next click."""
    from drive_panel.workflows import access as workflow

    row = workflow.change_site(workspace_of(context), lambda sites, by: sites.close(site, by))
    emit(row, [f"{site} is closed."], as_json)


@sites_app.command("deliver", epilog="Example: drive-panel sites deliver north-vale cranfield --area ashford")
@reports_errors
def deliver(
    context: typer.Context,
    site: SiteName,
    provider: Provider,
    areas: SiteAreas = None,
    as_json: Json = False,
) -> None:
    """Let a provider deliver Drive in a site, or in some of its areas; whom it sends see accepted cases there only."""
    from drive_panel.workflows import access as workflow

    row = workflow.let_deliver(workspace_of(context), site, provider, areas or [])
    emit(row, workflow.describe_site(row), as_json)


@sites_app.command("end-delivery", epilog="Example: drive-panel sites end-delivery north-vale cranfield")
@reports_errors
def end_delivery(context: typer.Context, site: SiteName, provider: Provider, as_json: Json = False) -> None:
    """Let a provider deliver Drive in a site no more; whom it sends see nothing of it at the next click."""
    from drive_panel.workflows import access as workflow

    row = workflow.change_site(workspace_of(context), lambda sites, by: sites.end_delivery(site, provider, by))
    emit(row, workflow.describe_site(row), as_json)
