"""What is wrong with a request, field by field, in words of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from crm.core.errors import Problem
from crm.web import problems

if TYPE_CHECKING:
    from apiflask.exceptions import HTTPError
    from flask.typing import ResponseReturnValue
    from pydantic_core import ErrorDetails

MOST = 20
UNREADABLE = "填写的内容读不懂，请核对格式。"
SAYINGS: dict[str, str] = {
    "missing": "缺少这一项。",
    "extra_forbidden": "没有这一项，请核对拼写。",
    "string_type": "应为文字。",
    "string_too_long": "最多%(max_length)s字。",
    "string_too_short": "不能为空。",
    "int_": "应为整数。",
    "number_type": "应为数字，不能是 true 或 false。",
    "decimal_max_places": "最多%(decimal_places)s位小数。",
    "decimal_": '应为数字，例如 "12000.5"，单位见说明。',
    "float_": "应为数字。",
    "bool_": "应为 true 或 false。",
    "date_": "应为日期，例如 2026-11-20。",
    "datetime_": "应为时间，例如 2026-11-20T10:00:00+08:00。",
    "timezone_": "时间要带时区，例如 2026-11-20T10:00:00+08:00。",
    "enum": "只能是：%(expected)s。",
    "literal_error": "只能是：%(expected)s。",
    "greater_than_equal": "不能小于%(ge)s。",
    "less_than_equal": "不能大于%(le)s。",
    "list_type": "应为列表。",
    "too_long": "一次最多%(max_length)s项。",
    "model_": "应为 JSON 对象。",
    "dict_": "应为 JSON 对象。",
}


def refused(error: HTTPError) -> ResponseReturnValue:
    """Answer a request whose body or arguments do not fit the description."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return problems.answer(error.status_code)
    return problems.answer(422, [_problem(one) for one in cause.errors(include_url=False)[:MOST]])


def _problem(one: ErrorDetails) -> Problem:
    """Put one finding of pydantic into a sentence; its field is named as in the request."""
    kind, field = one["type"], ".".join(str(part) for part in one["loc"]) or None
    known = next((text for begin, text in SAYINGS.items() if kind == begin or _family(kind, begin)), UNREADABLE)
    context: dict[str, Any] = one.get("ctx", {})
    params: dict[str, object] = {name: value for name, value in context.items() if f"%({name})s" in known}
    return Problem(f"request.{kind}", known, field, params)


def _family(kind: str, begin: str) -> bool:
    return begin.endswith("_") and kind.startswith(begin)
