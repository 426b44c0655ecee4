"""What the API takes and gives of what is put on file (meetings, requests, registers, stops) and of oversight."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.panel.decisions import Decision
from serving.panel.own_views import Leaning
from serving.panel.registers import CHALLENGE, INCIDENT, ChallengeFrom, IncidentKind
from serving.web.api.models import TEXT, DecisionMade, Name, Page, Run, Words
from serving.web.exports.making import OF_LIST, OF_MEETING

Note = Annotated[str, Field(max_length=4000, pattern=TEXT)]
Numbered = Annotated[int, Field(ge=1, le=2**31 - 1)]
Kind = Literal[INCIDENT, CHALLENGE]  # type: ignore[valid-type]


class Taken(BaseModel):
    """What a call sends: nothing but what is declared."""

    model_config = ConfigDict(extra="forbid")


class FiledOut(BaseModel):
    """A document on file; `current` unless a later one replaced it."""

    number: int
    kind: str
    subject: str
    area: str
    person: str | None
    agency: str
    by: str
    document: dict[str, Any]
    replaces: int | None
    at: str
    current: bool


class FiledNumber(BaseModel):
    """The number under which something is on file."""

    number: int


class Carried(BaseModel):
    """That an act which has no number was carried out."""

    done: Literal[True]


class MeetingOut(BaseModel):
    """A meeting as it stands; `newest` is what a change of it names."""

    meeting: str
    area: str
    day: date
    run: str
    places: int
    called_by: str
    newest: int


class Meetings(Page):
    """Meetings of the caller's areas, the latest day first."""

    meetings: list[MeetingOut]


class Agenda(BaseModel):
    """What waits for a meeting, by pseudonym: only while its list may be read.

    `taken` is how many places decisions take so far; `back` are people who were deferred until its day,
    `tabled` the numbers of the referrals that the panel looks at.
    """

    taken: int
    to_decide: list[str]
    at_line: list[str]
    held: list[str]
    referred: list[str]
    back: list[str]
    tabled: list[int]


class MeetingWhole(BaseModel):
    """A meeting with its agenda, attendance, actions and minutes."""

    meeting: MeetingOut
    agenda: Agenda | None
    attendance: list[FiledOut]
    actions: list[FiledOut]
    minutes: list[FiledOut]


class MeetingCalled(BaseModel):
    """The name of a meeting that was called."""

    meeting: str


class MeetingIn(Taken):
    """A meeting to call on a list."""

    run: Name
    day: date
    places: int = Field(ge=1, le=500)


class MeetingChange(MeetingIn):
    """Another day, list or number of places for a meeting; `newest` is what was read."""

    newest: Numbered


class AttendeeIn(Taken):
    """Somebody at a meeting, or who sent apologies; `recused` are the cases for which they leave the room."""

    name: Name
    agency: Name
    present: bool
    recused: list[Name] = Field(default=[], max_length=500)


class ActionIn(Taken):
    """An action to agree; `person` is who it is about."""

    what: Words
    owner: Name
    due: date
    person: Name | None = None


class OutcomeIn(Taken):
    """What came of something that is closed."""

    outcome: Words


class MinutesIn(Taken):
    """Minutes to sign; `newest` is the number of those that they replace."""

    note: Note
    newest: Numbered | None = None


class QuestionIn(Taken):
    """A question to an agency about a case."""

    agency: Name
    what: Words
    due: date


class AnswerIn(Taken):
    """An answer of the caller's own agency; `for_all` lets the whole panel read it."""

    words: Words
    for_all: bool


class WhyIn(Taken):
    """Why records are challenged."""

    why: Words


class OwnViewIn(Taken):
    """What a chair would decide on the record of a case alone."""

    leaning: Leaning
    words: Words


class OwnViews(BaseModel):
    """Chairs' own views of a case, as far as the caller reads them; `place_seen` where the place had been opened."""

    own_views: list[FiledOut]


class RequestOut(BaseModel):
    """A question with its answer, where there is one for the caller."""

    asked: FiledOut
    answered: bool
    answer: FiledOut | None


class Information(BaseModel):
    """What was asked and answered about a case, and the challenges to its links."""

    requests: list[RequestOut]
    challenges: list[FiledOut]


