"""Where sentences somebody wrote may still name a person: told to whoever erases, with a way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, literal, null, or_, select, union_all
from sqlalchemy import cast as to

from crm.aftercare.cases.models import ServiceCase
from crm.core.audit import AuditEvent
from crm.core.changes import FieldChange
from crm.core.db import Base
from crm.core.files import Attachment
from crm.enterprises.aliases import ALIAS
from crm.enterprises.indexing import CONTACT, ENTERPRISE
from crm.enterprises.models import (
    Contact,
    ContactKnower,
    ContactPost,
    EnterpriseAlias,
    EnterpriseRelation,
    ProfileEntry,
)
from crm.enterprises.profile import ENTRY
from crm.enterprises.reach import phone_digits
from crm.enterprises.relations import RELATION
from crm.fieldwork.models import TouchContact
from crm.fieldwork.photos.models import TouchPhoto
from crm.register.mention_labels import AT, LABELS, LOGGED
from crm.register.mention_places import PLACES
from crm.register.traces import IMPORT_ROW, IMPORT_RUN, SCRUBBED, holds, runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from crm.register.mention_places import Place
    from crm.register.traces import Words

EACH = 50
AT_ONCE = 40  # parts of one statement; databases take some hundreds
CASES = 1000  # the newest cases of the firms of a person that are opened


@dataclass(frozen=True, slots=True)
class Mention:
    """One place: kind of record and its number."""

    kind: str
    ref: int

    @property
    def label(self) -> str:
        """Chinese name of the kind."""
        return LABELS[self.kind]

    @property
    def href(self) -> str:
        """Where it can be read and corrected."""
        return AT[self.kind].format(self.ref)


def find(session: Session, ids: Sequence[int], words: Words) -> list[Mention]:
    """Say where these words stand in what people wrote, at most :data:`EACH` places of a kind and table."""
    told = words.searched
    parts = _files(ids)
    if told:
        parts += [_written(place, told) for place in PLACES] + _register(told, ids)
    pieces = [select(part.limit(EACH).subquery()) for part in parts]
    found = set(_complained(session, ids, words))
    for first in range(0, len(pieces), AT_ONCE):
        rows = session.execute(union_all(*pieces[first : first + AT_ONCE]))
        found |= {(str(row[0]), int(row[1] or 0)) for row in rows}
    return [Mention(kind, ref) for kind, ref in sorted(found)]


def _written(place: Place, texts: Sequence[str]) -> Select[Any]:
    found = or_(*(holds(column, texts) for column in place.columns))
    part = _row(place.kind, place.ref).select_from(place.source).where(found, place.ref.is_not(None))
    return part.where(Attachment.subject_type == place.only) if place.only else part


def _register(texts: Sequence[str], ids: Sequence[int]) -> list[Select[Any]]:
    """Other people's records, what was changed where, and the log."""
    told = or_(holds(FieldChange.before, texts), holds(FieldChange.after, texts))
    mine, change = Contact.id.not_in(ids), _row("enterprise_history", FieldChange.ref_id)
    knower = ContactKnower.contact_id
    told_else = _row("change", to(null(), Contact.id.type)).select_from(FieldChange)
    known = (CONTACT, ENTERPRISE, ENTRY, RELATION, ALIAS)
    return [
        _place(CONTACT, Contact.id, texts, Contact.note, Contact.introducer, Contact.source, Contact.hometown,
               Contact.post).where(mine),
        _place(CONTACT, knower, texts, ContactKnower.note).where(knower.not_in(ids)),
        _place(CONTACT, ContactPost.contact_id, texts, ContactPost.post, ContactPost.source).where(
            ContactPost.contact_id.not_in(ids)
        ),
        change.where(FieldChange.kind == ENTERPRISE, told),
        *(
            _row("enterprise_history", firm).join(FieldChange, FieldChange.ref_id == number).where(
                FieldChange.kind == kind, told
            )
            for kind, number, firm in (
                (ENTRY, ProfileEntry.id, ProfileEntry.enterprise_id),
                (RELATION, EnterpriseRelation.id, EnterpriseRelation.from_id),
                (ALIAS, EnterpriseAlias.id, EnterpriseAlias.enterprise_id),
            )
        ),
        _row("contact_history", FieldChange.ref_id).where(
            FieldChange.kind == CONTACT, FieldChange.ref_id.not_in(ids), told
        ),
        told_else.where(FieldChange.kind.not_in(known), told),
        _row(LOGGED, to(null(), Contact.id.type)).select_from(AuditEvent).where(
            holds(AuditEvent.detail, texts), AuditEvent.subject_type.not_in(SCRUBBED)
        ),
        _imported(texts),
    ]  # fmt: skip


def _imported(texts: Sequence[str]) -> Select[Any]:
    """Files that name the person: the lines of others, and names of the files."""
    lines, runs = Base.metadata.tables[IMPORT_ROW].c, Base.metadata.tables[IMPORT_RUN].c
    named = or_(*(holds(one, texts) for one in (runs.filename, runs.rejected, runs.options)))
    told = select(lines.run_id).where(or_(*(holds(one, texts) for one in (lines.cells, lines.problems))))
    return _row("import", runs.id).where(or_(named, runs.id.in_(told)))


def _files(ids: Sequence[int]) -> list[Select[Any]]:
    lines = Base.metadata.tables[IMPORT_ROW].c
    wrote = select(literal("import", String()).label("kind"), runs_of(ids).distinct().subquery().c.run_id)
    photos = _row("photo", TouchPhoto.touch_id).join(TouchContact, TouchContact.touch_id == TouchPhoto.touch_id)
    return [
        _row("import", lines.run_id).where(lines.contact_id.in_(ids)).distinct(),
        wrote,
        photos.where(TouchContact.contact_id.in_(ids)).distinct(),
    ]


def _complained(session: Session, ids: Sequence[int], words: Words) -> Iterator[tuple[str, int]]:
    """Cases the person brought for its firms: who complained is sealed, so the cases of these firms are opened."""
    firms = select(Contact.enterprise_id).where(Contact.id.in_(ids))
    held = select(ContactPost.enterprise_id).where(ContactPost.contact_id.in_(ids))
    statement = select(ServiceCase.id, ServiceCase.person, ServiceCase.phone).where(
        or_(ServiceCase.enterprise_id.in_(firms), ServiceCase.enterprise_id.in_(held)),
        or_(ServiceCase.person.is_not(None), ServiceCase.phone.is_not(None)),
    )
    for number, person, phone in session.execute(statement.order_by(ServiceCase.id.desc()).limit(CASES)):
        named = any(name in (person or "") for name in words.names)
        if named or any(one in phone_digits(phone or "") for one in words.numbers):
            yield "case", number


def _place(
    kind: str, number: InstrumentedAttribute[Any], texts: Sequence[str], *columns: InstrumentedAttribute[Any]
) -> Select[Any]:
    return _row(kind, number).where(or_(*(holds(column, texts) for column in columns)))


def _row(kind: str, number: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[Any]:
    return select(literal(kind, String()).label("kind"), number.label("ref"))
