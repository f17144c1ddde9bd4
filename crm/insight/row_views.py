"""The page of the rows behind a figure of the management views."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import render_template, request

from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import NotFoundError, Problem
from crm.insight import drill, keys, pages
from crm.insight.buckets import AGE_LABELS, BEYOND, LATER, SLIPPED, UNDATED
from crm.insight.drill import Chosen, Eyes, Of
from crm.insight.figures import named
from crm.insight.rules import DIMENSION_LABELS
from crm.insight.words import month_words
from crm.pipeline.intake import setup
from crm.pipeline.outlook.queries import probabilities
from crm.pipeline.rules import STAGE_LABELS, Stage
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr
from crm.web.inputs import asked, instant_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from flask.typing import ResponseReturnValue

NO_FIGURE = Problem("figure.missing", "没有这个数字，可能地址不完整：请回到分析页重新点开。")
TITLES = {
    Of.GROUPS: "期内新建、到达该阶段的项目",
    Of.AHEAD: "未签约的项目",
    Of.STALLED: "停滞的项目",
    Of.COHORTS: "期内首谈的项目",
    Of.STAYS: "在该阶段停留的项目",
}
PARTS = {SLIPPED: "已过预计日期", LATER: "更晚", BEYOND: "一年以后", UNDATED: "未填预计日期"}
DATES = {
    Of.GROUPS: "建项日期",
    Of.AHEAD: "进入阶段",
    Of.STALLED: "最近动静",
    Of.COHORTS: "首谈日期",
    Of.STAYS: "进入日期",
}


@requires(Permission.REPORT_READ)
def rows() -> ResponseReturnValue:
    """List the projects behind a figure; their total is the figure."""
    session, chosen, eyes = db.session(), _chosen(), _eyes()
    whole = drill.whole(session, chosen, eyes)
    if whole is None:
        raise NotFoundError(NO_FIGURE)
    page = drill.page(session, chosen, eyes, request.args.get("after"))
    return render_template(
        "insight/rows.html",
        chosen=chosen,
        of=Of,
        title=TITLES[chosen.of],
        narrowed=_narrowed(chosen, eyes.edges),
        page=page,
        whole=whole,
        window=None if chosen.of in {Of.AHEAD, Of.STALLED} else eyes.window,
        date=DATES[chosen.of],
        days=_days(chosen.of),
        stages=STAGE_LABELS,
        parts=(_href(page.previous), _href(page.next)),
        back=(
            f"insight.{chosen.of.value}",
            {key: value for key, value in asked().items() if key in {"from", "to", "by"}},
        ),
    )


def _chosen() -> Chosen:
    view = request.args.get("of", "")
    if view not in set(Of):
        raise NotFoundError(NO_FIGURE)
    key, part, group = (request.args.get(name) for name in ("key", "part", "group"))
    return Chosen(Of(view), pages.dimension(), key, part or "", group)


def _eyes() -> Eyes:
    session, now = db.session(), timing.now()
    cutoff = instant_or_none(request.args.get("asof", "")) or now
    cutoff = cutoff if cutoff.tzinfo else cutoff.replace(tzinfo=timing.zone())
    edges = setup.load(session).dimensions.bands
    window = replace(pages.window(), cutoff=cutoff)
    return Eyes(current_actor(), window, timing.today(), edges, probabilities(session))


def _narrowed(chosen: Chosen, edges: Sequence[Decimal]) -> str:
    """Say which group and which column a figure stands in."""
    words = []
    if chosen.of is Of.STAYS:
        words.append(tr(STAGE_LABELS[Stage(chosen.key)] if chosen.key else "各阶段"))
        words.append(tr("期内离开的" if chosen.part == drill.LEFT else "截至时还停着的"))
    elif chosen.of is Of.COHORTS and chosen.key:
        words.append(tr("%(month)s首谈", month=month_words(chosen.key)))
    if (group := chosen.one_group) is not None:
        name = keys.names(db.session(), chosen.by, [group], edges).get(group, group or "未填")
        label = named(chosen.by, edges, group, name)
        words.append(f"{tr(DIMENSION_LABELS[chosen.by])}{tr('：')}{label}")
    return " · ".join([*words, *_part(chosen)])


def _part(chosen: Chosen) -> list[str]:
    if chosen.of is Of.STAYS or not chosen.part:
        return []
    if chosen.of is Of.STALLED:
        return [tr(AGE_LABELS[int(chosen.part)])]
    if chosen.of is Of.AHEAD:
        return [
            tr(PARTS[chosen.part]) if chosen.part in PARTS else tr("预计%(month)s签约", month=month_words(chosen.part))
        ]
    return [tr("到达%(stage)s", stage=tr(STAGE_LABELS[Stage(chosen.part)]))]


def _days(of: Of) -> object:
    """Return what counts the days of a row in the office's calendar: since a deed, or of a stay."""
    zone, today = timing.zone(), timing.today()

    def silent(at: datetime, _until: datetime) -> int:
        return max((today - at.astimezone(zone).date()).days, 0)

    def stayed(at: datetime, until: datetime) -> int:
        return max((until.astimezone(zone).date() - at.astimezone(zone).date()).days, 0)

    return {Of.STALLED: silent, Of.STAYS: stayed}.get(of)


def _href(cursor: str | None) -> str:
    return f"{request.path}?{urlencode({**asked('after'), 'after': cursor})}" if cursor else ""
