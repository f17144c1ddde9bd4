"""What the office sets for its intake: clocks, pool, bands, tiers, industries; one page, saved whole."""

from __future__ import annotations

import dataclasses
import re
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for

from crm.auth.identity import current_actor
from crm.auth.queries import units
from crm.auth.rules import Permission
from crm.core.errors import DomainError, Problem
from crm.pipeline.intake import leaders, setup
from crm.pipeline.intake.clocks import Clocks
from crm.pipeline.intake.dimensions import INDUSTRY_LABELS, Dimensions, Industry, IndustryRole, Tier
from crm.pipeline.intake.rules import PoolRules
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import say, tr
from crm.web.inputs import number_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from crm.pipeline.intake.setup import Setup

    Numbers = TypeVar("Numbers", Clocks, PoolRules)

bp = Blueprint("intake_settings", __name__, url_prefix="/projects/settings/intake")
LARGEST = 999
SPARE_ROWS = 3
SHORT, WORDS = 40, 200
CLOCK_FIELDS = {
    "respond_days": "接收、答复须在几个工作日内",
    "triage_days": "研判须在几个工作日内",
    "note_days": "跟进记录至少几天一次",
    "yellow_months": "几个月无人跟进亮黄灯",
    "red_months": "几个月无人跟进亮红灯",
    "pool_months": "几个月无人跟进转入公海",
}
POOL_FIELDS = {"most_claims": "每人最多认领几条还没推进的", "rest_days": "转出后原负责人几天内不能再认领"}


@bp.get("")
@requires(Permission.PIPELINE_CONFIGURE)
def edit() -> ResponseReturnValue:
    """Show the settings as they are."""
    return _page(setup.load(db.session()))


@bp.post("")
@requires(Permission.PIPELINE_CONFIGURE)
def save() -> ResponseReturnValue:
    """Save the settings; a refusal keeps everything typed."""
    problems: list[Problem] = []
    stored, form = setup.load(db.session()), request.form
    wanted = setup.Setup(
        clocks=_numbers(Clocks, stored.clocks, form, CLOCK_FIELDS, problems),
        pool=dataclasses.replace(
            _numbers(PoolRules, stored.pool, form, POOL_FIELDS, problems), all_units=form.get("all_units") == "1"
        ),
        dimensions=Dimensions(
            bands=_bands(form.get("bands", ""), problems),
            tiers=_tiers(form, problems),
            industries=_industries(form),
        ),
    )
    problems = problems or setup.problems_of(wanted)
    if problems:
        return _page(wanted, [say(problem) for problem in problems], typed=form), DomainError.status
    setup.save(db.session(), current_actor(), wanted, now=timing.now())
    flash(tr("已保存，从现在起按新规则计算"), "ok")
    return redirect(url_for("intake_settings.edit"), 303)


def _page(shown: Setup, problems: list[str] | None = None, typed: Mapping[str, str] | None = None) -> str:
    session, today = db.session(), timing.today()
    blank = Industry("", IndustryRole.LEAD)
    return render_template(
        "pipeline/intake/settings.html",
        setup=shown,
        problems=problems or [],
        typed=typed or {},
        clock_fields=CLOCK_FIELDS,
        pool_fields=POOL_FIELDS,
        industries=[*shown.dimensions.industries, *[blank] * SPARE_ROWS][: setup.MOST_INDUSTRIES],
        roles=INDUSTRY_LABELS,
        unit_choices=[(unit.id, unit.name) for unit in units(session, today)],
        leaders=leaders.leaders(session, today),
    )


def _numbers(
    kind: type[Numbers], stored: Numbers, form: Mapping[str, str], labels: Mapping[str, str], problems: list[Problem]
) -> Numbers:
    values = dataclasses.asdict(stored)
    for name, label in labels.items():
        number = number_or_none(form.get(name, "").strip())
        if number is None or not 0 <= number <= LARGEST:
            params: dict[str, object] = {"label": label}
            problems.append(Problem("settings.number", "“%(label)s”请填0到999的整数，0表示不用。", name, params))
        else:
            values[name] = number
    return kind(**values)


def _bands(text: str, problems: list[Problem]) -> tuple[Decimal, ...]:
    parts = [part for part in re.split(r"[\s,，、;；]+", text) if part]
    amounts = [setup.decimal_or_none(part) for part in parts]
    edges = tuple(amount for amount in amounts if amount is not None)
    if not parts or len(edges) < len(parts) or len(parts) > setup.MOST_BANDS:
        problems.append(Problem("bands.numbers", "规模分档请填1到10个数字，单位万元，用顿号隔开。", "bands"))
    return edges or Dimensions().bands


def _tiers(form: Mapping[str, str], problems: list[Problem]) -> tuple[Tier, ...]:
    found = []
    for place, default in enumerate(Dimensions().tiers):
        label = form.get(f"tier_{place}_label", "").strip()[:SHORT]
        floor = setup.decimal_or_none(form.get(f"tier_{place}_floor", ""))
        days = number_or_none(form.get(f"tier_{place}_days", "").strip())
        if not label or floor is None or floor < 0 or days is None or not 1 <= days <= LARGEST:
            field = f"tier_{place}_floor"
            problems.append(Problem("tiers.row", "每个等级都要填名称、起点金额（万元）和会商间隔天数。", field))
        leader = form.get(f"tier_{place}_leader", "").strip()[:SHORT]
        found.append(Tier(label, floor or Decimal(0), leader or default.leader, days or default.meeting_days))
    return tuple(found)


def _industries(form: Mapping[str, str]) -> tuple[Industry, ...]:
    found = []
    for place in range(setup.MOST_INDUSTRIES):
        name = form.get(f"industry_{place}_name", "").strip()[:SHORT]
        if not name:
            continue
        role = form.get(f"industry_{place}_role", "")
        words = re.split(r"[\s,，、;；]+", form.get(f"industry_{place}_words", "")[:WORDS])
        found.append(
            Industry(
                name=name,
                role=IndustryRole(role) if role in list(IndustryRole) else IndustryRole.LEAD,
                words=tuple(word for word in words if word),
                unit_id=number_or_none(form.get(f"industry_{place}_unit", "")) or None,
                leader_id=number_or_none(form.get(f"industry_{place}_leader", "")) or None,
            )
        )
    return tuple(found)
