"""Column types shared by all models, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from sqlalchemy import JSON, BigInteger, Date, DateTime, Enum, Integer, String, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column

if TYPE_CHECKING:
    from enum import StrEnum

    from sqlalchemy import Dialect

MICRO_WAN = 1_000_000


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware datetimes only, kept and returned in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes; SQLite stores the UTC wall time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"naive datetime {value!r}: pass a timezone-aware one"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (signature of TypeDecorator)
        """Return the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Wan(TypeDecorator[Decimal]):
    """Money in 万元, exact to one fen: stored as a whole number of 10⁻⁶ 万元.

    Integers add up exactly on both databases; six decimals of 万元 are one fen.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (signature of TypeDecorator)
        """Scale to whole fen; more than six decimals are refused."""
        if value is None:
            return None
        scaled = Decimal(value) * MICRO_WAN
        if scaled != scaled.to_integral_value():
            message = f"{value} 万元 is finer than one fen"
            raise ValueError(message)
        return int(scaled)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:  # noqa: ANN401, ARG002 (drivers return int or Decimal)
        """Scale back to 万元."""
        return None if value is None else Decimal(value) / MICRO_WAN


def enum_type(kind: type[StrEnum], name: str) -> Enum:
    """Return a portable enum column: a short string guarded by a named CHECK."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

IntPk = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]
BigInt = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"))]
Instant = Annotated[datetime, mapped_column(UtcDateTime())]
Day = Annotated[date, mapped_column(Date())]
Money = Annotated[Decimal, mapped_column(Wan())]
Mu = Annotated[Decimal, mapped_column(Wan())]  # 亩, kept the same exact way
Code = Annotated[str, mapped_column(String(40))]
Short = Annotated[str, mapped_column(String(80))]
Line = Annotated[str, mapped_column(String(200))]
Url = Annotated[str, mapped_column(String(2000))]
LongText = Annotated[str, mapped_column(Text())]
JsonDict = Annotated[dict[str, Any], mapped_column(Json)]
JsonList = Annotated[list[Any], mapped_column(Json)]
