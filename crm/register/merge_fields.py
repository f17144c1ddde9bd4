"""The fields of two records side by side: which differ, which value a merge keeps, and back again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.core import changes
from crm.enterprises.fields import LABELS as FIRM_LABELS
from crm.enterprises.fields import display
from crm.enterprises.fields import plain as firm_plain
from crm.enterprises.models import Contact, Enterprise
from crm.enterprises.rules import KNOWN_LABELS, LEGAL_BASES, mask_email, mask_phone
from crm.register.merge_rows import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTERPRISE, CONTACT = "enterprise", "contact"
Record = Enterprise | Contact
MODELS: dict[str, type[Enterprise | Contact]] = {ENTERPRISE: Enterprise, CONTACT: Contact}
CONTACT_LABELS: dict[str, str] = {
    "name": "姓名",
    "enterprise_id": "所在企业",
    "post": "职务",
    "phone": "电话",
    "email": "邮箱",
    "source": "来源",
    "known_through": "结识途径",
    "introducer": "引荐人",
    "hometown": "籍贯",
    "legal_basis": "处理依据",
    "notice_on": "告知日期",
    "retain_until": "保存期限",
    "do_not_contact": "本人要求不再联系",
    "note": "备注",
}
LABELS = {
    ENTERPRISE: {key: label for key, label in FIRM_LABELS.items() if key not in {"industry_code", "region_code"}},
    CONTACT: CONTACT_LABELS,
}
TOGETHER: dict[tuple[str, str], tuple[str, ...]] = {
    (ENTERPRISE, "name"): ("name", "folded_name", "sort_key", "stem"),
    (ENTERPRISE, "industry"): ("industry", "industry_code"),
    (ENTERPRISE, "region"): ("region", "region_code"),
    (ENTERPRISE, "website"): ("website", "site_domain"),
    (CONTACT, "name"): ("name", "sort_key"),
    (CONTACT, "phone"): ("phone", "phone_key", "phone_tail"),
    (CONTACT, "email"): ("email", "email_key"),
}
SEALED = changes.SEALED_FIELDS


@dataclass(frozen=True, slots=True)
class Line:
    """One field as shown on either side; ``choice``: they differ, ``take``: the loser's value is taken by itself."""

    field: str
    label: str
    winner: str
    loser: str
    choice: bool
    take: bool


def differing(kind: str, winner: Record, loser: Record) -> list[str]:
    """Fields of which the loser has another value than the winner."""
    found = []
    for field in LABELS[kind]:
        other = value_of(kind, loser, field)
        if other not in {None, "", False} and other != value_of(kind, winner, field):
            found.append(field)
    return found


def defaults(kind: str, winner: Record, loser: Record) -> set[str]:
    """Fields taken from the loser unless somebody says otherwise: those the winner has not."""
    return {field for field in differing(kind, winner, loser) if value_of(kind, winner, field) in {None, "", False}}


def lines(kind: str, winner: Record, loser: Record) -> list[Line]:
    """Return the fields that either record has, side by side; phone and mail are masked."""
    choices, taken = set(differing(kind, winner, loser)), defaults(kind, winner, loser)
    shown_ones = [
        Line(field, label, shown(kind, winner, field), shown(kind, loser, field), field in choices, field in taken)
        for field, label in LABELS[kind].items()
    ]
    return [line for line in shown_ones if line.winner or line.loser]


def value_of(kind: str, row: Record, field: str) -> Any:  # noqa: ANN401 (a plain JSON value)
    """Write a field as a plain value, equal for equal contents."""
    value = getattr(row, field)
    return firm_plain(field, value) if kind == ENTERPRISE else packed(value)


def shown(kind: str, row: Record, field: str) -> str:
    """Write a field for people; a Chinese message where it is a word of ours."""
    value = value_of(kind, row, field)
    if value in {None, ""}:
        return ""
    if kind == ENTERPRISE:
        return display(field, value)
    if field == "enterprise_id":
        return row.enterprise.name if isinstance(row, Contact) else ""
    if field == "do_not_contact":
        return "是" if value else "否"
    if field == "known_through":
        return next((label for key, label in KNOWN_LABELS.items() if key.value == value), str(value))
    masks = {"phone": mask_phone, "email": mask_email}
    return masks[field](str(value)) if field in masks else LEGAL_BASES.get(str(value), str(value))


def columns(kind: str, field: str) -> tuple[str, ...]:
    """Attributes that go together with a field."""
    return TOGETHER.get((kind, field), (field,))


def take(winner: Record, values: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Give the winner other values (field -> attribute -> value); return what they were and are, sealed, as JSON."""
    kept = {}
    for field, wanted in values.items():
        before = {name: _shut(name, getattr(winner, name)) for name in wanted}
        for name, value in wanted.items():
            setattr(winner, name, value)
        kept[field] = {"before": before, "after": {name: _shut(name, value) for name, value in wanted.items()}}
    return kept


def untouched(row: Record, kept: Mapping[str, Any]) -> bool:
    """Whether a field still holds what the merge put there."""
    return all(packed(getattr(row, name)) == changes.opened(name, value) for name, value in kept["after"].items())


def give_back(row: Record, kept: Mapping[str, Any]) -> None:
    """Put the values of before the merge back."""
    table = row.__table__.columns
    for name, value in kept["before"].items():
        setattr(row, name, changes.opened(name, value) if name in SEALED else unpacked(table[name], value))


def noted(kept: Mapping[str, Any], *, back: bool = False) -> dict[str, tuple[Any, Any]]:
    """Write what :func:`take` returned for the history of fields."""
    sides = ("after", "before") if back else ("before", "after")
    found = {}
    for field, sets in kept.items():
        for name in (name for name in sets["before"] if name in {field, f"{field}_code"}):
            old, new = (changes.opened(name, sets[side][name]) for side in sides)
            found[name] = (old, new)
    return found


def _shut(name: str, value: Any) -> Any:  # noqa: ANN401 (a value of any column)
    return changes.shut(name, value) if name in SEALED else packed(value)
