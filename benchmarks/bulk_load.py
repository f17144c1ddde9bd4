"""Fill an empty database with many enterprises, contacts, projects and touches, as the service itself would.

Every derived column (folded names, order keys, digests, search documents) is made by the code of the
service; only the way into the tables is another one, see :mod:`benchmarks.bulk_write`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from benchmarks.bulk_write import writing
from crm.auth.models import OrgUnit, Roster, User
from crm.auth.passwords import hash_password
from crm.auth.rules import Role, UnitKind
from crm.core import searchindex
from crm.core.changes import CREATED, FieldChange, Via
from crm.core.text import fold, sort_key, spoken
from crm.enterprises import indexing
from crm.enterprises.fields import coded, fill
from crm.enterprises.models import Contact, ContactPost, Enterprise, EnterpriseAlias, ListEdition, ListEntry, TargetList
from crm.enterprises.naming import is_ambiguous, names_of
from crm.enterprises.reach import reach_keys
from crm.enterprises.rules import EnterpriseDraft
from crm.fieldwork.models import FollowUp, Touch, TouchContact
from crm.fieldwork.rules import Intention, LeaderLevel, TouchKind
from crm.pipeline.intake.models import LeadIntake
from crm.pipeline.intake.rules import LeadState
from crm.pipeline.models import Project, StageEntry
from crm.pipeline.rules import ORDER, Capital, Channel, ExitKind, ExitReason, Stage
from crm.scoring.models import EnterpriseScore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from benchmarks.bulk_write import Writer
    from crm.core.db import Database

UNITS = 8
USERNAME, PASSWORD = "bench", "nest-and-phoenix-2026"
LISTS = (("fortune_global_500", "世界500强"), ("china_500", "中国500强"), ("private_500", "民营企业500强"))
LIST_SIZE = 500
GRADES = ((80, "A"), (65, "B"), (45, "C"), (0, "D"))
SILENCE = {"key": "silence", "label": "从未走访", "kind": "intent", "ref": None}
CORE = {"key": "core", "label": "属于主导产业", "kind": "fit", "ref": None}
LAST_TOUCH = (
    "UPDATE enterprise SET last_touch_at = (SELECT max(occurred_at) FROM touch "
    "WHERE touch.enterprise_id = enterprise.id AND touch.voided_at IS NULL)"
)


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise to write."""

    id: int
    name: str
    by: int
    at: datetime
    industry: str | None = None
    region: str | None = None
    website: str | None = None
    capital: int | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A contact to write; ``firm`` is the name of its enterprise."""

    id: int
    firm_id: int
    firm: str
    name: str
    by: int
    at: datetime
    post: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A project to write."""

    id: int
    firm_id: int
    firm: str
    name: str
    stage: Stage
    by: int
    at: datetime
    amount: int
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """A touch to write."""

    id: int
    firm_id: int
    kind: TouchKind
    summary: str
    by: int
    at: datetime
    deal_id: int | None = None
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """A follow-up to write."""

    id: int
    firm_id: int
    title: str
    by: int
    at: datetime
    due: date
    deal_id: int | None = None
    done: bool = False


def unit_of(user_id: int) -> int:
    """Return the unit a colleague works in; unit 1 is the bureau."""
    return 2 + user_id % UNITS


