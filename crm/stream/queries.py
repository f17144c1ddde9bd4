"""Reads of a stream: a page of lines, what stands pinned, what is quoted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, union_all
from sqlalchemy.orm import aliased

from crm.auth.models import User
from crm.core.changes import FieldChange
from crm.core.errors import NotFoundError, Problem
from crm.core.paging import Key, Page, fetch_page
from crm.enterprises.indexing import ENTERPRISE
from crm.stream.models import StreamComment, StreamPin
from crm.stream.rules import KINDS, kinds_of
from crm.stream.sources import SOURCES
from crm.stream.subject import Subject, of_enterprise, of_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Select, Subquery
    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor

    Ref = tuple[str, int]

ABSENT = Problem("comment.absent", "没有这条评论，或者不在您的查看范围内。")
NO_LINE = Problem("stream.line", "这条动态已经没有了，请刷新页面。")


@dataclass(frozen=True, slots=True)
class Stream:
    """A page of a stream; ``quoted`` holds the quoted lines the person may see, by kind and id."""

    page: Page[Any]
    pinned: tuple[Any, ...]
    quoted: dict[Ref, Any]
    changed: dict[Ref, list[FieldChange]] = field(default_factory=dict)


def read(session: Session, actor: Actor, about: Subject, *, group: str = "", cursor: str | None = None) -> Stream:
    """Read a page of lines, newest first; the first page of the whole stream comes with what is pinned."""
    lines, statement = _lines(actor, about, kinds_of(group))
    order = [Key(lines.c[name], descending=True) for name in ("at", "kind", "id")]
    page = fetch_page(session, statement, order, lambda row: (row.at, row.kind, row.id), cursor=cursor)
    quotes = {ref for row in page.rows if (ref := quoted_by(row))}
    first = not cursor and not group
    beside = _some(session, actor, about, quotes, pinned=first) if quotes or first else []
    pinned = tuple(row for row in beside if row.pin_id is not None) if first else ()
    rows = [*page.rows, *beside]
    return Stream(page, pinned, {(row.kind, row.id): row for row in beside}, _changes(session, rows))


def find(session: Session, actor: Actor, about: Subject, ref: Ref) -> Any:  # noqa: ANN401 (a row of lines)
    """Return one line the person may see; raise NotFoundError."""
    found = _some(session, actor, about, {ref}) if ref[0] in KINDS else []
    if not found:
        raise NotFoundError(NO_LINE)
    return found[0]


def quoted_by(row: Any) -> Ref | None:  # noqa: ANN401 (a row of lines)
    """Return which line a comment quotes."""
    return read_ref(row.d or "") if row.kind == "comment" else None


def read_ref(text: str) -> Ref | None:
    """Read ``touch:12``; None for anything else."""
    kind, _sign, key = text.partition(":")
    return (kind, int(key)) if kind in KINDS and key.isascii() and key.isdigit() and len(key) <= 18 else None  # noqa: PLR2004 (digits of a record number)


def comment(session: Session, actor: Actor, comment_id: int) -> tuple[StreamComment, Subject]:
    """Return a comment, deleted or not, with what it is on; not found when that is not to be seen."""
    row = session.get(StreamComment, comment_id)
    if row is None:
        raise NotFoundError(ABSENT)
    if row.project_id is not None:
        return row, of_project(session, actor, row.project_id)
    return row, of_enterprise(session, actor, row.enterprise_id or 0)


def count_pins(session: Session, about: Subject) -> int:
    """Return how many lines are pinned, whoever may see them."""
    return session.scalar(select(func.count(StreamPin.id)).where(_on(about))) or 0


def pin_of(session: Session, about: Subject, ref: Ref) -> StreamPin | None:
    """Return the pin of a line."""
    return session.scalar(select(StreamPin).where(_on(about), StreamPin.kind == ref[0], StreamPin.item_id == ref[1]))


def _lines(actor: Actor, about: Subject, kinds: Iterable[str]) -> tuple[Subquery, Select[Any]]:
    lines = union_all(*(SOURCES[kind](actor, about) for kind in sorted(kinds))).subquery("line")
    owner = aliased(User)
    statement = (
        select(*lines.c, User.name.label("who"), owner.name.label("owner"), StreamPin.id.label("pin_id"))
        .outerjoin(User, User.id == lines.c.by)
        .outerjoin(owner, and_(lines.c.kind == "planned", owner.id == lines.c.ref))
        .outerjoin(StreamPin, and_(_on(about), StreamPin.kind == lines.c.kind, StreamPin.item_id == lines.c.id))
    )
    return lines, statement


def _some(session: Session, actor: Actor, about: Subject, refs: set[Ref], *, pinned: bool = False) -> Sequence[Any]:
    """Lines by kind and id, and those that are pinned, within the person's view."""
    kinds = KINDS if pinned else {kind for kind, _key in refs}
    lines, statement = _lines(actor, about, kinds)
    wanted: list[ColumnElement[bool]] = [and_(lines.c.kind == kind, lines.c.id == key) for kind, key in sorted(refs)]
    if pinned:
        wanted.append(StreamPin.id.is_not(None))
    return session.execute(statement.where(or_(*wanted)).order_by(StreamPin.id.desc())).all()


def _on(about: Subject) -> ColumnElement[bool]:
    enterprise_id, project_id = about.key
    return StreamPin.project_id == project_id if project_id else StreamPin.enterprise_id == enterprise_id


def _changes(session: Session, rows: Iterable[Any]) -> dict[Ref, list[FieldChange]]:
    """Return the fields behind each line of changes, in one query."""
    lines = {(row.firm, row.at): row.id for row in rows if row.kind == "change"}
    if not lines:
        return {}
    statement = select(FieldChange).where(
        FieldChange.kind == ENTERPRISE,
        FieldChange.ref_id.in_({firm for firm, _at in lines}),
        FieldChange.at.in_({at for _firm, at in lines}),
    )
    found: dict[Ref, list[FieldChange]] = {}
    for change in session.scalars(statement.order_by(FieldChange.id)):
        key = lines.get((change.ref_id, change.at))
        if key is not None:
            found.setdefault(("change", key), []).append(change)
    return found
