"""What a reader of files takes and nobody means: 120 for 120%, a minus sign in a deduction, a share too large. Pure.

Only what is typed into a form is judged here; books that hold such a number go on being read.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from crm.assessment.engine.numbers import TooLargeError, read, shown
from crm.assessment.rulemaking.flat import KIND, TEXT, rows_of
from crm.assessment.rulemaking.shapes import POINTS, Shape, Sort, of_rule
from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ONE = Fraction(1)
MOST_RATE = Fraction(10)  # a rate of 1000% is a forgotten sign
HUNDRED = Fraction(100)
COUNTS = frozenset({"top", "consequences.honours", "consequences.bottom", "consequences.runs"})
ABOVE = frozenset({"weight", "full", "most", "share", "scale", "total.cap"})
NEVER_LESS = frozenset({"each_cap", "below_each", "step", "cap"})
NOT_NUMBER = "要填数字，现在是“%(typed)s”。"
NOT_POSITIVE = "要大于0。"
NEGATIVE = "不能是负数。"
TAKEN_OFF = "写正数就行，不用写负号：扣多少分由规则来扣。"
NO_PERCENT = "这里填分数，不写百分号，例如30。"
FORGOTTEN = "“%(typed)s”会按%(taken)s算：要写%(typed)s%%，请带上百分号。"
WHOLE = "要填1以上的整数。"
NO_POINTS = "这一名没有填分：请填上，或删掉这一行。"
BLANK_WORD = "“%(word)s”还没有填数。"
UPSIDE = "最低分比封顶还高：请改其中一个。"
TURNED = "全组最差的比最好的得分还高：想让小的得高分，请把方向改成“越小越好”。"
BEYOND = "在100分里占，最多填100。"
NOT_WHOLE = "各组合起来要正好100%%，现在是%(sum)s%%。"
GRADES, GRADE_TWICE = "grades", "等次“%(grade)s”写了两次，请改名或合成一行。"
GROUP_TWICE = "评分组“%(group)s”写了两次，请合成一行。"
BAND_TWICE = "“满%(at_least)s”写了两次，后一档永远轮不到：请改数，或给前一档加上“还要符合”。"
ONLY_LIMIT = "只有选“限定最高分”才填这一栏：请清空，或改怎么处理。"
BOTH_BELOW = "“低于各档得”和“每少1再减”只能填一个。"


def of_rule_form(fields: Mapping[str, str], kind: str, at: str = "") -> Iterator[Problem]:
    """Say what cannot be meant in the form of a rule, a veto or a promotion, and of the rules within."""
    yield from of_fields(of_rule(kind, inside=bool(at)), fields, at)
    whole = _CROSS.get(kind)
    if whole is not None:
        yield from whole(fields, at)
    cap, floor = _number(fields.get(f"{at}cap{TEXT}", "")), _number(fields.get(f"{at}floor", ""))
    if cap is not None and floor is not None and floor > cap:
        yield _problem(f"{at}floor", UPSIDE)


def of_fields(shapes: Sequence[Shape], fields: Mapping[str, str], at: str = "") -> Iterator[Problem]:
    """Say what cannot be meant, field by field, rows and inner rules too."""
    for shape in shapes:
        name = at + shape.key
        rows = [f"{name}-{one}-" for one in rows_of(fields, name)] if shape.rows or shape.sort is Sort.RULES else ()
        if shape.sort is Sort.NUMBER:
            yield from _of_number(shape, name, fields.get(name, "").strip(), at)
        elif shape.sort is Sort.RULES:
            for row in rows:
                yield from of_rule_form(fields, fields.get(row + KIND, ""), row)
        elif shape.sort is Sort.WORDS:
            yield from _of_words(fields, rows)
        elif shape.sort is Sort.NUMBERS:
            yield from (
                _problem(f"{row}points", NO_POINTS) for row in rows if not fields.get(f"{row}points", "").strip()
            )
        for row in rows if shape.sort is Sort.ROWS else ():
            yield from of_fields(shape.rows, fields, row)
        if name == GRADES:
            yield from _twice(fields, [f"{row}grade" for row in rows], GRADE_TWICE, "grade")


def _of_number(shape: Shape, name: str, text: str, at: str) -> Iterator[Problem]:
    value, signed = _number(text), "%" in text or "％" in text
    if value is None:
        return
    key = shape.key
    if signed and shape.unit == POINTS:
        yield _problem(name, NO_PERCENT)
    elif _is_share(shape) and not signed and value > (MOST_RATE if key == "most" else ONE):
        yield _problem(name, FORGOTTEN, typed=text, taken=f"{shown(value * HUNDRED)}%")
    elif value < 0 and key == "each" and ("less-" in at or "steps-" in at):
        yield _problem(name, TAKEN_OFF)
    elif key in COUNTS and (value < 1 or value.denominator > 1):
        yield _problem(name, WHOLE)
    elif key in ABOVE and value <= 0:
        yield _problem(name, NOT_POSITIVE)
    elif value < 0 and key in NEVER_LESS:
        yield _problem(name, NEGATIVE)


def _is_share(shape: Shape) -> bool:
    """Whether a number is a part or a rate, typed with a percent sign."""
    return "%" in shape.unit and shape.key in {"share", "scale", "most"}


def _of_words(fields: Mapping[str, str], rows: Sequence[str]) -> Iterator[Problem]:
    for row in rows:
        word, points = (fields.get(f"{row}{key}", "").strip() for key in ("word", "points"))
        if word and not points:
            yield _problem(f"{row}points", BLANK_WORD, word=word)
        elif points and _number(points) is None:
            yield _problem(f"{row}points", NOT_NUMBER, typed=points)


def _min_max(fields: Mapping[str, str], at: str) -> Iterator[Problem]:
    low, high = _number(fields.get(f"{at}low", "") or "60"), _number(fields.get(f"{at}high", "") or "100")
    if low is not None and high is not None and low > high:
        yield _problem(f"{at}low", TURNED)
    weight = _number(fields.get(f"{at}weight", ""))
    if weight is not None and weight > HUNDRED:
        yield _problem(f"{at}weight", BEYOND)


def _rating(fields: Mapping[str, str], at: str) -> Iterator[Problem]:
    rows = [f"{at}groups-{one}-" for one in rows_of(fields, f"{at}groups")]
    shares = [_number(fields.get(f"{row}share", "")) for row in rows]
    known = [one for one in shares if one is not None]
    if rows and len(known) == len(rows) and all(one <= 1 for one in known) and sum(known) != 1:
        yield _problem(f"{at}groups", NOT_WHOLE, sum=shown(sum(known, Fraction(0)) * HUNDRED))
    yield from _twice(fields, [f"{row}group" for row in rows], GROUP_TWICE, "group")


def _bands(fields: Mapping[str, str], at: str) -> Iterator[Problem]:
    rows = [f"{at}bands-{one}-" for one in rows_of(fields, f"{at}bands")]
    bare = [row for row in rows if fields.get(f"{row}needs", "=") in {"", "="} and not fields.get(f"{row}needs{TEXT}")]
    yield from _twice(fields, [f"{row}at_least" for row in bare], BAND_TWICE, "at_least")
    if all(fields.get(f"{at}{key}", "").strip() for key in ("below", "below_each")):
        yield _problem(f"{at}below", BOTH_BELOW)


def _twice(fields: Mapping[str, str], names: Sequence[str], message: str, called: str) -> Iterator[Problem]:
    met: set[object] = set()
    for name in names:
        text = fields.get(name, "").strip()
        value = _number(text)
        seen = text if value is None else value
        if text and seen in met:
            yield _problem(name, message, **{called: text})
        met.add(seen)


def _veto(fields: Mapping[str, str], at: str) -> Iterator[Problem]:
    text = fields.get(f"{at}value", "").strip()
    if text and fields.get(f"{at}effect") != "limit":
        yield _problem(f"{at}value", ONLY_LIMIT)
    elif (_number(text) or 0) < 0:
        yield _problem(f"{at}value", NEGATIVE)


def _promotion(fields: Mapping[str, str], at: str) -> Iterator[Problem]:
    steps = _number(fields.get(f"{at}steps", ""))
    if steps is not None and (steps < 1 or steps.denominator > 1):
        yield _problem(f"{at}steps", WHOLE)


def _number(text: str) -> Fraction | None:
    try:
        found = read(text)
    except TooLargeError:
        return None
    return found if isinstance(found, Fraction) else None


def _problem(name: str, message: str, **params: object) -> Problem:
    return Problem("rule.form", message, name, params)


_CROSS: dict[str, Callable[[Mapping[str, str], str], Iterator[Problem]]] = {
    "min_max": _min_max, "rating": _rating, "bands": _bands, "veto": _veto, "promotion": _promotion,
}  # fmt: skip