class Loader:
    """Turns records into the rows the service would have written."""

    def __init__(self, writer: Writer) -> None:
        """Write through ``writer``."""
        self._put = writer.put

    def office(self, colleagues: int, since: datetime) -> None:
        """Write the units, the colleagues (ids from 1) and, after them, the one who measures."""
        for number in range(1, UNITS + 2):
            kind, name = (UnitKind.BUREAU, "云溪县招商局") if number == 1 else (UnitKind.SQUAD, f"第{number - 1}小分队")
            self._put(
                OrgUnit, id=number, name=name, kind=kind, parent_id=None if number == 1 else 1, position=number,
                valid_from=since.date(),
            )  # fmt: skip
        hashed, last = hash_password(PASSWORD), colleagues + 1
        for number in range(1, last + 1):
            username, name = (USERNAME, "测量员") if number == last else (f"u{number:02}", f"同事{number}")
            self._put(
                User, id=number, username=username, name=name, password_hash=hashed, active=True, locale="zh", theme="",
                created_at=since,
            )  # fmt: skip
            self._put(
                Roster, user_id=number, unit_id=unit_of(number), role=Role.OFFICER, valid_from=since.date(),
            )  # fmt: skip
        self._put(Roster, user_id=last, unit_id=1, role=Role.REGISTRAR, valid_from=since.date())

    def lists(self, firms: Sequence[int], year: int, at: datetime) -> None:
        """Put the first enterprises on the lists, in two editions each."""
        edition = 0
        for number, (key, name) in enumerate(LISTS, 1):
            self._put(TargetList, id=number, key=key, name=name, weight=10 - number)
            for back in (1, 0):
                edition += 1
                self._put(ListEdition, id=edition, list_id=number, year=year - back, source="测量", imported_at=at)
                for rank, firm in enumerate(firms[number * back : LIST_SIZE + number * back], 1):
                    self._put(ListEntry, edition_id=edition, enterprise_id=firm, rank=rank, printed_name=f"第{rank}位")

    def firm(self, one: Firm) -> None:
        """Write an enterprise with its names, its document, its birth and its score."""
        draft = coded(
            EnterpriseDraft(
                one.name, industry=one.industry, region=one.region, website=one.website, profile=one.profile,
                registered_capital=None if one.capital is None else Decimal(one.capital),
            )
        )  # fmt: skip
        row = Enterprise(id=one.id, created_by=one.by, created_at=one.at, updated_at=one.at, version=1)
        fill(row, draft)
        row.aliases = [
            EnterpriseAlias(alias=alias, folded=folded, kind=kind, ambiguous=is_ambiguous(folded, kind))
            for folded, (alias, kind) in names_of(draft.name, None).items()
        ]
        columns = Enterprise.__table__.columns.keys()
        self._put(Enterprise, **{name: getattr(row, name) for name in columns})
        for alias in row.aliases:
            self._put(
                EnterpriseAlias, enterprise_id=one.id, alias=alias.alias, folded=alias.folded, kind=alias.kind,
                ambiguous=alias.ambiguous,
            )  # fmt: skip
        texts, words = indexing.enterprise_texts(row), indexing.enterprise_words(row)
        self._document(indexing.ENTERPRISE, one.id, texts, words)
        self._born(indexing.ENTERPRISE, one.id, one.name, one.by, one.at)
        self._score(one)

    def person(self, one: Person) -> None:
        """Write a contact with its post, its document and its birth."""
        self._put(
            Contact, id=one.id, enterprise_id=one.firm_id, unit_id=unit_of(one.by), name=one.name,
            sort_key=sort_key(one.name), post=one.post, phone_sealed=one.phone, email_sealed=one.email,
            **reach_keys(one.phone, one.email), created_by=one.by, created_at=one.at,
        )  # fmt: skip
        self._put(
            ContactPost, contact_id=one.id, enterprise_id=one.firm_id, post=one.post, created_by=one.by,
            created_at=one.at,
        )  # fmt: skip
        self._document(indexing.CONTACT, one.id, [one.name, one.post or "", one.firm], spoken(one.name))
        self._born(indexing.CONTACT, one.id, one.name, one.by, one.at)

    def deal(self, one: Deal) -> None:
        """Write a project with the road to its stage and its document."""
        unit = unit_of(one.by)
        left = {
            "exit_kind": ExitKind.SUSPENDED, "exit_reason": next(iter(ExitReason)), "exited_at": one.at,
            "review_on": one.at.date() + timedelta(days=90),
        } if one.suspended else dict.fromkeys(("exit_kind", "exit_reason", "exited_at", "review_on"))  # fmt: skip
        self._put(
            Project, id=one.id, name=one.name, folded_name=fold(one.name), enterprise_id=one.firm_id, unit_id=unit,
            owner_id=one.by, stage=one.stage, stage_since=one.at, stage_seq=ORDER.index(one.stage) + 1,
            total_investment=Decimal(one.amount), capital=Capital.PRIVATE, channel=Channel.BUSINESS, created_by=one.by,
            created_at=one.at, updated_at=one.at, **left,
        )  # fmt: skip
        self._put(LeadIntake, project_id=one.id, state=LeadState.ACCEPTED, since=one.at, first_by=one.by, version=1)
        before = None
        for seq, stage in enumerate(ORDER[: ORDER.index(one.stage) + 1], start=1):
            self._put(
                StageEntry, project_id=one.id, seq=seq, from_stage=before, to_stage=stage.value, at=one.at, by=one.by,
                unit_id=unit,
            )  # fmt: skip
            before = stage.value
        self._document("project", one.id, [one.name, one.firm])

    def visit(self, one: Visit) -> None:
        """Write a touch and whom it met."""
        self._put(
            Touch, id=one.id, client_id=f"b{one.id}", kind=one.kind, enterprise_id=one.firm_id, project_id=one.deal_id,
            unit_id=unit_of(one.by), created_by=one.by, occurred_at=one.at, recorded_at=one.at + timedelta(hours=3),
            leader_level=LeaderLevel.STAFF, summary=one.summary, intention=Intention.WATCHING,
        )  # fmt: skip
        if one.contact_id is not None:
            self._put(TouchContact, touch_id=one.id, contact_id=one.contact_id)

    def promise(self, one: Promise) -> None:
        """Write a follow-up."""
        done = {"done_at": one.at, "done_by": one.by} if one.done else {"done_at": None, "done_by": None}
        self._put(
            FollowUp, id=one.id, title=one.title, enterprise_id=one.firm_id, project_id=one.deal_id,
            unit_id=unit_of(one.by), owner_id=one.by, due_on=one.due, created_by=one.by, created_at=one.at, **done,
        )  # fmt: skip

    def _document(self, kind: str, number: int, texts: Sequence[str], words: Sequence[str] = ()) -> None:
        self._put(searchindex.SearchDocument, **searchindex.row(kind, number, texts, words))

    def _born(self, kind: str, number: int, name: str, by: int, at: datetime) -> None:
        after = name if kind == indexing.ENTERPRISE else True
        self._put(FieldChange, kind=kind, ref_id=number, field=CREATED, after=after, at=at, by=by, via=Via.IMPORT)

    def _score(self, one: Firm) -> None:
        fit, intent = one.id * 7 % 30, one.id * 3 % 24 - 12
        points = 50 + fit + intent
        self._put(
            EnterpriseScore, enterprise_id=one.id, points=points, fit=fit, intent=intent, as_of=one.at,
            grade=next(grade for least, grade in GRADES if points >= least), table_version="measured",
            reasons=[{**CORE, "points": fit}, {**SILENCE, "points": intent}],
        )  # fmt: skip


@contextmanager
def loading(database: Database) -> Iterator[Loader]:
    """Fill a database; the search index counts as current and each enterprise knows its last touch afterwards."""
    with writing(database) as writer:
        writer.put(searchindex.SearchDocument, kind=searchindex.MARK, ref_id=searchindex.VERSION, body="", grams="")
        yield Loader(writer)
        writer.then(LAST_TOUCH)
