"""Decide which enterprise a row of a list means: by credit code, exact name or stock code, never by likeness."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm.core.text import fold, fold_company
from crm.enterprises.rules import AliasKind
from crm.imports.apart import other_share, surely_apart

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from crm.enterprises.naming import Name
    from crm.imports.rows import ImportRow

SURE_KINDS = frozenset({AliasKind.FULL, AliasKind.FORMER, AliasKind.ENGLISH})
TAKEN_USCC = "同名企业“%(name)s”的统一社会信用代码不同，请人工核对。"
TWO_FIRMS = "代码属于“%(name)s”，名称却是“%(other)s”，请人工核对。"
SHARED_NAME = "“%(name)s”也用这个名称：请选是哪一家，或者新建。"
NAMELESS = "没有企业名称，按代码也没有找到企业；请补上名称，或选一家。"
LIKE_NAME = "与“%(name)s”只差公司后缀：请选是不是同一家，或者新建。"
HELD_CODE = "代码已登记在“%(name)s”名下，而这次不按这种代码认企业：请选是不是它。"
DOUBTS = frozenset({TAKEN_USCC, TWO_FIRMS, SHARED_NAME, NAMELESS, LIKE_NAME, HELD_CODE})
NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Subject:
    """An enterprise of the register, or one about to enter it (``id`` None, ``line``: the line that makes it).

    ``values`` are its plain fields, ``names`` its folded names, ``listed``: it stands on a list. ``fresh`` are
    names and ``before`` fields that a run added or changed (None: none yet; a file may make 50,000 of these).
    ``told`` are folded names that a person said mean this enterprise.
    """

    name: str
    id: int | None = None
    uscc: str | None = None
    codes: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    names: dict[str, AliasKind] = field(default_factory=dict)
    fresh: dict[str, Name] | None = None
    before: dict[str, Any] | None = None
    told: frozenset[str] = NOBODY
    listed: bool = False
    line: int = 0
    changed: bool = False

    def change(self, name: str, before: Any) -> None:  # noqa: ANN401 (any field)
        """Note what a field was before this run first changed it."""
        if self.before is None:
            self.before = {}
        self.before.setdefault(name, before)

    def call(self, folded: str, name: Name) -> bool:
        """Learn a name; False when it is known."""
        if folded in self.names:
            return False
        if self.fresh is None:
            self.fresh = {}
        self.fresh[folded] = name
        self.names[folded] = name[1]
        return True

    def tell(self, folded: str) -> None:
        """Keep that a person said this name means this enterprise."""
        self.told |= {folded}

    def calm(self) -> None:
        """Forget what is only needed to write."""
        self.fresh = self.before = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that only a person can place: why, and who it might be."""

    message: str
    params: dict[str, object]
    candidates: tuple[Subject, ...]


