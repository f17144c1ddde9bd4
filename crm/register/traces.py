"""What a person leaves behind outside the contact records: logs, imports, tasks; found by words, taken out of data.

Only structured data is changed here. Sentences somebody wrote are told by :mod:`crm.register.mentions`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Text, cast, delete, false, null, or_, select, update

from crm.core.audit import AuditEvent
from crm.core.changes import FieldChange, Via, opened
from crm.core.db import Base
from crm.core.tasks import Task
from crm.enterprises.contact_privacy import NOBODY
from crm.enterprises.indexing import CONTACT
from crm.enterprises.models import Contact, ContactPost, Enterprise
from crm.enterprises.reach import SHORTEST_WHOLE, phone_digits
from crm.fieldwork.events.models import EventGuest
from crm.fieldwork.receptions.models import Reception, ReceptionPerson
from crm.fieldwork.receptions.rules import Side
from crm.notices.models import Notice, NoticeDelivery
from crm.register.models import DuplicatePair, ExportRun, MergeLog, SavedView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Column, ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

GONE = "（已删除）"
SHORTEST_NAME = 2
OWN_FIELDS = ("post", "introducer", "hometown", "note")
GAP = r"[\s\-()+（）]*"
IMPORT_ROW, IMPORT_RUN, IMPORT_MAPPING = "import_row", "import_run", "import_mapping"
SCRUBBED = (CONTACT, "export_run", IMPORT_RUN, "saved_view")  # subjects of which the log itself is cleaned
PIECES = frozenset({"top", "samples"})  # cells of the file among the options of a run


@dataclass(frozen=True, slots=True)
class Words:
    """By what a person can be found: names, numbers (digits), addresses; ``facts`` are other values it ever had."""

    names: frozenset[str]
    numbers: frozenset[str]
    emails: frozenset[str]
    typed: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    firms: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()

    @property
    def searched(self) -> list[str]:
        """Texts to look for inside longer ones: numbers in the usual ways of writing them."""
        split = (sign.join((one[:3], one[3:7], one[7:])) for one in self.numbers for sign in "- ")
        names = (name for name in self.names if len(name) >= SHORTEST_NAME)
        return sorted({*names, *self.numbers, *self.emails, *split, *self.typed})

    @property
    def sure(self) -> re.Pattern[str] | None:
        """Numbers, however they are written, and addresses: nobody else has them; names where they stand ``alone``."""
        parts = [GAP.join(number) for number in sorted(self.numbers)] + [re.escape(one) for one in sorted(self.emails)]
        parts += [rf"(?<!\w){re.escape(one)}(?!\w)" for one in sorted(self.alone)]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    @property
    def by_name(self) -> Words:
        """The same words for where the name is nobody else's: as a word among others it is the person's too."""
        return replace(self, alone=self.names)

    def taken_out(self, text: str) -> str:
        """Write a sentence about this person without name, number and address."""
        plain = self.sure.sub(GONE, text) if self.sure else text
        for name in sorted(self.names, key=len, reverse=True):
            plain = plain.replace(name, "本人") if len(name) >= SHORTEST_NAME else plain
        return plain


def words_of(session: Session, rows: Sequence[Contact]) -> Words:
    """Gather what these records hold and ever held."""
    ids = [row.id for row in rows]
    held: dict[str, set[str]] = {field: set() for field in ("name", "phone", "email", *OWN_FIELDS)}
    for row in rows:
        for field, values in held.items():
            values.add(getattr(row, field) or "")
    mine = (FieldChange.kind == CONTACT, FieldChange.ref_id.in_(ids), FieldChange.field.in_(held))
    for change in session.scalars(select(FieldChange).where(*mine)):
        held[change.field] |= {str(opened(change.field, value)) for value in (change.before, change.after) if value}
    posts = select(ContactPost.post).where(ContactPost.contact_id.in_(ids), ContactPost.post.is_not(None))
    held["post"] |= set(filter(None, session.scalars(posts)))
    places = select(ContactPost.enterprise_id).where(ContactPost.contact_id.in_(ids))
    here = or_(Enterprise.id.in_(places), Enterprise.id.in_([row.enterprise_id for row in rows]))
    numbers = {phone_digits(one) for one in held["phone"]}
    return Words(
        names=frozenset(held["name"] - {"", NOBODY}),
        numbers=frozenset(one for one in numbers if len(one) >= SHORTEST_WHOLE),
        emails=frozenset(one.lower() for one in held["email"] if one),
        typed=frozenset(one for one in held["phone"] | held["email"] if len(phone_digits(one)) >= SHORTEST_WHOLE),
        facts=frozenset().union(*(held[field] for field in OWN_FIELDS)) - {""},
        firms=frozenset(session.scalars(select(Enterprise.name).where(here))),
    )


def holds(column: Column[Any] | InstrumentedAttribute[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """Condition: a text or JSON column contains one of these words; JSON may keep them by their code points."""
    structured = isinstance(column.type, JSON)
    shown = cast(column, Text()) if structured else column
    found = []
    for word in words:
        forms = {word, json.dumps(word)[1:-1]} if structured else {word}
        found += [shown.contains(form, autoescape=True) for form in sorted(forms)]
    return or_(false(), *found)


def scrub(session: Session, ids: Sequence[int], words: Words) -> None:
    """Take the person out of everything structured: history of others, merges, imports, tasks, logs."""
    _merges(session, ids)
    pair = (DuplicatePair.kind == CONTACT, or_(DuplicatePair.low_id.in_(ids), DuplicatePair.high_id.in_(ids)))
    session.execute(delete(DuplicatePair).where(*pair))
    _imports(session, ids, words)
    guest = update(ReceptionPerson).where(ReceptionPerson.contact_id.in_(ids))
    session.execute(guest.values(post=None, name=None))
    _invitations(session, ids, words)
    for event in session.scalars(
        select(AuditEvent).where(AuditEvent.subject_type == CONTACT, AuditEvent.subject_id.in_(ids))
    ):
        event.detail = {key: _said(value, words) for key, value in event.detail.items()}
    if words.searched:
        _logs(session, words, words.searched)
        _notices(session, words.searched)
    session.flush()


def _notices(session: Session, texts: Sequence[str]) -> None:
    """Delete notices that repeat a sentence with the name in it, and what carried them."""
    for model, told in (
        (Notice, or_(holds(Notice.text, texts), holds(Notice.params, texts))),
        (NoticeDelivery, holds(NoticeDelivery.body, texts)),
    ):
        session.execute(delete(model).where(told).execution_options(synchronize_session=False))


def _invitations(session: Session, ids: Sequence[int], words: Words) -> None:
    """Take the name off invitations and lists of visitors where it was typed beside an enterprise of the person's."""
    own = select(Contact.enterprise_id).where(Contact.id.in_(ids))
    held = select(ContactPost.enterprise_id).where(ContactPost.contact_id.in_(ids))
    here = or_(EventGuest.enterprise_id.in_(own), EventGuest.enterprise_id.in_(held), EventGuest.firm.in_(words.firms))
    statement = update(EventGuest).where(EventGuest.person.in_(words.names), here)
    session.execute(statement.values(person=GONE).execution_options(synchronize_session=False))
    of_theirs = or_(Reception.enterprise_id.in_(own), Reception.enterprise_id.in_(held))
    received = ReceptionPerson.reception_id.in_(select(Reception.id).where(of_theirs))
    typed = update(ReceptionPerson).where(
        ReceptionPerson.name.in_(words.names), ReceptionPerson.side == Side.VISITOR, received
    )
    session.execute(typed.values(name=GONE, post=None).execution_options(synchronize_session=False))


