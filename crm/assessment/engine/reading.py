"""Reading rules from JSON: every fault is told with the place where it stands, and all of them at once."""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self

from crm.assessment.engine.formula import Formula, FormulaError, parse
from crm.assessment.engine.numbers import TooLargeError, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_ROWS = 500
MOST_UNUSABLE = 20
_UNUSABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
SHOWN = 60
_FORBIDDEN = "“{key}”不认识；这里可以写：{known}。"


def _number(raw: object) -> Fraction | None:
    """Read a number; None for anything else."""
    try:
        found = None if isinstance(raw, dict | list) else read(raw)
    except TooLargeError:
        return None
    return found if isinstance(found, Fraction) else None


def _short(raw: object) -> str:
    try:
        text = f"“{raw}”" if isinstance(raw, str) else repr(raw)
    except ValueError:  # a number of thousands of digits
        return "一个太长的数"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _out_of_reason(formula: Formula) -> str:
    """Give the first number of a formula that is too large or too small to reckon with; empty where there is none."""
    for node in ast.walk(formula.tree):
        if isinstance(node, ast.Constant) and not isinstance(node.value, str):
            try:
                read(node.value)
            except TooLargeError as error:
                return str(error)
    return ""


def unusable(raw: object) -> list[str]:
    """Name texts that no paper, database or screen shows as written: controls, halves of signs, turned directions."""
    found: list[str] = []
    waiting: list[tuple[str, object]] = [("", raw)]
    while waiting and len(found) < MOST_UNUSABLE:
        place, one = waiting.pop()
        if isinstance(one, dict):
            waiting += [(place, key) for key in one]
            waiting += [(f"{place}.{key}" if place else str(key), inner) for key, inner in one.items()]
        elif isinstance(one, list):
            waiting += [(f"{place}[{at}]", inner) for at, inner in enumerate(one)]
        elif isinstance(one, str) and _UNUSABLE.search(one):
            found.append(Fault(_clean(place), f"“{_clean(one)[:SHOWN]}”里有看不见的控制字符，请删掉重打。"))
    return found


def _clean(text: str) -> str:
    return _UNUSABLE.sub("?", text)


class Fault(str):
    """What is wrong, with the place in front as files want it; ``place`` and ``what`` apart as forms want it.

    A ``late`` one is refused in what is written now; books kept before the check was there can still be read.
    """

    __slots__ = ("late", "place", "what")
    place: str
    what: str
    late: bool

    def __new__(cls, place: str, what: str, *, late: bool = False) -> Self:
        """Put both together."""
        made = super().__new__(cls, f"{place}：{what}" if place else what)
        made.place, made.what, made.late = place, what, late
        return made


