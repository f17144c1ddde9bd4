"""First report, first talk (首报首谈) as data: what a claim must say, how long it protects, who may rule. Pure.

Source: ``docs/decisions/0008-pipeline.md``. Protection of 90 days and one appeal are this office's defaults.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm.core.errors import Problem
from crm.pipeline.claims.kinds import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WHOLE = 1000  # shares are tenths of a percent
TENTH = Decimal(10)
MOST_PARTS = 8
LINE, LONG = 200, 20_000


MINIMUM: dict[str, str] = {
    "content": "建设内容",
    "total_investment": "总投资",
    "fixed_investment": "固定资产投资",
    "land": "用地需求",
    "energy": "用能需求",
    "environment": "环境影响",
    "output": "预计年产值",
    "tax": "预计年税收",
    "contact_id": "投资方联系人",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the office decides about claims; days of ruling are working days."""

    protection_days: int = 90
    ruling_days: int = 5
    appeal_days: int = 5
    soon_days: int = 14
    required: tuple[str, ...] = tuple(MINIMUM)

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> Options:
        """Read what the office stored; anything unknown or odd falls back to the default."""
        default = cls()

        def days(key: str, otherwise: int) -> int:
            value = stored.get(key)
            return value if isinstance(value, int) and 1 <= value <= LONGEST_DAYS else otherwise

        listed = stored.get("required")
        required = tuple(key for key in MINIMUM if key in listed) if isinstance(listed, list) else default.required
        return cls(
            days("protection_days", default.protection_days),
            days("ruling_days", default.ruling_days),
            days("appeal_days", default.appeal_days),
            days("soon_days", default.soon_days),
            required,
        )

    def stored(self) -> dict[str, object]:
        """Write it as JSON."""
        return {
            "protection_days": self.protection_days,
            "ruling_days": self.ruling_days,
            "appeal_days": self.appeal_days,
            "soon_days": self.soon_days,
            "required": list(self.required),
        }


LONGEST_DAYS = 730


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """What a unit says about the investor and the project; money in 万元."""

    content: str = ""
    total_investment: Decimal | None = None
    fixed_investment: Decimal | None = None
    land: str | None = None
    energy: str | None = None
    environment: str | None = None
    output: Decimal | None = None
    tax: Decimal | None = None
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """Who stands in a dispute: the people who filed, the owners of both projects, and both units."""

    filers: frozenset[int]
    owners: frozenset[int]
    units: frozenset[int]


def missing(draft: ClaimDraft, options: Options) -> list[Problem]:
    """Reasons why a claim cannot be filed yet: one for each part of the minimum content it lacks."""
    found = []
    for key in options.required:
        value = getattr(draft, key)
        if value is None or (isinstance(value, str) and not value.strip()):
            params: dict[str, object] = {"part": MINIMUM[key]}
            found.append(Problem(f"claim.{key}", "报备还缺“%(part)s”，请补上。", key, params))
    return found


def fingerprint(draft: ClaimDraft, investor: str, unit_id: int, filed_by: int, filed_at: datetime) -> str:
    """Digest of what was filed, by whom and when; the contact is left out, so that a person can be erased."""
    said = {
        "content": draft.content,
        "total": _plain(draft.total_investment),
        "fixed": _plain(draft.fixed_investment),
        "land": draft.land,
        "energy": draft.energy,
        "environment": draft.environment,
        "output": _plain(draft.output),
        "tax": _plain(draft.tax),
        "investor": investor,
        "unit": unit_id,
        "by": filed_by,
        "at": filed_at.isoformat(timespec="microseconds"),
    }
    raw = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(raw.encode()).hexdigest()


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount.normalize(), "f")


def protected_until(since: date, options: Options) -> date:
    """Last day of the protection that begins on a day."""
    return since + timedelta(days=options.protection_days)


def ruling_problems(
    actor_id: int, unit_ids: Iterable[int], sides: Sides, *, ruled_by: int | None = None
) -> list[Problem]:
    """Reasons why this person may not rule on a dispute; ``ruled_by`` is who ruled before an appeal."""
    if actor_id in sides.filers:
        return [Problem("ruling.filer", "报备人不能裁定自己的首报首谈争议，请由其他人办理。")]
    if actor_id in sides.owners:
        return [Problem("ruling.owner", "项目负责人不能裁定自己的首报首谈争议，请由其他人办理。")]
    if sides.units & set(unit_ids):
        return [Problem("ruling.unit", "争议双方单位的人员不能裁定，请由其他人办理。")]
    if ruled_by == actor_id:
        return [Problem("ruling.twice", "申诉须由裁定人以外的领导决定。")]
    return []


def outcome_problems(outcome: Outcome | None, share: int | None, reason: str) -> list[Problem]:
    """Reasons why a ruling cannot be kept as typed; the share is the first unit's, in tenths of a percent."""
    problems = [] if outcome else [Problem("ruling.outcome", "请选择裁定结果。", "outcome")]
    if outcome is Outcome.SHARED and (share is None or not 0 < share < WHOLE):
        text = "共同首谈须写明首报方的比例，在 0 和 100 之间，最多一位小数。"
        problems.append(Problem("ruling.share", text, "share"))
    if not reason.strip():
        problems.append(Problem("ruling.reason", "请写明裁定理由。", "reason"))
    return problems


def losing(outcome: Outcome) -> frozenset[str]:
    """Sides which may appeal: the one that lost, or both when they share."""
    if outcome is Outcome.FIRST:
        return frozenset({"second"})
    return frozenset({"first"}) if outcome is Outcome.SECOND else frozenset({"first", "second"})


def tenths(percent: Decimal | None) -> int | None:
    """Percent as tenths of a percent; None when it is finer or outside of 0 to 100."""
    if percent is None or not percent.is_finite() or not 0 <= percent <= 100:  # noqa: PLR2004 (percent)
        return None
    scaled = percent * TENTH
    return int(scaled) if scaled == scaled.to_integral_value() else None


def split_problems(parts: list[tuple[int, int | None]]) -> list[Problem]:
    """Reasons why (unit, tenths) pairs are no split: they must be positive, of different units, and sum to 100 %."""
    if not parts:
        return [Problem("split.empty", "请至少填写一个单位的比例。", "parts")]
    if len(parts) > MOST_PARTS:
        return [Problem("split.many", "一个项目最多分给 8 个单位。", "parts")]
    if any(share is None or share <= 0 for _unit, share in parts):
        return [Problem("split.share", "每个比例须大于 0，最多一位小数。", "parts")]
    if len({unit for unit, _share in parts}) < len(parts):
        return [Problem("split.unit", "同一个单位只能填一行。", "parts")]
    total = sum(share or 0 for _unit, share in parts)
    if total != WHOLE:
        params: dict[str, object] = {"total": format(Decimal(total) / TENTH, "f")}
        return [Problem("split.sum", "各单位比例合计须为 100%%，现在是 %(total)s%%。", "parts", params)]
    return []
