"""Decide which enterprise a row of a list means: by credit code, exact name or stock code, never by likeness."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crm.core.text import fold, fold_company
from crm.enterprises.rules import AliasKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.enterprises.naming import Name
    from crm.imports.rows import ImportRow

SURE_KINDS = frozenset({AliasKind.FULL, AliasKind.FORMER, AliasKind.ENGLISH})
TAKEN_USCC = "同名企业“%(name)s”的统一社会信用代码不同，请人工核对。"
TWO_FIRMS = "代码属于“%(name)s”，名称却是“%(other)s”，请人工核对。"
SHARED_NAME = "“%(name)s”也用这个名称。确是同一家时，给它添加曾用名或全称后重新导入；否则手工新增。"
LIKE_NAME = "与“%(name)s”只差公司后缀。确是同一家时，给它添加曾用名或全称后重新导入；否则手工新增。"


@dataclass(slots=True, eq=False)
class Subject:
    """An enterprise of the register, or one about to enter it (``id`` None)."""

    name: str
    id: int | None = None
    name_en: str | None = None
    uscc: str | None = None
    codes: tuple[str, ...] = ()
    industry: str | None = None
    region: str | None = None
    names: dict[str, Name] = field(default_factory=dict)
    fresh_names: dict[str, Name] = field(default_factory=dict)
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that only a person can place: why, and who it might be."""

    message: str
    params: dict[str, object]
    candidates: tuple[Subject, ...]


class Register:
    """What is known of names and codes, kept up to date while rows come in."""

    def __init__(self, subjects: Iterable[Subject] = ()) -> None:
        """Know these enterprises from the start."""
        self._by_name: dict[str, Subject] = {}
        self._by_uscc: dict[str, Subject] = {}
        self._by_code: dict[str, Subject] = {}
        self._called: defaultdict[str, dict[Subject, AliasKind]] = defaultdict(dict)
        for subject in subjects:
            self.know(subject)

    def know(self, subject: Subject) -> None:
        """Find this enterprise by its names and codes from now on."""
        self._by_name[fold(subject.name)] = subject
        if subject.uscc:
            self._by_uscc.setdefault(subject.uscc, subject)
        for code in subject.codes:
            self._by_code.setdefault(code, subject)
        for folded, (_text, kind) in (subject.names | subject.fresh_names).items():
            self._called[folded].setdefault(subject, kind)

    def find(self, row: ImportRow) -> Subject | Doubt | None:
        """Return the enterprise of a row, a doubt for a person, or None for a new one."""
        by_uscc = self._by_uscc.get(row.uscc) if row.uscc else None
        by_name = self._by_name.get(fold(row.name))
        by_code = next((self._by_code[code] for code in row.codes if code in self._by_code), None)
        sure = by_uscc or by_code
        if sure is not None and by_name not in {None, sure}:
            return _two_firms(sure, by_name)
        found = sure or by_name
        if found is None:
            return self._by_other_name(row)
        if row.uscc and found.uscc and row.uscc != found.uscc:
            return Doubt(TAKEN_USCC, {"name": found.name}, (found,))
        return found

    def _by_other_name(self, row: ImportRow) -> Subject | Doubt | None:
        owners = self._called.get(fold(row.name), {})
        certain = [owner for owner, kind in owners.items() if kind in SURE_KINDS]
        if len(owners) == 1 and certain:
            return self._checked(row, certain[0])
        if owners:
            return Doubt(SHARED_NAME, {"name": next(iter(owners)).name}, tuple(owners))
        foreign = self._by_foreign_name(row)
        if foreign is not None:
            return self._checked(row, foreign)
        short = fold_company(row.name)
        alike = {**self._called.get(short, {}), **dict.fromkeys(filter(None, [self._by_name.get(short)]))}
        if alike and not row.named_only:
            return Doubt(LIKE_NAME, {"name": next(iter(alike)).name}, tuple(alike))
        return None

    def _by_foreign_name(self, row: ImportRow) -> Subject | None:
        folded = fold(row.name_en) if row.name_en else ""
        owners = {owner for owner, kind in self._called.get(folded, {}).items() if kind in SURE_KINDS}
        return owners.pop() if len(owners) == 1 and folded else None

    @staticmethod
    def _checked(row: ImportRow, found: Subject) -> Subject | Doubt:
        if row.uscc and found.uscc and row.uscc != found.uscc:
            return Doubt(TAKEN_USCC, {"name": found.name}, (found,))
        return found


def _two_firms(sure: Subject, named: Subject | None) -> Doubt:
    firms = tuple(firm for firm in (sure, named) if firm is not None)
    return Doubt(TWO_FIRMS, {"name": firms[0].name, "other": firms[-1].name}, firms)
