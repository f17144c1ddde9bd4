"""Warn at entry: which enterprises on record may be the one that is being typed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.core.text import fold, fold_company
from crm.enterprises.fields import domain_of
from crm.enterprises.identifiers import clean_codes, clean_uscc, split_codes
from crm.enterprises.models import Enterprise
from crm.enterprises.naming import names_of
from crm.register import duplicate_firms
from crm.register.duplicate_firms import Known
from crm.register.duplicate_rules import Firm, certain

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.enterprises.rules import EnterpriseDraft
    from crm.register.duplicate_rules import Reason

SHOWN = 5
ASK = 60
NEW = 0


@dataclass(frozen=True, slots=True)
class Similar:
    """An enterprise on record that may be the one being typed."""

    id: int
    name: str
    region: str | None
    uscc: str | None
    score: int
    reasons: tuple[Reason, ...]

    @property
    def certain(self) -> bool:
        """Whether an exact key is shared and nothing speaks against it."""
        return certain(self.score, self.reasons)

    @property
    def asks(self) -> bool:
        """Whether saving another one is worth a question."""
        return self.score >= ASK


def similar(session: Session, draft: EnterpriseDraft, own_id: int | None = None) -> list[Similar]:
    """Enterprises that share a key with what is being typed or are spelled like it, the likeliest first."""
    typed = _known(draft, own_id or NEW)
    others, crowded = duplicate_firms.candidates(session, typed)
    if not others:
        return []
    judged = {
        other: duplicate_firms.judge(typed, known, crowded)
        for other, known in duplicate_firms.load(session, others).items()
    }
    found = {other: verdict for other, verdict in judged.items() if verdict is not None}
    columns = (Enterprise.id, Enterprise.name, Enterprise.region, Enterprise.uscc)
    rows = session.execute(select(*columns).where(Enterprise.id.in_(found))).all() if found else []
    made = [Similar(*row, found[row.id].score, found[row.id].reasons) for row in rows]
    return sorted(made, key=lambda one: (-one.score, one.id))[:SHOWN]


def _known(draft: EnterpriseDraft, own_id: int) -> Known:
    firm = Firm(own_id, fold(draft.name), fold_company(draft.name), clean_uscc(draft.uscc))
    codes = frozenset(split_codes(clean_codes(draft.stock_codes)))
    return Known(firm, frozenset(names_of(draft.name, draft.name_en)), codes, domain_of(draft.website))
