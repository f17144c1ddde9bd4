"""What a request may carry: text that both databases and Word can hold, numbers that fit, days within reason."""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, date, datetime
from typing import TYPE_CHECKING, Any

from flask import Request, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items
from werkzeug.routing import IntegerConverter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

UNUSABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LONE = re.compile(r"[\ud800-\udfff]")
DIGITS = 18
NUMBER = re.compile(rf"-?[0-9]{{1,{DIGITS}}}")


def usable(value: Any) -> Any:  # noqa: ANN401 (a text, or an uploaded file, which passes)
    """Take out characters that PostgreSQL or XML refuse: control characters, lone surrogates."""
    return UNUSABLE.sub("", value) if isinstance(value, str) else value


def asked(*without: str) -> dict[str, str]:
    """Return what this address asks, to be asked again: nothing that would steer how ``url_for`` makes an address."""
    steering = {"endpoint", *without}
    return {key: value for key, value in request.args.items() if key not in steering and not key.startswith("_")}


def way_back(text: str, default: str, *beginnings: str) -> str:
    """Return the address of ours a form wants to go back to; the default for anything that could lead elsewhere."""
    plain = text.isprintable() and "\\" not in text
    return text if plain and text.startswith(beginnings) else default


def number(text: str) -> int:
    """Read a whole number that fits into 64 bits; ValueError for anything else."""
    if not NUMBER.fullmatch(text):
        raise ValueError(text[:DIGITS])
    return int(text)


def number_or_none(text: str) -> int | None:
    """Read a record number that somebody typed or sent; None for anything else."""
    try:
        return number(text)
    except ValueError:
        return None


def in_reason(day: date) -> bool:
    """Whether a day (or instant) can be moved by weeks and time zones without leaving the calendar."""
    return MINYEAR < day.year < MAXYEAR


def day_or_none(text: str) -> date | None:
    """Read ``2026-11-20``; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if in_reason(day) else None


def instant_or_none(text: str) -> datetime | None:
    """Read an ISO instant, with or without a zone; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if in_reason(instant) else None


class CleanValues(ImmutableMultiDict[str, Any]):
    """Query arguments and form fields, cleaned once for all who read them."""

    def __init__(self, mapping: Any = None) -> None:  # noqa: ANN401 (whatever Werkzeug makes its dictionaries from)
        """Clean every name and text on the way in."""
        pairs: Iterable[tuple[str, Any]] = iter_multi_items(mapping) if mapping is not None else ()
        super().__init__([(usable(name), usable(value)) for name, value in pairs])

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]  # noqa: A002, ANN401 (Werkzeug's overloads and name)
        """Return a value; ``type=int`` reads only numbers a database can hold."""
        return super().get(key, default, number if type is int else type)


class ShallowJson(DefaultJSONProvider):
    """JSON as requests send it: one nested deeper than Python can follow is unreadable, like any other broken one.

    Answers hold Chinese as it is; a lone surrogate, which UTF-8 cannot hold, becomes the sign for that.
    """

    ensure_ascii = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:  # noqa: ANN401 (any JSON)
        """Write text that can be sent as UTF-8."""
        return LONE.sub("\ufffd", super().dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ANN401 (any JSON)
        """Read a body; ValueError where it is none."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            message = "nested too deep"
            raise ValueError(message) from error


class CleanRequest(Request):
    """A request whose arguments and fields are cleaned."""

    parameter_storage_class = CleanValues


class RecordNumber(IntegerConverter):
    """``<int:...>`` in an address: at most 18 digits, so that every number fits a record id."""

    regex = rf"[0-9]{{1,{DIGITS}}}"


def init_app(app: Flask) -> None:
    """Read requests through these; before any route is added."""
    app.request_class, app.json = CleanRequest, ShallowJson(app)
    app.url_map.converters["int"] = RecordNumber
