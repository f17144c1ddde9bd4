"""What requests and answers are made of: strict models whose refusals can be said in the caller's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from crm.core.paging import PAGE_SIZE
from crm.web.inputs import in_reason, usable

LARGEST = 2**63 - 1
MOST = 100
DEPTH = 6
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NO_DAY, NO_MOMENT, NO_NUMBER = "date_parsing", "datetime_parsing", "number_type"
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ].+", re.ASCII)


def _written(text: object) -> object:
    """Take days as they are written, never as a number of seconds."""
    if isinstance(text, str) and DAY.fullmatch(text):
        return text
    raise PydanticCustomError(NO_DAY, "not a day")


def _told(text: object) -> object:
    if isinstance(text, str) and INSTANT.fullmatch(text):
        return text
    raise PydanticCustomError(NO_MOMENT, "not an instant")


def _sensible(day: date) -> date:
    if not in_reason(day):
        raise PydanticCustomError(NO_DAY, "out of reason")
    return day


def _moment(moment: datetime) -> datetime:
    if not in_reason(moment):
        raise PydanticCustomError(NO_MOMENT, "out of reason")
    return moment


def _no_truth(sent: object) -> object:
    """Take true and false for what they are: no numbers."""
    if isinstance(sent, bool):
        raise PydanticCustomError(NO_NUMBER, "not a number")
    return sent


Whole = Annotated[int, BeforeValidator(_no_truth)]
RecordId = Annotated[Whole, Field(ge=1, le=LARGEST)]
Short = Annotated[str, Field(max_length=80)]
Line = Annotated[str, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=20_000)]
Amount = Annotated[Decimal, BeforeValidator(_no_truth), Field(max_digits=24)]


class Answer(BaseModel):
    """Something we answer, read off a row or made by hand; decimals travel as text, so that none is rounded."""

    model_config = ConfigDict(from_attributes=True)


class Listed(Answer):
    """One page of a list; ``next_cursor`` asks for the following one and is null at the end."""

    next_cursor: str | None


class Named(Answer):
    """A record by its number and its name."""

    id: int
    name: str


class Body(BaseModel):
    """Something we are sent: fields we do not know are refused, texts are trimmed and cleaned."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, sent: Any) -> Any:  # noqa: ANN401 (any JSON)
        return cleaned(sent)


class Asked(BaseModel):
    """Arguments in an address; those we do not know are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Paged(Asked):
    """Arguments of a list: where to go on, and how many at once."""

    cursor: Annotated[str, Field(max_length=600, description="`next_cursor` of the page before")] | None = None
    limit: Annotated[int, Field(ge=1, le=MOST, description="Rows at once")] = PAGE_SIZE


Day = Annotated[date, BeforeValidator(_written), AfterValidator(_sensible)]
Moment = Annotated[AwareDatetime, BeforeValidator(_told), AfterValidator(_moment)]


def cleaned(sent: Any, depth: int = DEPTH) -> Any:  # noqa: ANN401 (any JSON)
    """Take out of texts what no column can hold."""
    if depth and isinstance(sent, Mapping):
        return {usable(name): cleaned(value, depth - 1) for name, value in sent.items()}
    if depth and isinstance(sent, list):
        return [cleaned(value, depth - 1) for value in sent]
    return usable(sent)
