"""The pages of one enterprise as HTML: stream, profile, relations, under one head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template

from crm.auth.identity import current_actor
from crm.enterprises import aliases
from crm.enterprises import relations as links
from crm.enterprises.codes import industry_name, region_name
from crm.enterprises.groups import group_ids, subsidiaries
from crm.enterprises.rules import ALIAS_LABELS, BLOCK_LABELS, SOURCE_KINDS, ProfileBlock
from crm.fieldwork.rules import due_state
from crm.pipeline.rules import STAGE_LABELS
from crm.register import conditions, record
from crm.register.record import Tab
from crm.register.stream import last_touches
from crm.scoring.badge import trend
from crm.scoring.display import shown_reasons
from crm.web import db, timing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from flask.typing import ResponseReturnValue

    from crm.auth.rules import Actor
    from crm.enterprises.groups import Kin
    from crm.register.forms import AliasForm

EMPTY: dict[ProfileBlock, str] = {
    ProfileBlock.HISTORY: "写下创立、并购、上市、换帅等大事，注明出处和日期。",
    ProfileBlock.CULTURE: "写下经营理念、决策习惯、对人的看法，走访时用得上。",
    ProfileBlock.SCOPE: "写下主要产品、产能、市场和在国内的布点。",
    ProfileBlock.REACH: "写下总机、地址、对口部门和预约办法；个人电话请记在联系人里。",
    ProfileBlock.PLAN: "写下扩产、选址、上市等打算和时间表，这是招商的由头。",
    ProfileBlock.NEWS: "新闻提到它时会自动列在这里，也可以手工补充。",
}


def stream(enterprise_id: int, alias_form: AliasForm, status: int) -> ResponseReturnValue:
    """Render what happened, the facts and the people."""
    session, actor = db.session(), current_actor()
    head = record.head(session, actor, enterprise_id, now=timing.now())
    side = record.side(session, actor, enterprise_id)
    page = render_template(
        "register/record.html",
        **_head(head, Tab.STREAM),
        side=side,
        last_touch=side.happened.last_touch,
        touched=_touched(actor, side.below),
        alias_form=alias_form,
        alias_labels=ALIAS_LABELS,
        own_words=aliases.OWN_WORDS,
        stages=STAGE_LABELS,
        source_kinds=SOURCE_KINDS,
        industry=_coded(industry_name(head.enterprise.industry_code), head.enterprise.industry),
        region=_coded(region_name(head.enterprise.region_code), head.enterprise.region),
    )
    return page, status


def _touched(actor: Actor, below: Sequence[Kin]) -> dict[int, datetime] | None:
    """When those below were last touched, for who sees every touch; others find it beside the whole group."""
    if not conditions.sees_all_touches(actor):
        return None
    return {kin.id: kin.last_touch_at for kin in below if kin.last_touch_at}


def profile(enterprise_id: int) -> ResponseReturnValue:
    """Render the six blocks."""
    session, actor = db.session(), current_actor()
    head = record.head(session, actor, enterprise_id, now=timing.now())
    return render_template(
        "register/_profile_page.html",
        **_head(head, Tab.PROFILE),
        last_touch=max(last_touches(session, actor, group_ids(session, enterprise_id)).values(), default=None),
        blocks=record.blocks(session, enterprise_id),
        news=record.news(session, enterprise_id),
        labels=BLOCK_LABELS,
        empty=EMPTY,
    )


def relations(enterprise_id: int) -> ResponseReturnValue:
    """Render the group and the typed relations."""
    session, actor = db.session(), current_actor()
    head = record.head(session, actor, enterprise_id, now=timing.now())
    below = subsidiaries(session, enterprise_id)
    touched = last_touches(session, actor, [enterprise_id, *(kin.id for kin in below)])
    return render_template(
        "register/_relations_page.html",
        **_head(head, Tab.RELATIONS),
        last_touch=max(touched.values(), default=None),
        touched=touched,
        below=below,
        links=links.relations(session, enterprise_id),
    )


def _head(head: record.Head, tab: Tab) -> dict[str, object]:
    today = timing.today()
    return {
        "head": head,
        "ent": head.enterprise,
        "tab": tab.value,
        "trend": trend(head.score) if head.score else None,
        "reasons": shown_reasons(head.score.reasons) if head.score else [],
        "due": {one.id: due_state(one.due_on, today) for one in head.follow_ups},
    }


def _coded(by_code: str, typed: str | None) -> tuple[str, str]:
    """What the code says, and what was typed where that says something else."""
    return (by_code, typed if typed and typed not in by_code else "") if by_code else (typed or "", "")
