"""What no run can know, as ``governance.yaml`` states it: who answers, why it is used, and who approved what.

Nothing is filled in. An entry that is empty is missing, an approval that ran out or was given for another bundle or
policy is stale, and both are told with who fills them in and where. `docs/guides/governance.md` explains every field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from fairness.errors import GovernanceError
from fairness.yaml_file import read_model

_SEE = "Correct it; docs/guides/governance.md explains every field."


def _as_written(value: Any) -> Any:
    """Refuse what YAML would change on the way: 0012 would become ten, a hash of digits a number, `no` false."""
    if value is not None and not isinstance(value, str):
        raise ValueError("put it in quotes, so that it stays as it is written")
    return value


def _hashes(value: Any) -> tuple[Any, ...]:
    given = value if isinstance(value, list) else [value]
    return tuple(_as_written(each) for each in given if each not in (None, ""))


Text = Annotated[str | None, BeforeValidator(_as_written)]
Hashes = Annotated[tuple[str, ...], BeforeValidator(_hashes)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Organisation(_Part):
    """Who uses it."""

    name: Text = None
    team: Text = None
    website: Text = None
    contact_email: Text = None


class Supplier(_Part):
    """Who else has a part in it; ``name: none`` where nobody has."""

    name: Text = None
    companies_house: Text = None
    role: Text = None
    procurement: Text = None
    data_access: Text = None


class Use(_Part):
    """Why and how it is used."""

    scope: Text = None
    benefit: Text = None
    previous_process: Text = None
    alternatives: Text = None
    integration: Text = None
    training: Text = None
    appeals: Text = None
    phase: Text = None


class Data(_Part):
    """On what basis records are used, and where they are."""

    lawful_basis: Text = None
    appropriate_policy_document: Text = None
    sharing_agreements: Text = None
    storage: Text = None
    retention: Text = None
    people_told: Text = None


class Record(_Part):
    """When the public transparency record was completed, last changed and archived; a release needs none of it."""

    completed: Text = None
    updated: Text = None
    archived: Text = None


class Approval(_Part):
    """One assessment or approval: by whom, when, until when, and for which bundle and policy.

    `bundle` and `policy` are hashes in quotes, or their first twelve digits or more; a list where it covers several.
    """

    reference: Text = None
    by: Text = None
    dated: date | None = None
    expires: date | None = None
    link: Text = None
    bundle: Hashes = ()
    policy: Hashes = ()


class Approvals(_Part):
    """The assessments that a release rests on."""

    dpia: Approval = Approval()
    equality: Approval = Approval()
    ethics: Approval = Approval()


class AlgoCare(_Part):
    """A site's own answers to the ALGO-CARE questions that no run can answer."""

    advisory: Text = None
    lawful: Text = None
    ownership: Text = None
    challengeable: Text = None
    responsible: Text = None


class Covenant(_Part):
    """A site's own answers to the principles of the NPCC covenant that no run can answer."""

    lawful: Text = None
    transparent: Text = None
    responsible: Text = None
    accountable: Text = None


class Governance(_Part):
    """A governance file."""

    owner: Text = None
    senior_responsible_owner: Text = None
    dpia_reference: Text = None
    ethics_approval: Text = None
    expires: date | None = None
    organisation: Organisation = Organisation()
    supplier: Supplier = Supplier()
    use: Use = Use()
    data: Data = Data()
    record: Record = Record()
    approvals: Approvals = Approvals()
    algo_care: AlgoCare = AlgoCare()
    covenant: Covenant = Covenant()

    def says(self, path: str) -> str | None:
        """Return what stands at a dotted path, as text; None where nothing does."""
        found: Any = self
        for part in path.split("."):
            found = getattr(found, part)
        text = "" if found is None else ", ".join(found) if isinstance(found, tuple) else str(found)
        return text or None


@dataclass(frozen=True)
class Asked:
    """An entry that a release needs: who fills it in, and what it says."""

    path: str
    who: str
    what: str


