"""Kinds of import: who may, what columns mean, where the records stand; each but enterprises is a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.auth.rules import SYSTEM, Permission
from crm.core.scheduling import local_day
from crm.imports.carriers.sheet import SHEET as CARRIERS_SHEET
from crm.imports.chains.sheet import SHEET as CHAINS_SHEET
from crm.imports.mapping import mapping_of
from crm.imports.policies.sheet import SHEET as POLICIES_SHEET
from crm.imports.rules import CALLED_BY, COLUMN_LABELS, LAND_COLUMNS, MONEY_COLUMNS
from crm.imports.sheets.contract import Hand
from crm.imports.sheets.undoing import acting
from crm.imports.sheets.vocabulary import MONEY, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.auth.rules import Actor
    from crm.imports.models import ImportRun
    from crm.imports.sheets.contract import Sheet, Taker
    from crm.imports.vocabulary import Vocabulary


@dataclass(frozen=True)
class Kind:
    """A kind of import; ``home`` is the name and address of its register, ``record`` the address of one record."""

    key: str
    label: str
    permission: Permission
    home: tuple[str, str]
    icon: str
    record: str
    sheet: Sheet | None = None
    words: Vocabulary | None = field(default=None, compare=False)

    @property
    def meanings(self) -> Mapping[str, str]:
        """What a column may hold: key and label."""
        if self.sheet is None:
            return {column.value: label for column, label in COLUMN_LABELS.items()}
        return {one.key: one.label for one in self.sheet.fields}

    @property
    def called(self) -> frozenset[str]:
        """Columns of which one says what a line is about."""
        return frozenset(self.sheet.called) if self.sheet else frozenset(CALLED_BY)

    def measured(self, measure: str) -> frozenset[str]:
        """Columns that hold amounts of money or land."""
        if self.sheet is None:
            return frozenset(MONEY_COLUMNS if measure == MONEY else LAND_COLUMNS)
        return frozenset(one.key for one in self.sheet.fields if one.measure == measure)

    def allows(self, actor: Actor) -> bool:
        """Whether a person may make such records by hand, and so import them."""
        return actor is SYSTEM or actor.may(self.permission)

    def shows(self, actor: Actor, run: ImportRun) -> bool:
        """Whether a person may see a run: who keeps everything sees all, others see their own."""
        whole = actor is SYSTEM or actor.scope(self.permission) is None
        return self.allows(actor) and (whole or run.created_by == actor.user_id)

    def href(self, record_id: int | None) -> str:
        """The page of a record, blank for none."""
        return self.record.format(record_id) if record_id else ""

    def signed(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options of a file whose headings are remembered for this kind alone."""
        return {
            **options,
            "signature": f"{self.key}:{options['signature'][:64]}" if self.sheet else options["signature"],
        }


def _sheet(key: str, label: str, home: tuple[str, str], icon: str, sheet: Sheet) -> Kind:
    words = words_of(sheet.fields, sheet.called)
    return Kind(key, label, Permission.RESOURCE_MANAGE, home, icon, f"{home[1]}/{{}}", sheet, words)


LIST = Kind(
    "list", "企业和联系人", Permission.LIST_IMPORT, ("企业", "/enterprises"), "building-skyscraper", "/enterprises/{}"
)
CHAINS = _sheet("chains", "产业链", ("产业链", "/industry-chains"), "sitemap", CHAINS_SHEET)
CARRIERS = _sheet("carriers", "载体", ("载体", "/carriers"), "building-factory-2", CARRIERS_SHEET)
POLICIES = _sheet("policies", "政策", ("政策", "/policies"), "file-text", POLICIES_SHEET)
KINDS: dict[str, Kind] = {kind.key: kind for kind in (LIST, CARRIERS, POLICIES, CHAINS)}

PERMISSIONS = tuple(dict.fromkeys(kind.permission for kind in KINDS.values()))


def kind_of(run: ImportRun) -> Kind:
    """The kind of a run."""
    return KINDS[run.kind]


def allowed(actor: Actor) -> list[Kind]:
    """What a person may import."""
    return [kind for kind in KINDS.values() if kind.allows(actor)]


def taker_of(session: Session, run: ImportRun, sheet: Sheet, now: datetime) -> tuple[Taker, Hand]:
    """Who takes the lines of a run, with the rights its person has this very day."""
    options = run.options
    hand = Hand(
        acting(session, options.get("by"), now),
        now,
        local_day(now),
        run.id,
        options.get("unit_id"),
        options.get("mode") or "both",
    )
    return sheet.taker(mapping_of(options, frozenset(sheet.called)), hand), hand