class Spec:
    """One object of the JSON with its path; faults are collected in a list all objects share."""

    def __init__(self, raw: object, path: str, faults: list[str]) -> None:
        """Take an object; anything else is a fault and reads as an empty one."""
        self.path, self.faults = path, faults
        self._raw: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        self._read: set[str] = set()
        if not isinstance(raw, dict):
            self.fault("应是一个对象（花括号）。")

    def fault(self, text: str, key: str = "", *, late: bool = False) -> None:
        """Note what is wrong, and where."""
        place = f"{self.path}.{key}" if key and self.path else key or self.path
        self.faults.append(Fault(place, text, late=late))

    def has(self, key: str) -> bool:
        """Whether a key is given and not null."""
        return self._raw.get(key) is not None

    def _take(self, key: str) -> Any:  # noqa: ANN401 (any JSON)
        self._read.add(key)
        return self._raw.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """Read a text; without a default it must be there."""
        raw = self._take(key)
        if default is not None and (raw is None or raw == ""):
            return default
        if not isinstance(raw, str) or not raw.strip():
            self.fault("要填文字。", key)
            return ""
        return raw.strip()

    def name(self, key: str = "key") -> str:
        """Read a name that formulas can use."""
        found = unicodedata.normalize("NFKC", self.text(key))
        if found and (not found.isidentifier() or keyword.iskeyword(found)):
            self.fault(f"“{found}”不能做名称：只用文字、数字和下划线，不以数字开头。", key)
        return found

    def plain(self, key: str) -> object:
        """Give a value as it is."""
        return self._take(key)

    def number(self, key: str, default: Fraction | None = None) -> Fraction:
        """Read a number; without a default it must be there."""
        raw = self._take(key)
        if raw is None and default is not None:
            return default
        found = _number(raw)
        if found is None:
            self.fault(f"要填数字，现在是{_short(raw)}。" if raw is not None else "要填数字。", key)
            return default or Fraction(0)
        return found

    def maybe_number(self, key: str) -> Fraction | None:
        """Read a number that may be left out."""
        if not self.has(key):
            self._read.add(key)
            return None
        return self.number(key)

    def formula(self, key: str, default: str | None = None) -> Formula:
        """Read a formula or a plain number."""
        raw = self._take(key)
        if raw is None and default is not None:
            raw = default
        if raw is None or isinstance(raw, dict | list) or not str(raw).strip():
            self.fault("要填公式、指标名称或数字。", key)
            return parse("0")
        try:
            found = parse(unicodedata.normalize("NFKC", str(raw)))
        except FormulaError as error:
            self.fault(str(error), key)
            return parse("0")
        if number := _out_of_reason(found):
            self.fault(f"公式里的数“{number}”太大或太小，算不了：请核对位数，或换个单位。", key, late=True)
        return found

    def maybe_formula(self, key: str) -> Formula | None:
        """Read a formula that may be left out."""
        if not self.has(key):
            self._read.add(key)
            return None
        return self.formula(key)

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """Read one of several words."""
        found = self.text(key, default)
        if found in known:
            return found
        if found:
            self.fault(f"“{found}”不认识；可以填：{'、'.join(known)}。", key)
        return known[0]  # one that is left out was told as a text that is asked for

    def yes(self, key: str, *, default: bool = False) -> bool:
        """Read a yes or no."""
        raw = self._take(key)
        if raw is None:
            return default
        if not isinstance(raw, bool):
            self.fault("要填 true 或 false。", key)
        return bool(raw)

    def whole(self, key: str) -> int:
        """Read a whole number, 0 when it is left out."""
        found = self.number(key, Fraction(0))
        if found.denominator != 1:
            self.fault("要填整数。", key)
        return int(found)

    def rows(self, key: str, *, needed: bool = True, most: int = MOST_ROWS) -> Iterator[Spec]:
        """Read a list of objects."""
        raw = self._take(key)
        if raw is None and not needed:
            return
        if not isinstance(raw, list) or (needed and not raw):
            self.fault("要填一个列表，至少一项。", key)
            return
        if len(raw) > most:
            self.fault(f"最多 {most} 项，现在有 {len(raw)} 项。", key)
            return
        for number, one in enumerate(raw):
            place = f"{self.path}.{key}[{number}]" if self.path else f"{key}[{number}]"
            yield Spec(one, place, self.faults)

    def part(self, key: str) -> Spec:
        """Read an object inside."""
        return Spec(self._take(key) or {}, f"{self.path}.{key}" if self.path else key, self.faults)

    def pairs(self, key: str) -> dict[str, Any]:
        """Read an object as it is."""
        raw = self._take(key)
        if raw is None:
            return {}
        if not isinstance(raw, dict):
            self.fault("应是一个对象（花括号）。", key)
            return {}
        return raw

    def numbers(self, key: str) -> tuple[Fraction, ...]:
        """Read a list of numbers."""
        raw = self._take(key)
        if not isinstance(raw, list) or len(raw) > MOST_ROWS:
            self.fault(f"要填一个列表，最多 {MOST_ROWS} 项。", key)
            return ()
        found = [(one, _number(one)) for one in raw]
        for one, read_one in found:
            if read_one is None:
                self.fault(f"要填数字，现在是{_short(one)}。", key)
        return tuple(read_one for _, read_one in found if read_one is not None)

    def numbers_by_word(self, key: str) -> dict[str, Fraction]:
        """Read an object of numbers."""
        found = {word: _number(raw) for word, raw in self.pairs(key).items()}
        for word, points in found.items():
            if points is None:
                self.fault(f"“{word}”要填数字。", key)
        return {word: points for word, points in found.items() if points is not None}

    @property
    def fields(self) -> set[str]:
        """Keys that were asked for so far."""
        return set(self._read)

    def close(self) -> None:
        """Refuse keys nobody read: a misspelt cap must not be a rule without a cap."""
        for key in self._raw.keys() - self._read:
            self.fault(_FORBIDDEN.format(key=key, known="、".join(sorted(self._read))), str(key))