class Register:
    """What is known of names and codes, kept up to date while rows come in."""

    def __init__(self, subjects: Iterable[Subject] = (), keys: Collection[str] = ("uscc", "stock", "name")) -> None:
        """Know these enterprises from the start; ``keys`` are the ways in which a row names an enterprise surely."""
        self._keys = frozenset(keys)
        self._by_name: dict[str, Subject] = {}
        self._by_uscc: dict[str, Subject] = {}
        self._by_code: dict[str, Subject] = {}
        self._called: dict[str, tuple[Subject, ...] | Subject] = {}
        for subject in subjects:
            self.know(subject)

    def owner(self, *, uscc: str | None = None, code: str | None = None) -> Subject | None:
        """Who holds a credit code or a stock code."""
        return self._by_uscc.get(uscc) if uscc else self._by_code.get(code or "")

    def named(self, name: str) -> Subject | None:
        """Who is registered under this very name: two of those cannot be."""
        return self._by_name.get(fold(name))

    def know(self, subject: Subject) -> None:
        """Find this enterprise by its names and codes from now on."""
        self._by_name[fold(subject.name)] = subject
        if subject.uscc:
            self._by_uscc.setdefault(subject.uscc, subject)
        for code in subject.codes:
            self._by_code.setdefault(code, subject)
        for folded in subject.names:
            others = self.called(folded)
            if subject not in others:
                self._called[folded] = (*others, subject) if others else subject

    def forget(self, subject: Subject) -> None:
        """Know nothing of this enterprise any more."""
        for index, keys in (
            (self._by_name, [fold(subject.name)]),
            (self._by_uscc, [subject.uscc or ""]),
            (self._by_code, subject.codes),
        ):
            for key in keys:
                if index.get(key) is subject:
                    del index[key]
        for folded in subject.names:
            others = tuple(one for one in self.called(folded) if one is not subject)
            if others:
                self._called[folded] = others
            else:
                self._called.pop(folded, None)

    def called(self, folded: str) -> tuple[Subject, ...]:
        """Who has this name, in the order in which they came."""
        found = self._called.get(folded, ())
        return found if isinstance(found, tuple) else (found,)

    def find(self, row: ImportRow) -> Subject | Doubt | None:
        """Return the enterprise of a row, a doubt for a person, or None for a new one."""
        folded = fold(row.name)
        told = [owner for owner in self.called(folded) if folded in owner.told]
        if len(told) == 1:
            return told[0]
        by_uscc = self._by_uscc.get(row.uscc or "") if "uscc" in self._keys else None
        by_name = self._by_name.get(folded) if "name" in self._keys else None
        by_code = self._by_stock(row) if "stock" in self._keys else None
        sure = by_uscc or by_code
        if sure is not None and by_name not in {None, sure}:
            return _two_firms(sure, by_name)
        found = sure or by_name
        if found is None:
            return self._held_code(row) or (self._by_other_name(row) if row.name else Doubt(NAMELESS, {}, ()))
        return self._checked(row, found)

    def _by_stock(self, row: ImportRow) -> Subject | None:
        return next((self._by_code[code] for code in row.codes if code in self._by_code), None)

    def _held_code(self, row: ImportRow) -> Doubt | None:
        """Whose code a row gives although codes of this kind are no way to know an enterprise here."""
        holder = self._by_uscc.get(row.uscc or "") or self._by_stock(row)
        return Doubt(HELD_CODE, {"name": holder.name}, (holder,)) if holder else None

    def _by_other_name(self, row: ImportRow) -> Subject | Doubt | None:
        folded = fold(row.name)
        own = self._by_name.get(folded)
        owners = self.called(folded) or (() if own is None else (own,))
        owners = owners if row.named_only else tuple(one for one in owners if not other_share(row, one))
        certain = [owner for owner in owners if owner.names.get(folded, AliasKind.FULL) in SURE_KINDS]
        if len(owners) == 1 and certain and "name" in self._keys:
            return self._checked(row, certain[0])
        likely = self._likely(row, owners)
        if likely:
            return Doubt(SHARED_NAME, {"name": likely[0].name}, likely)
        foreign = self._by_foreign_name(row) if "name" in self._keys else None
        if foreign is not None:
            return self._checked(row, foreign)
        alike = () if row.named_only else self._likely(row, self._alike(row.name))
        return Doubt(LIKE_NAME, {"name": alike[0].name}, alike) if alike else None

    def kin(self, row: ImportRow) -> tuple[Subject, ...]:
        """Firms with a like name from which a new one is surely apart: perhaps relatives."""
        return tuple(dict.fromkeys((*self.called(fold(row.name)), *self._alike(row.name)))) if row.name else ()

    def _alike(self, name: str) -> tuple[Subject, ...]:
        """Who has this name but for the legal suffix."""
        short = fold_company(name)
        return tuple(dict.fromkeys((*self.called(short), *filter(None, [self._by_name.get(short)]))))

    @staticmethod
    def _likely(row: ImportRow, owners: tuple[Subject, ...]) -> tuple[Subject, ...]:
        """Those who may be meant; a row of former names speaks of one on record, so nobody is left out."""
        return owners if row.named_only else tuple(one for one in owners if not surely_apart(row, one))

    def _by_foreign_name(self, row: ImportRow) -> Subject | None:
        folded = fold(row.name_en) if row.name_en else ""
        owners = [owner for owner in self.called(folded) if owner.names[folded] in SURE_KINDS]
        return owners[0] if len(owners) == 1 and folded else None

    @staticmethod
    def _checked(row: ImportRow, found: Subject) -> Subject | Doubt:
        if row.uscc and found.uscc and row.uscc != found.uscc:
            return Doubt(TAKEN_USCC, {"name": found.name}, (found,))
        return found


def _two_firms(sure: Subject, named: Subject | None) -> Doubt:
    firms = tuple(firm for firm in (sure, named) if firm is not None)
    return Doubt(TWO_FIRMS, {"name": firms[0].name, "other": firms[-1].name}, firms)