def _logs(session: Session, words: Words, texts: Sequence[str]) -> None:
    """Take the person out of what was asked for in lists, exports and tasks."""
    kinds = AuditEvent.subject_type.in_(SCRUBBED)
    for event in session.scalars(select(AuditEvent).where(holds(AuditEvent.detail, texts), kinds)):
        event.detail = without(event.detail, words)
    for task in session.scalars(
        select(Task).where(or_(*(holds(column, texts) for column in (Task.payload, Task.result, Task.last_error))))
    ):
        task.payload, task.result = without(task.payload, words), without(task.result, words)
        task.last_error = words.taken_out(task.last_error) if task.last_error else task.last_error
    runs = session.scalars(select(ExportRun).where(holds(ExportRun.state, texts))).all()
    for row in (*runs, *session.scalars(select(SavedView).where(holds(SavedView.state, texts)))):
        row.state = without(row.state, words)


def without(value: Any, words: Words, facts: frozenset[str] = frozenset(), gone: str = GONE) -> Any:  # noqa: ANN401 (any JSON value)
    """Return a JSON value without the person's number, address, and texts that are just a name or one of ``facts``."""
    if isinstance(value, dict):
        return {key: without(one, words, facts, gone) for key, one in value.items()}
    if isinstance(value, list):
        return [without(one, words, facts, gone) for one in value]
    if not isinstance(value, str):
        return value
    if value.strip() in words.names | facts:
        return gone
    return words.sure.sub(gone, value) if words.sure else value


