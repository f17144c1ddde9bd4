"""A rule as the texts of a form, and a form as a rule again. Pure.

Names of fields are the keys of the file, rows of a list numbered: ``parts-0-done``. A choice with a text beside it
has the text in ``….own``; a condition has its sign in ``….op`` and what it is compared with in ``….than``; a row
stands as long as its ``….row`` is there. What was typed is checked by the reader of files and nobody else; only
what a file cannot say is told here (a choice and a text at once, a word twice).
"""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from crm.assessment.engine.formula import FormulaError, parse
from crm.assessment.rulemaking.comparing import quoted
from crm.assessment.rulemaking.shapes import OWN, SIGNS, Shape, Sort, of_rule
from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Fields = dict[str, str]
Path = tuple[tuple[str, int], ...]
NAME, SOURCE = "n:", "s:"
ROW, TEXT, SIGN, THAN = ".row", ".own", ".op", ".than"
KIND, WEIGHT = "kind", "weight"
BOTH = "左边已选“%(picked)s”，右边又写了“%(typed)s”：请清空右边，或把左边改成“自己写”。"
CAPPED = "右边写了%(typed)s，左边没有选“封顶到右边的分”：请选上，或清空右边。"
NOTHING_TO_COMPARE = "请写和什么比，例如 1、90% 或 小分队。"
NO_INDICATOR = "写了和什么比，还没有选指标：请在左边选，或清空。"
TWICE = "“%(word)s”写了两次，请合成一行。"
NO_WORD = "这一行有数没有名称：请补上名称，或删掉这一行。"
_WHOLE = re.compile(r"[+-]?\d{1,15}")
_BROKEN = re.compile(r"[+-]?\d{1,15}\.\d{1,12}")
_COMPARED = re.compile(r"\s*(\w+)\s*(>=|<=|!=|==|≥|≤|≠|=|>|<)\s*(.+?)\s*", re.DOTALL)
_SIGNS = {">=": "≥", "<=": "≤", "!=": "≠", "==": "="}
_QUOTES = "“”\"'‘’"


def is_name(text: str) -> bool:
    """Whether a text is one name that formulas can read."""
    return text.isidentifier() and not keyword.iskeyword(text) and text not in {"True", "False", "None"}


def load(shapes: Sequence[Shape], raw: Mapping[str, Any], at: str = "") -> Fields:
    """Give the texts of a form for an object of a file."""
    found: Fields = {}
    for shape in shapes:
        value: Any = raw
        for step in shape.key.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        found |= _LOADERS.get(shape.sort, _load_text)(shape, value, at + shape.key)
    return found


def load_rule(rule: Mapping[str, Any], kind: str, at: str = "") -> Fields:
    """Give the texts of a form for a rule, a veto or a promotion."""
    return {at + KIND: kind, **load(of_rule(kind, inside=bool(at)), rule, at)}


