"""Each act is entered by the seat whose work it is: on PostgreSQL a trigger of the ledger asks who signed in."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Acts without rows of their own, and those whose rows other seats may write too: action, table and right. Who has the
# right may enter the act; the ledger is updated by nobody, so that its owner alone has the right to.
SEATS = (
    ("ledger.disowned", "ledger", "UPDATE"),
    ("case.granted", "ledger", "UPDATE"),
    ("case.grant_ended", "ledger", "UPDATE"),
    ("case.unrestricted", "ledger", "UPDATE"),
    ("site.set", "ledger", "UPDATE"),
    ("token.made", "ledger", "UPDATE"),
    ("key.registered", "ledger", "UPDATE"),
    ("key.revoked", "ledger", "UPDATE"),
    ("user.identified", "ledger", "UPDATE"),
    ("case.restricted", "restrictions", "INSERT"),
    ("evidence.gathered", "evidence", "INSERT"),
    ("hold.escalated", "runs", "INSERT"),
    ("bundle.audited", "runs", "INSERT"),
    ("report.kept", "runs", "INSERT"),
    ("decision.made", "decisions", "INSERT"),
    ("hold.cleared", "clearances", "INSERT"),
    ("conflict.declared", "decisions", "INSERT"),
    ("conflict.lifted", "decisions", "INSERT"),
)
_ASKED = " OR ".join(
    f"NEW.action = '{action}' AND NOT has_table_privilege(session_user, '{table}', '{right}')"
    for action, table, right in SEATS
)
FUNCTION = f"""
CREATE FUNCTION ledger_seat() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF {_ASKED} THEN
        RAISE EXCEPTION 'this role enters no such act' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = "CREATE TRIGGER ledger_seat BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_seat()"


def upgrade() -> None:
    """Make the trigger, on PostgreSQL: in SQLite nobody signs in."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        op.execute(TRIGGER)