OWNER, SRO, DPO, LEGAL = "the owner", "the senior responsible owner", "the data protection officer", "legal services"
SUPPLY, COMMITTEE, EQUALITY = "the supplier's contract manager", "the ethics committee", "the equality lead"
ASKED: tuple[Asked, ...] = (
    Asked("owner", SRO, "who answers for the tool from day to day"),
    Asked("senior_responsible_owner", SRO, "who answers for its use"),
    Asked("dpia_reference", DPO, "the reference of the data protection impact assessment"),
    Asked("ethics_approval", COMMITTEE, "the committee's minute"),
    Asked("expires", SRO, "the last day of this authorisation"),
    Asked("organisation.name", OWNER, "the organisation that uses it"),
    Asked("organisation.team", OWNER, "the team that runs it"),
    Asked("organisation.website", OWNER, "where the public can read about it"),
    Asked("organisation.contact_email", OWNER, "where questions and challenges go"),
    Asked("supplier.name", SUPPLY, "who else has a part in it, or 'none'"),
    Asked("use.scope", OWNER, "what it is for, and what it is not for"),
    Asked("use.benefit", OWNER, "what is better with it, and for whom"),
    Asked("use.previous_process", OWNER, "how people were chosen before"),
    Asked("use.alternatives", OWNER, "what else was considered, and why it was not taken"),
    Asked("use.integration", OWNER, "where in the panel's work the list is read"),
    Asked("use.training", OWNER, "what whoever reads a list is trained in"),
    Asked("use.appeals", LEGAL, "how a person can ask for, and challenge, what was decided"),
    Asked("use.phase", OWNER, "idea, pilot, in use or retired"),
    Asked("data.lawful_basis", DPO, "the lawful basis, and for sensitive processing the Schedule 8 condition"),
    Asked("data.appropriate_policy_document", DPO, "where the appropriate policy document is"),
    Asked("data.sharing_agreements", DPO, "the agreements under which partners' records came"),
    Asked("data.storage", DPO, "where records are, and who can reach them"),
    Asked("data.retention", DPO, "how long, and who reviews"),
    Asked("data.people_told", DPO, "how people are told that their records are used"),
    Asked("algo_care.advisory", OWNER, "how it is made sure that people decide, and differ from the list"),
    Asked("algo_care.lawful", LEGAL, "why the use is lawful, necessary and proportionate"),
    Asked("algo_care.ownership", SRO, "who owns the tool, and who may inspect it"),
    Asked("algo_care.challengeable", LEGAL, "how subjects and victims learn of it and challenge it"),
    Asked("algo_care.responsible", SRO, "who weighed the public interest, and when it is looked at again"),
    Asked("covenant.lawful", LEGAL, "which law was considered, and what is still open"),
    Asked("covenant.transparent", OWNER, "what is published, where and how often"),
    Asked("covenant.responsible", SRO, "how harm to people is looked for and put right"),
    Asked("covenant.accountable", SRO, "who answers to the police and crime commissioner, and who scrutinises"),
)
"""Every entry that a release outside a demonstration needs, in the order of the file."""
APPROVALS: Mapping[str, tuple[str, str]] = {
    "dpia": (DPO, "data protection impact assessment"),
    "equality": (EQUALITY, "equality impact assessment"),
    "ethics": (COMMITTEE, "approval of the ethics committee"),
}
_EACH = ("reference", "by", "dated", "expires", "bundle", "policy")
_SHORTEST = 12


def read_governance(path: Path) -> Governance:
    """Return what a governance file says.

    Raises
    ------
    GovernanceError
        With file, line and column, if it is no YAML, repeats a key or breaks the schema.
    """
    return read_model(path, Governance, GovernanceError, _SEE)


def open_points(governance: Governance, today: date, bundle: str, policy: str) -> list[str]:
    """Return, in words, everything that is missing or stale for a run of this bundle under this policy.

    Parameters
    ----------
    today
        The day it is in Europe/London.
    bundle, policy
        The hashes of the run's bundle and of the policy of its audit.
    """
    missing = [
        f"does not say: {asked.path} ({asked.what}; {asked.who} fills it in)"
        for asked in ASKED
        if governance.says(asked.path) is None
    ]
    if governance.expires is not None and governance.expires < today:
        missing.append(f"expired on {governance.expires}; {SRO} authorises its use anew")
    for name, (who, what) in APPROVALS.items():
        approval: Approval = getattr(governance.approvals, name)
        missing += [f"{point} ({what}; {who} renews it)" for point in _of(name, approval, today, bundle, policy)]
    return missing


def _of(name: str, approval: Approval, today: date, bundle: str, policy: str) -> Iterator[str]:
    empty = [field for field in _EACH if getattr(approval, field) in (None, "", ())]
    if empty:
        yield f"does not say: approvals.{name}.{', '.join(empty)}"
    if approval.dated is not None and approval.dated > today:
        yield f"approvals.{name} is dated {approval.dated}, which has not come yet"
    if approval.expires is not None and approval.expires < today:
        yield f"approvals.{name} expired on {approval.expires}"
    for field, stands, wanted in (("bundle", approval.bundle, bundle), ("policy", approval.policy, policy)):
        if stands and not any(len(each) >= _SHORTEST and wanted.startswith(each) for each in stands):
            yield f"approvals.{name} was given for another {field} than {wanted[:_SHORTEST]}"