class Waiting(BaseModel):
    """What the caller's agency was asked and has not answered."""

    agency: str
    waiting: list[FiledOut]


class Registers(BaseModel):
    """The registers as they stand, what is open first."""

    incidents: list[FiledOut]
    challenges: list[FiledOut]


class IncidentIn(Taken):
    """An incident to report; it names nobody."""

    area: Name
    kind: IncidentKind
    happened: date
    what: Words


class ChallengeIn(Taken):
    """A challenge that arrived; names stay under its reference."""

    area: Name
    arrived: date
    who: ChallengeFrom
    reference: Name
    about: Words


class StopOut(BaseModel):
    """A stop in force; ``*`` is every area."""

    area: str
    by: str
    at: str
    reason: str


class Stops(BaseModel):
    """The stops in force for the caller's areas."""

    stops: list[StopOut]


class StopIn(Taken):
    """Lists to stop, or to let go on, and why."""

    area: Name
    reason: Words


class Figures(BaseModel):
    """How people decided beside the order of one list; see the page Oversight."""

    decided: int
    accepted_below: int
    declined_above: int
    ordered: int
    marked: int
    disagreed: int
    unseen: int
    own_first: int | None = Field(description="Null where own views are not for the caller.")
    own_kept: int | None
    changed: int
    opened: int
    minutes: float | None
    under_a_minute: int
    repeated_words: int


class Overseen(BaseModel):
    """A list with its figures; none where panels could never read it, or it is not what was released."""

    run: str
    area: str
    as_of: date
    state: str
    stopped: bool = Field(description="Whether the lists of its area are stopped.")
    figures: Figures | None


class ViewOut(BaseModel):
    """Who saw what, and when."""

    actor: str
    action: str
    subject: str
    at: str
    detail: dict[str, Any]


class Oversight(BaseModel):
    """Figures of every list that was released, and of all together, which have no median minutes."""

    lists: list[Overseen]
    total: Figures | None
    elsewhere: list[ViewOut] = Field(description="Who saw people referred, meetings or pairs of records, newest first.")


class OversightOfRun(BaseModel):
    """Figures of one list, and who saw what of it, the newest first."""

    run: str
    figures: Figures | None
    views: list[ViewOut]


class FileOffered(BaseModel):
    """A file that can be taken."""

    what: str
    called: str


class ReaderOffered(BaseModel):
    """For whom a chair may take a file."""

    reader: str
    called: str


class Exports(BaseModel):
    """What can be taken as a file, and for whom; where `readers` is empty only for the caller."""

    files: list[FileOffered]
    readers: list[ReaderOffered]


Reader = Annotated[
    str,
    Field(
        max_length=200,
        pattern=TEXT,
        description="`own` for the caller; chairs may say `panel`, or `agency:` and a name, as `readers` lists them.",
    ),
]


class ListExportIn(Taken):
    """A file of a list."""

    what: Literal[tuple(OF_LIST)]  # type: ignore[valid-type]
    reader: Reader = "own"


class MeetingExportIn(Taken):
    """A file of a meeting."""

    what: Literal[tuple(OF_MEETING)]  # type: ignore[valid-type]
    reader: Reader = "own"


class ClearedOut(BaseModel):
    """A hold that was cleared."""

    run: str
    person: str
    kind: str
    by: str
    reason: str
    at: str


class History(BaseModel):
    """What every panel of the area made of somebody; `before` is the list before this one, null where there was none.

    `band` is where they stood on it; null where they did not, or have none.
    """

    decisions: list[DecisionMade]
    clearances: list[ClearedOut]
    referrals: list[int] = Field(description="Numbers of the referrals that name them.")
    before: str | None
    band: str | None
    above_line: bool | None


class Nothing(Taken):
    """An act that says all by its address."""


class Actions(BaseModel):
    """Open actions, the first due first: those that name the caller or their agency, and those of others."""

    own: list[FiledOut]
    others: list[FiledOut]


class AnsweredOut(BaseModel):
    """A question to the caller's agency that it answered, and its answer."""

    asked: FiledOut
    answer: FiledOut


class OwnWork(BaseModel):
    """What waits for the caller, and what came of what they said."""

    agency: str
    waiting: list[FiledOut]
    actions: Actions
    meetings: list[MeetingOut]
    lists: list[Run]
    answered: list[AnsweredOut]
    challenged: list[FiledOut]