def written(value: object) -> str:
    """Write a value of a file as people type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return f"{Decimal(str(value)):f}"
    return str(value)


def _load_text(_shape: Shape, value: object, name: str) -> Fields:
    return {name: written(value)}


def _load_choice(shape: Shape, value: object, name: str) -> Fields:
    return {name: written(value) or next((key for key, _label in shape.choices), "")}


def _load_cap(_shape: Shape, value: object, name: str) -> Fields:
    if value is None or value == WEIGHT:
        return {name: written(value), name + TEXT: ""}
    return {name: OWN, name + TEXT: written(value)}


def _load_formula(_shape: Shape, value: object, name: str) -> Fields:
    text = written(value)
    plain = normalize("NFKC", text)
    return {name: NAME + plain, name + TEXT: ""} if is_name(plain) else {name: OWN, name + TEXT: text}


def _load_condition(_shape: Shape, value: object, name: str) -> Fields:
    text = written(value)
    found = _COMPARED.fullmatch(text) if _is_one_comparison(text) else None
    if found is None:
        return {name: OWN, name + TEXT: text, name + SIGN: SIGNS[0][0], name + THAN: ""}
    return {name: NAME + found[1], name + TEXT: "", name + SIGN: _SIGNS.get(found[2], found[2]), name + THAN: found[3]}


def _is_one_comparison(text: str) -> bool:
    try:
        tree = parse(text).tree
    except FormulaError:
        return False
    return isinstance(tree, ast.Compare) and len(tree.ops) == 1 and isinstance(tree.left, ast.Name)


def _load_rows(shape: Shape, value: object, name: str) -> Fields:
    found: Fields = {}
    for at, row in enumerate(value if isinstance(value, list) else ()):
        found |= {f"{name}-{at}-{ROW}": "1", **load(shape.rows, row, f"{name}-{at}-")}
    return found


def _load_words(_shape: Shape, value: object, name: str) -> Fields:
    found: Fields = {}
    pairs = value.items() if isinstance(value, dict) else ()
    for at, (word, points) in enumerate(sorted(pairs, key=lambda pair: (-_size(pair[1]), pair[0]))):
        found |= {f"{name}-{at}-{ROW}": "1", f"{name}-{at}-word": word, f"{name}-{at}-points": written(points)}
    return found


def _size(points: object) -> float:
    return float(points) if isinstance(points, int | float | Decimal) else 0.0


def _load_numbers(_shape: Shape, value: object, name: str) -> Fields:
    found: Fields = {}
    for at, one in enumerate(value if isinstance(value, list) else ()):
        found |= {f"{name}-{at}-{ROW}": "1", f"{name}-{at}-points": written(one)}
    return found


def _load_rules(_shape: Shape, value: object, name: str) -> Fields:
    found: Fields = {}
    for at, rule in enumerate(value if isinstance(value, list) else ()):
        found |= {f"{name}-{at}-{ROW}": "1", **load_rule(rule, str(rule.get(KIND, "")), f"{name}-{at}-")}
    return found


_LOADERS: dict[Sort, Callable[[Shape, Any, str], Fields]] = {
    Sort.CHOICE: _load_choice, Sort.CAP: _load_cap, Sort.FORMULA: _load_formula, Sort.CONDITION: _load_condition,
    Sort.ROWS: _load_rows, Sort.WORDS: _load_words, Sort.NUMBERS: _load_numbers, Sort.RULES: _load_rules,
}  # fmt: skip


def rows_of(fields: Mapping[str, str], name: str) -> list[str]:
    """Numbers of the rows that stand in a list, in order."""
    begin = f"{name}-"
    found = {key[len(begin) :].partition("-")[0] for key in fields if key.startswith(begin)}
    return sorted((one for one in found if one.isascii() and one.isdigit() and len(one) < 5), key=int)  # noqa: PLR2004


def number(text: str) -> int | float | str:
    """Give a number of a file for what was typed; anything else stays as typed and is told by the reader."""
    plain = normalize("NFKC", text).strip()
    if _WHOLE.fullmatch(plain):
        return int(plain)
    if _BROKEN.fullmatch(plain) and written(float(plain)) == plain:
        return float(plain)
    return text.strip()


@dataclass(slots=True)
class Reading:
    """Reads the texts of a form; ``places`` leads from places of the file to names of fields."""

    fields: Mapping[str, str]
    names: frozenset[str] = frozenset()  # indicators there are: other words of a comparison are put into quotes
    called: Callable[[str], str] = str  # what an indicator is called that is taken from a source of the office
    places: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Path] = field(default_factory=dict)  # what a field is called, with the lists and rows above it
    faults: list[Problem] = field(default_factory=list)

    def rule(self, *, place: str = "", at: str = "") -> dict[str, Any]:
        """Read a rule, a veto or a promotion without its kind's place among the others."""
        kind = self.text(at + KIND)
        self.places[place + KIND] = at + KIND
        return {KIND: kind, **self.read(of_rule(kind, inside=bool(at)), place, at)}

    def read(self, shapes: Sequence[Shape], place: str = "", at: str = "") -> dict[str, Any]:
        """Read the fields of an object; blank ones are left out."""
        found: dict[str, Any] = {}
        for shape in shapes:
            self.places[place + shape.key] = at + shape.key
            self.labels[at + shape.key] = (*self.labels.get(at, ()), (shape.label, 0))
            value = self._value(shape, place + shape.key, at + shape.key)
            if value is None or value == "":
                continue
            *outer, last = shape.key.split(".")
            inner = found
            for step in outer:
                inner = inner.setdefault(step, {})
            inner[last] = value
        return found

    def text(self, name: str) -> str:
        """Give what was typed."""
        return self.fields.get(name, "").strip()

    def _value(self, shape: Shape, place: str, name: str) -> Any:  # noqa: ANN401 (any JSON)
        match shape.sort:
            case Sort.ROWS:
                rows = ((one, self.read(shape.rows, f"{place}[{{}}].", one)) for one in self._rows(name))
                return self._kept(place, rows)
            case Sort.RULES:
                return [self.rule(place=f"{place}[{at}].", at=one) for at, one in enumerate(self._rows(name))] or None
            case Sort.CHOICE:
                return self._choice(shape, name)
        plain = {
            Sort.NUMBER: self._number, Sort.CAP: self._cap, Sort.FORMULA: self._formula,
            Sort.CONDITION: self._condition, Sort.NUMBERS: self._numbers, Sort.WORDS: self._words,
        }  # fmt: skip
        return plain.get(shape.sort, self.text)(name)

    def _number(self, name: str) -> object:
        return number(self.text(name))

    def _numbers(self, name: str) -> object:
        typed = [self.text(f"{one}points") for one in self._rows(name)]
        return [number(one) for one in typed if one] or None

    def _rows(self, name: str) -> Iterator[str]:
        *above, (label, _row) = self.labels[name]
        for at, one in enumerate(rows_of(self.fields, name), start=1):
            row = f"{name}-{one}-"
            self.labels |= dict.fromkeys((row, f"{row}word", f"{row}points"), (*above, (label, at)))
            yield row

    def _kept(self, place: str, rows: Iterator[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]] | None:
        """Leave blank rows out; places of the others are counted as the reader of files counts them."""
        kept: list[dict[str, Any]] = []
        for _one, row in rows:
            fresh = {key: self.places.pop(key) for key in list(self.places) if key.startswith(f"{place}[{{}}].")}
            if row:
                at = f"{place}[{len(kept)}]."
                self.places |= {key.replace(f"{place}[{{}}].", at, 1): name for key, name in fresh.items()}
                kept.append(row)
        return kept or None

    def _choice(self, shape: Shape, name: str) -> object:
        found = self.text(name)
        default = shape.choices[0][0] if shape.choices and shape.key != "effect" else ""
        if found == default:
            return None
        return found == "true" if found in {"true", "false"} else found

    def _cap(self, name: str) -> object:
        chosen, typed = self.text(name), self.text(name + TEXT)
        if chosen == OWN or (name not in self.fields and typed):
            return number(typed) if typed else self._fault(name, "请填最多多少分，或选“不封顶”。")
        if typed:
            self._fault(name, CAPPED, typed=typed)
        return chosen

    def _formula(self, name: str) -> object:
        chosen, typed = self.text(name), self.text(name + TEXT)
        if chosen in {"", OWN}:
            return number(typed)
        called = self._called(chosen)
        return self._fault(name, BOTH, picked=called, typed=typed) if typed else called

    def _condition(self, name: str) -> object:
        chosen, than = self.text(name), self.text(name + THAN)
        if chosen in {"", OWN}:
            return self._fault(name, NO_INDICATOR) if than else quoted(self.text(name + TEXT), self.names)
        if typed := self.text(name + TEXT):
            return self._fault(name, BOTH, picked=self._called(chosen), typed=typed)
        if not than:
            return self._fault(name, NOTHING_TO_COMPARE)
        sign = self.text(name + SIGN) or SIGNS[0][0]
        if sign in {"=", "≠"} and is_name(than) and than not in self.names:
            than = f"“{than}”"
        return f"{self._called(chosen)} {sign} {than}"

    def _called(self, chosen: str) -> str:
        return self.called(chosen) if chosen.startswith(SOURCE) else chosen.removeprefix(NAME)

    def _words(self, name: str) -> dict[str, Any] | None:
        found: dict[str, Any] = {}
        for one in self._rows(name):
            word, points = self.text(f"{one}word"), self.text(f"{one}points")
            if word in found:
                self._fault(f"{one}word", TWICE, word=word)
            elif word:
                found[word] = number(points) if points else None
            elif points:
                self._fault(f"{one}word", NO_WORD)
        return found or None

    def _fault(self, name: str, message: str, **params: object) -> object:
        """Note what is wrong; the value is left out, so that it is not told twice."""
        self.faults.append(Problem("rule.form", message, name, params))
        return None
