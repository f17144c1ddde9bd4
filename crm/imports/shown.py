"""What the pages of an import show: words for states and results, lines of the grid, tabs and tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.core.errors import Problem
from crm.enterprises.lists import identify
from crm.imports import kinds, rules
from crm.imports.lines import LINE
from crm.imports.models import RowAction
from crm.imports.outcomes import record_of
from crm.imports.rules import Column
from crm.web.i18n import say, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crm.enterprises.queries import Place
    from crm.imports.models import ImportRow, ImportRun

STATE_LABELS = {
    rules.MAPPING: "等您看列对应",
    rules.CHECKING: "正在核对",
    rules.CHECKED: "等您确认",
    rules.APPLYING: "正在导入",
    rules.DONE: "已导入",
    rules.CANCELLED: "已取消",
    rules.FAILED: "没有成功",
    rules.UNDOING: "正在撤销",
    rules.UNDONE: "已撤销",
}
PROBLEMS = "refuse"
PLANNED = {
    "refuse": "有问题",
    "queue": "待核对",
    "create": "将新增",
    "update": "将更新",
    "same": "不变",
    "skip": "已跳过",
}
BECAME = {**PLANNED, "refuse": "没有导入", "create": "已新增", "update": "已更新"}
WRITTEN = frozenset({rules.DONE, rules.UNDOING, rules.UNDONE})
NAMES = (Column.NAME, Column.FULL, Column.SHORT, Column.TICKER, Column.NAME_EN, Column.USCC)
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """A column of the grid: where it stands in the file, its heading, what it means."""

    index: int
    heading: str
    meaning: str
    is_name: bool


@dataclass(frozen=True, slots=True)
class Why:
    """One thing that is wrong with a line; ``level`` is bad or doubt."""

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a line with what is wrong with it; ``level`` is empty when nothing is."""

    index: int
    heading: str
    text: str
    level: str
    whys: tuple[str, ...]
    is_name: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """An enterprise a line might be; one that is not in the register yet (``id`` None) is known by its ``line``."""

    id: int | None
    name: str
    code: str
    line: int | None
    lists: tuple[str, ...]

    @property
    def choice(self) -> str:
        """What choosing it sends."""
        return str(self.id) if self.id else f"{LINE}{self.line}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid; ``open``: its cells may be changed, ``choosable``: a person may say who it is."""

    number: int
    action: str
    name: str
    cells: tuple[Cell, ...]
    whys: tuple[Why, ...]
    candidates: tuple[Candidate, ...]
    href: str
    open: bool
    choosable: bool

    @property
    def out(self) -> bool:
        """Whether the line is left out."""
        return self.action == RowAction.SKIP

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Headings with their values."""
        return [(cell.heading, cell.text) for cell in self.cells]


def words(problem: dict[str, Any]) -> str:
    """Put a stored problem (``message`` and ``params``) into the person's language."""
    filled = problem.get("params") or {}
    return say(Problem("", problem["message"], None, filled))


def kept(one: dict[str, Any]) -> str:
    """Why an undo left something where it is; the name of a field is a word of ours."""
    params = {key: tr(value) for key, value in (one.get("params") or {}).items()}
    return words({"message": one["message"], "params": params})


def heads(run: ImportRun) -> list[ColumnHead]:
    """The columns of the file that are read, in the file's order."""
    headings, kind = run.options.get("headings") or [], kinds.kind_of(run)
    meanings = {int(index): str(value) for index, value in (run.options.get("columns") or {}).items()}
    names = (kind.sheet.named,) if kind.sheet else NAMES
    named = next((index for name in names for index, value in sorted(meanings.items()) if value == name), None)
    labels = kind.meanings
    return [
        ColumnHead(
            index,
            (headings[index] if index < len(headings) else "") or tr(labels[meaning]),
            tr(labels[meaning]),
            index == named,
        )
        for index, meaning in sorted(meanings.items())
    ]


def line(run: ImportRun, row: ImportRow, columns: Sequence[ColumnHead], places: Mapping[int, Sequence[Place]]) -> Line:
    """One row as the grid shows it; ``places`` are the lists its candidates stand on."""
    state = rules.state_of(run.state)
    cells = tuple(_cell(row, column) for column in columns)
    known = {column.index for column in columns}
    whys = [one for one in row.problems if one.get("index") not in known]
    return Line(
        number=row.line,
        action=row.action.value,
        name=next((cell.text for cell in cells if cell.is_name), ""),
        cells=cells,
        whys=tuple(Why(one["level"], words(one)) for one in whys),
        candidates=tuple(_candidate(one, places) for one in row.candidates if "line" in one),
        href=kinds.kind_of(run).href(row.enterprise_id or record_of(row.candidates)),
        open=state in rules.MENDABLE and row.applied_at is None,
        choosable=state in rules.MENDABLE | {rules.DONE} and row.action is RowAction.QUEUE,
    )


def _cell(row: ImportRow, column: ColumnHead) -> Cell:
    found = [one for one in row.problems if one.get("index") == column.index]
    levels = {one["level"] for one in found}
    level = rules.BAD if rules.BAD in levels else rules.DOUBT if levels else ""
    text = str(row.cells[column.index]) if column.index < len(row.cells) else ""
    return Cell(column.index, column.heading, text, level, tuple(map(words, found)), column.is_name)


def _candidate(one: dict[str, Any], places: Mapping[int, Sequence[Place]]) -> Candidate:
    lists = tuple(f"{tr(place.name)} {place.year}" for place in places.get(one.get("id") or 0, ()))
    return Candidate(one.get("id"), one["name"], one.get("code") or "", one.get("line"), lists)


def candidate_ids(rows: Iterable[ImportRow]) -> set[int]:
    """Enterprises of the register that these rows might be."""
    return {one["id"] for row in rows for one in row.candidates if one.get("id")}


def title(run: ImportRun) -> str:
    """The list of a run with its year; empty for a ledger."""
    name, year = run.options.get("list"), run.options.get("year")
    return " ".join(str(part) for part in (tr(identify(name).name) if name else "", year) if part)


def counts(run: ImportRun) -> list[tuple[str, int]]:
    """What a run holds or did, as words with numbers; nothing is said of what did not happen."""
    labels = BECAME if rules.state_of(run.state) in WRITTEN else PLANNED
    found = [(tr(label), int(run.counts.get(key) or 0)) for key, label in labels.items()]
    return [(tr("共"), int(run.counts.get("rows") or 0)), *(pair for pair in found if pair[1])]


def tally(found: dict[Any, int]) -> dict[str, int]:
    """Counts of rows by what is to become of them, zero where there are none."""
    return {key: int(found.get(key, 0)) for key in PLANNED}