class OwnViewsOfList(BaseModel):
    """Who is up for a place, in no order of the list's, and of whom the caller's own view is on file."""

    people: list[str]
    mine: list[str]


class Policy(BaseModel):
    """The policy in force, what it could find at the site's numbers, and every version; null where nobody gathered it.

    `check` is null where it was gathered before it held one.
    """

    gathered_at: str | None
    policy: dict[str, Any] | None
    check: dict[str, Any] | None
    versions: list[dict[str, Any]]


class Evidence(BaseModel):
    """Evidence over time as it was gathered; null where nobody gathered any."""

    evidence: dict[str, Any] | None


class Report(BaseModel):
    """The kept report of a run: the state that it speaks of, and the hash of each file."""

    run: str
    at: str | None
    state: str | None
    holds: bool = Field(description="Whether it speaks of the run as it stands, so that its page gives it out.")
    files: dict[str, str]


class PapersOfRun(BaseModel):
    """The newest governance papers of a run: their files' hashes, and whether they may be used."""

    run: str
    area: str
    as_of: date
    state: Literal["fresh", "stale", "missing"]
    why: str
    at: str | None
    files: dict[str, str]


class LapseOut(BaseModel):
    """Something that a release rests on, and its last day."""

    what: str
    on: date


class RestsOn(BaseModel):
    """What the newest list of an area rests on: what ends when, what keeps it from release, when its release ends."""

    run: str
    area: str
    expires: date | None
    lapses: list[LapseOut]
    blocks: list[str]


class DeletedOut(BaseModel):
    """How many people something was done about, and when last."""

    people: int
    last: str | None


class Deleted(BaseModel):
    """Erasures, and decisions to keep somebody's records longer, over every area."""

    erased: DeletedOut
    retained: DeletedOut


class PapersOut(BaseModel):
    """Papers of every run that is open or has some, and what releases rest on.

    `due` (for review, as counts) and `deleted` are null where they are not for the caller, or nobody counted.
    """

    papers: list[PapersOfRun]
    rests: list[RestsOn]
    due: FiledOut | None
    deleted: Deleted | None


class ReferralOut(BaseModel):
    """A referral; who it is, why and what is known are null where they are not for the caller, or were erased.

    `unlisted` where no list holds the person: then `decision` is what a panel decided last, with its date if deferred.
    """

    number: int
    area: str
    person: str
    unlisted: bool
    agency: str
    by: str
    at: str
    given_name: str | None
    family_name: str | None
    date_of_birth: str | None
    addresses: list[str]
    why: str | None
    known: str | None
    decision: Decision | None
    until: date | None


class Referrals(BaseModel):
    """The referrals of the caller's areas, those not settled first."""

    referrals: list[ReferralOut]


class ReferralDetail(ReferralOut):
    """A referral with every decision on it, oldest first; a sensitive reason is withheld from who is no chair."""

    decisions: list[dict[str, Any]]


class ReferralIn(Taken):
    """Somebody to refer: `person` as a list shows them, or who it is where no list holds them."""

    area: Name
    agency: Name
    person: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    given_name: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    family_name: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    date_of_birth: date | None = None
    postcode: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    why: Words
    known: Note = ""


class ReferralDecisionIn(Taken):
    """A panel's decision on somebody whom no list holds; `newest` is the number of the one that it replaces."""

    decision: Decision
    reason_code: Name
    reason: Words
    until: date | None = None
    sensitive: bool
    safety_confirmed: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    support: Annotated[str, Field(max_length=200, pattern=TEXT)] = ""
    newest: Numbered | None = None


class DecidedOut(BaseModel):
    """What a panel decided on somebody, without its words."""

    run: str
    person: str
    decision: Decision
    until: date | None
    by: str
    at: str


class ListChanges(BaseModel):
    """Pseudonyms by what changed since the list before; `before` is null where there was none.

    `decided` is what the panel decided since that list was published, `due` the deferrals that nobody decided on since
    and that end while this list may be read.
    """

    before: str | None
    entered: list[str]
    left: list[str]
    rose: list[str]
    fell: list[str]
    held: list[str]
    decided: list[DecidedOut]
    due: list[DecidedOut]
