"""One line of a sheet of policies: the head of its policy as far as it says it, and its clause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.imports.sheets.cells import LONGEST, SHORT, Cells
from crm.resources.policies import history
from crm.resources.policies.rules import (
    BASIS_LABELS,
    KIND_LABELS,
    LEVEL_LABELS,
    ClauseDraft,
    ClauseKind,
    Limit,
    PolicyLevel,
    VersionDraft,
)

if TYPE_CHECKING:
    from crm.resources.policies.models import PolicyClause

NO_TITLE = "请填写政策名称；同一份政策的每一行都写。"
NO_DOCUMENT = "请填写文号；没有文号的写“无文号”。"
NO_NUMBER = "请填写条款号，例如 第三条（二）。"
NO_LEVEL = "新政策要写明级别：国家、省、市 或 县区。"
NO_KIND = "新条款要写明种类，例如 投资奖补。"
MONEY = frozenset({"min_fixed", "min_tax"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line as far as it could be read; what is blank in ``head`` is None."""

    title: str
    document_no: str
    number: str
    head: dict[str, Any]


def line(read: Cells) -> Line:
    """Read what a line is about."""
    title, document_no, number = read.text("title"), read.text("document_no", SHORT), read.text("number", SHORT)
    for key, text, said in (
        ("title", title, NO_TITLE),
        ("document_no", document_no, NO_DOCUMENT),
        ("number", number, NO_NUMBER),
    ):
        if text is None:
            read.bad(key, said)
    return Line(title or "", document_no or "", number or "", head(read))


def head(read: Cells) -> dict[str, Any]:
    """Read the head of a policy."""
    return {
        "issuer": read.text("issuer"),
        "level": read.choice("level", LEVEL_LABELS),
        "valid_from": read.day("valid_from"),
        "valid_until": read.day("valid_until"),
        "industries": read.words("industries"),
        "summary": read.text("summary", LONGEST),
    }


def new_head(read: Cells, about: Line, said: dict[str, Any], unit_id: int) -> VersionDraft:
    """The head of a policy that is not in the register yet."""
    if "level" not in said:
        read.missing("level", NO_LEVEL)
    blank = {"issuer": "", "level": PolicyLevel.COUNTY, "valid_from": None}
    return VersionDraft(title=about.title, document_no=about.document_no, unit_id=unit_id, **{**blank, **said})


def clause(read: Cells, about: Line, row: PolicyClause | None) -> ClauseDraft:
    """The clause of a line; what is blank leaves what is stored."""
    said: dict[str, Any] = {
        "kind": read.choice("kind", KIND_LABELS),
        "text": read.text("text", LONGEST),
        "basis": read.choice("basis", BASIS_LABELS),
        "rate": read.number("rate", percent=True),
        "cap": read.money("cap"),
        "years": read.whole("years"),
        "industries": read.words("clause_industries"),
        "only_foreign": read.flag("only_foreign"),
        **{limit.value: (read.money if limit.value in MONEY else read.number)(limit.value) for limit in Limit},
    }
    said = {name: value for name, value in said.items() if value is not None}
    if row is not None:
        return history.clause_of(row, **said)
    if "kind" not in said:
        read.missing("kind", NO_KIND)
    return ClauseDraft(**{"kind": ClauseKind.OTHER, "text": "", **said, "number": about.number})