def _said(value: Any, words: Words) -> Any:  # noqa: ANN401 (any JSON value)
    return words.taken_out(value) if isinstance(value, str) else value


def _merges(session: Session, ids: Sequence[int]) -> None:
    """Empty the memory of merges that touched these records, and what they wrote into the history of the other one."""
    mine = (MergeLog.kind == CONTACT, or_(MergeLog.winner_id.in_(ids), MergeLog.loser_id.in_(ids)))
    others = set()
    for log in session.scalars(select(MergeLog).where(*mine)):
        others |= {log.winner_id, log.loser_id} - set(ids)
        log.snapshot = {"winner": {}, "loser": {}, "name": NOBODY, "chosen": {}, "added": []}
        log.moves, log.reason = [], None
    merged = (FieldChange.kind == CONTACT, FieldChange.ref_id.in_(others), FieldChange.via == Via.MERGE)
    session.execute(update(FieldChange).where(*merged).values(before=null(), after=null()))


def runs_of(ids: Sequence[int]) -> Select[Any]:
    """Select the imports that wrote these contacts."""
    mine = (FieldChange.kind == CONTACT, FieldChange.ref_id.in_(ids), FieldChange.run_id.is_not(None))
    return select(FieldChange.run_id).where(*mine)


def lines_of(session: Session, ids: Sequence[int], words: Words) -> list[tuple[Any, bool]]:
    """Lines of imports that tell of the person, and whether the name in them is nobody else's."""
    rows = Base.metadata.tables[IMPORT_ROW]
    its, known = set(session.scalars(runs_of(ids))), words.by_name.sure
    told = or_(rows.c.contact_id.in_(ids), *(holds(rows.c.cells, [word]) for word in words.searched))
    found = []
    for row in session.execute(select(rows).where(told).order_by(rows.c.id)).all():
        named = known is not None and any(known.search(str(cell)) for cell in row.cells)
        sure = row.contact_id in ids or (named and row.run_id in its)
        if _is_about(row.cells, sure, words):
            found.append((row, sure))
    return found


def _imports(session: Session, ids: Sequence[int], words: Words) -> None:
    """Blank the cells of lines that told of the person, and what a run keeps of its file to show."""
    rows, runs = Base.metadata.tables[IMPORT_ROW], Base.metadata.tables[IMPORT_RUN]
    columns = ("cells", "problems", "candidates")
    for row, sure in lines_of(session, ids, words):
        known = words.by_name if sure else words
        plain = {name: without(getattr(row, name), known, words.facts, "") for name in columns}
        session.execute(update(rows).where(rows.c.id == row.id).values(plain))
    told = or_(runs.c.id.in_(runs_of(ids)), *(holds(runs.c[name], words.searched) for name in ("rejected", "options")))
    for run in session.execute(select(runs.c.id, runs.c.rejected, runs.c.options).where(told)).all():
        shown = {key: value for key, value in run.options.items() if key not in PIECES}
        plain = {"rejected": without(run.rejected, words), "options": without(shown, words)}
        session.execute(update(runs).where(runs.c.id == run.id).values(plain))
    maps = Base.metadata.tables[IMPORT_MAPPING]  # of a file without a heading, the first line of data is remembered
    for one in session.execute(select(maps.c.id, maps.c.headings).where(holds(maps.c.headings, words.searched))).all():
        session.execute(update(maps).where(maps.c.id == one.id).values(headings=without(one.headings, words)))


def _is_about(cells: Sequence[Any], linked: bool, words: Words) -> bool:  # noqa: FBT001 (one fact among three)
    texts = [str(cell).strip() for cell in cells if cell]
    if linked or (words.sure and any(words.sure.search(text) for text in texts)):
        return True
    return not words.names.isdisjoint(texts) and not words.firms.isdisjoint(texts)
