"""Saving the form of an enterprise that somebody else may have changed: merge what can be, ask for the rest."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.core.changes import Via
from crm.core.errors import ConflictError
from crm.enterprises import queries as enterprises
from crm.enterprises import services
from crm.enterprises.compare import Clash, compare
from crm.enterprises.fields import display, plain, values_of
from crm.register.enterprise_form import FORM_FIELDS
from crm.web.i18n import tr
from crm.web.inputs import usable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.enterprises.models import Enterprise

Values = dict[str, str | None]
MINE, STORED, ORIGINAL = "mine", "stored", "original"
CHOICES = (MINE, STORED, ORIGINAL)
TRIES = 3


@dataclass(frozen=True, slots=True)
class Edit:
    """One submission of the form: what was typed, what the page showed, what clashed on it and what was chosen."""

    mine: Values
    original: Values | None
    version: int
    earlier: Values = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """The clashes as the page showed them."""
        shown = self.original or {}
        return tuple(Clash(name, self.mine.get(name), shown.get(name), was) for name, was in self.earlier.items())

    @property
    def undecided(self) -> bool:
        """Whether a clash was left without a choice."""
        return any(self.chosen.get(name) not in CHOICES for name in self.earlier)

    @property
    def wanted(self) -> Values:
        """What is to be saved: the typed values with the choices put in."""
        shown = self.original or {}
        by_choice = {STORED: shown, ORIGINAL: self.earlier}
        picked = {name: by_choice[how].get(name) for name, how in self.chosen.items() if how in by_choice}
        return {**self.mine, **{name: value for name, value in picked.items() if name in self.earlier}}


def packed(row: Enterprise) -> str:
    """What a form carries along to be compared later."""
    return pack(values_of(row))


def pack(values: Mapping[str, str | None]) -> str:
    """Write values of the form's fields as JSON."""
    return json.dumps({name: values[name] for name in FORM_FIELDS if name in values}, ensure_ascii=False)


def unpack(sent: str) -> Values | None:
    """Read values that a form carried along, those that can be read; None when they are missing or nonsense."""
    try:
        read = json.loads(sent)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    sent_values = {name: usable(read[name]) for name in FORM_FIELDS if isinstance(read.get(name, 0), str | None)}
    return {name: value for name, value in sent_values.items() if _readable(name, value)}


def _readable(name: str, value: str | None) -> bool:
    try:
        plain(name, value)
    except ValueError:
        return False
    return True


def save(
    session: Session, actor: Actor, enterprise_id: int, edit: Edit, *, confirmed: bool, now: datetime
) -> tuple[Clash, ...]:
    """Save what nobody else changed meanwhile; return the clashes, and write nothing when there are any.

    Raises:
        ConflictError: the form does not say what it was opened with, and the row is newer.
        DomainError: what the rules refuse.

    """
    for _try in range(TRIES):
        row = enterprises.enterprise(session, enterprise_id)
        if edit.original is None and row.version != edit.version:
            break
        stored = values_of(row)
        changes, clashes = compare(edit.original if edit.original is not None else stored, edit.wanted, stored)
        if clashes:
            return clashes
        wanted = {**changes, "confirmed": confirmed}
        try:
            services.update_fields(session, actor, enterprise_id, wanted, version=row.version, via=Via.FORM, now=now)
        except ConflictError:
            session.rollback()
        else:
            return ()
    raise ConflictError(services.STALE)


def merged(edit: Edit, row: Enterprise) -> Values:
    """The form to show beside clashes: what I changed as I typed it, all else as it is stored now."""
    stored, original = values_of(row), edit.original or {}
    mine = {name: value for name, value in edit.wanted.items() if value != original.get(name)}
    return {**{name: stored[name] for name in FORM_FIELDS}, **mine}


def shown(name: str, value: Any) -> str:  # noqa: ANN401 (a kept JSON value)
    """Write a value of a field for the person who looks: names of kinds in their language."""
    text = display(name, value)
    return tr(text) if name == "source_kind" and text else text
