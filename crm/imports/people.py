"""Contacts named in rows: found again by phone, mail or name at their enterprise, added or completed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from crm.core.changes import CREATED
from crm.core.text import sort_key
from crm.enterprises.indexing import CONTACT, index_contacts
from crm.enterprises.models import Contact, ContactPost
from crm.enterprises.reach import reach_keys
from crm.imports.store import batches
from crm.imports.write import SORT_LENGTH, Mark, history

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from crm.imports.contacts import Person
    from crm.imports.matching import Subject

CREATE, UPDATE, SAME = "create", "update", "same"
MENDED = ("post", "note", "phone", "email")


@dataclass(slots=True, eq=False)
class Known:
    """A contact as far as the importer must know it: keys instead of numbers; ``id`` None for a new one."""

    id: int | None
    name: str
    post: str | None
    note: str | None
    phone_key: str | None
    email_key: str | None


class People:
    """Contacts of one unit at the enterprises at hand, kept up to date while rows come in."""

    def __init__(self, unit_id: int | None, *, overwrite: bool = False) -> None:
        """Work for this unit; without one, contacts are left alone."""
        self.unit_id, self.overwrite = unit_id, overwrite
        self._known: dict[int, list[Known]] = {}
        self._fresh: dict[Subject, list[Known]] = {}
        self._new: list[tuple[Subject, Person, Known]] = []
        self._changed: dict[int, tuple[Known, dict[str, tuple[Any, Any]]]] = {}

    def load(self, session: Session, ids: Collection[int]) -> None:
        """Read the contacts of these enterprises that are not known yet."""
        if self.unit_id is None:
            return
        columns = [getattr(Contact, name) for name in Known.__slots__]
        for some in batches(sorted(set(ids) - self._known.keys())):
            statement = (
                select(Contact.enterprise_id, *columns)
                .where(Contact.enterprise_id.in_(some), Contact.unit_id == self.unit_id, Contact.archived_at.is_(None))
                .order_by(Contact.id)
            )
            self._known.update((one, []) for one in some)
            for row in session.execute(statement):
                self._known[row[0]].append(Known(*row[1:]))

    def take(self, subject: Subject, person: Person) -> str:
        """Plan one contact: ``create``, ``update`` or ``same``."""
        keys = reach_keys(person.phone, person.email)
        there = [*self._known.get(subject.id or 0, ()), *self._fresh.get(subject, ())]
        found = _find(there, person, keys)
        if found is None:
            known = Known(None, person.name, person.post, person.note, keys["phone_key"], keys["email_key"])
            self._fresh.setdefault(subject, []).append(known)
            self._new.append((subject, person, known))
            return CREATE
        changes = self._changes(found, person, keys)
        if not changes:
            return SAME
        if found.id is not None:
            known, before = self._changed.get(found.id, (found, {}))
            self._changed[found.id] = (known, {**before, **changes})
        return UPDATE

    def _changes(self, known: Known, person: Person, keys: dict[str, str | None]) -> dict[str, tuple[Any, Any]]:
        changes: dict[str, tuple[Any, Any]] = {}
        for name in ("post", "note"):
            given, kept = getattr(person, name), getattr(known, name)
            if given and given != kept and (self.overwrite or not kept):
                changes[name] = (kept, given)
                setattr(known, name, given)
        for name in ("phone", "email"):
            key, kept = keys[f"{name}_key"], getattr(known, f"{name}_key")
            if key and key != kept and (self.overwrite or not kept):
                changes[name] = (None, getattr(person, name))
                setattr(known, f"{name}_key", key)
        return changes

    def forget(self, subject: Subject) -> None:
        """Know nothing of the contacts of an enterprise any more."""
        self._known.pop(subject.id or 0, None)
        self._fresh.pop(subject, None)

    def forget_plans(self) -> None:
        """Drop what is only needed to write (a check writes nothing)."""
        self._new.clear()
        self._changed.clear()

    def save(self, session: Session, source: str, mark: Mark) -> None:
        """Write what was planned."""
        if mark.by is None or self.unit_id is None:
            return
        rows = [self._row(subject, person, source, mark) for subject, person, _known in self._new]
        ids = []
        if rows:
            columns = (Contact.id, Contact.enterprise_id, Contact.post, Contact.source)
            made = session.execute(insert(Contact).returning(*columns), rows).all()
            ids = [row.id for row in made]
            posts = [
                {
                    "contact_id": row.id,
                    "enterprise_id": row.enterprise_id,
                    "post": row.post,
                    "source": row.source,
                    "created_by": mark.by,
                    "created_at": mark.now,
                }
                for row in made
            ]
            session.execute(insert(ContactPost), posts)
            history(session, ((CONTACT, key, CREATED, None, True) for key in ids), mark)
        for some in batches(sorted(self._changed)):
            self._update(session, some, mark)
        index_contacts(session, [*ids, *self._changed])

    def _row(self, subject: Subject, person: Person, source: str, mark: Mark) -> dict[str, Any]:
        return {
            "enterprise_id": subject.id,
            "unit_id": self.unit_id,
            "name": person.name,
            "sort_key": sort_key(person.name)[:SORT_LENGTH],
            "post": person.post,
            "phone": person.phone,
            "email": person.email,
            **reach_keys(person.phone, person.email),
            "note": person.note,
            "source": source,
            "legal_basis": "duty",
            "do_not_contact": False,
            "created_by": mark.by,
            "created_at": mark.now,
            "version": 1,
        }

    def _update(self, session: Session, ids: Sequence[int], mark: Mark) -> None:
        columns = [getattr(Contact, name) for name in MENDED]
        rows, moves = [], []
        here = (Contact.id.in_(ids), Contact.archived_at.is_(None))  # put away, merged or erased meanwhile: left alone
        for row in session.execute(select(Contact.id, *columns).where(*here).with_for_update()):
            before = {name: getattr(row, name) for name in MENDED}
            after = before | {name: new for name, (_old, new) in self._changed[row.id][1].items()}
            moves += [
                (CONTACT, row.id, name, before[name], after[name]) for name in MENDED if before[name] != after[name]
            ]
            rows.append({"its_id": row.id} | after)
        write_contacts(session, rows, mark)
        history(session, moves, mark)


def write_contacts(session: Session, rows: Sequence[dict[str, Any]], mark: Mark) -> None:
    """Write post, note, phone and mail of contacts (``its_id``) with what follows from them."""
    if not rows:
        return
    table, posts = Contact.__table__, ContactPost.__table__
    kept = {"phone": "phone_sealed", "email": "email_sealed"}
    follows = [row | reach_keys(row["phone"], row["email"]) for row in rows]
    values: dict[Any, Any] = {
        table.c[kept.get(name, name)]: bindparam(f"new_{name}") for name in follows[0] if name != "its_id"
    }
    values |= {table.c.updated_at: mark.now, table.c.version: table.c.version + 1}
    filled = [{name if name == "its_id" else f"new_{name}": one for name, one in row.items()} for row in follows]
    statement = update(table).where(table.c.id == bindparam("its_id"))  # type: ignore[arg-type]  # the mapped Table is typed as FromClause
    session.connection().execute(statement.values(values), filled)
    running = update(posts).where(posts.c.contact_id == bindparam("its_id"), posts.c.until.is_(None))  # type: ignore[arg-type]  # as above
    session.connection().execute(
        running.values({posts.c.post: bindparam("new_post")}),
        [{"its_id": row["its_id"], "new_post": row["post"]} for row in rows],
    )


def _find(there: list[Known], person: Person, keys: dict[str, str | None]) -> Known | None:
    for name in ("phone_key", "email_key"):
        same = [one for one in there if keys[name] and getattr(one, name) == keys[name]]
        if len(same) == 1:
            return same[0]
    named = [one for one in there if one.name == person.name]
    return named[0] if len(named) == 1 else None
