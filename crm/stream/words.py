"""How a line of a stream reads: symbol, colour, words, and where it leads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm.core.changes import CREATED
from crm.core.types import MICRO_WAN
from crm.enterprises.fields import LABELS, display
from crm.enterprises.history import VIA_LABELS
from crm.fieldwork.rules import INTENTION_LABELS, TOUCH_LABELS, Intention
from crm.pipeline import rules as pipeline
from crm.pipeline.admission.rules import DIMENSIONS, OUTCOME_LABELS, VERDICT_LABELS
from crm.pipeline.approval.rules import STATION_LABELS, STEP_LABELS
from crm.pipeline.exceptions import rules as exceptions
from crm.pipeline.instructions.rules import REPLY_LABELS, STATE_LABELS, URGENCY_LABELS
from crm.pipeline.limits import REVIEW_LABELS
from crm.pipeline.words import AGREEMENT_LABELS, EXIT_LABELS, REASON_LABELS
from crm.signals.kinds import KIND_LABELS
from crm.web.filters import day, money_words
from crm.web.i18n import ptr, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crm.core.changes import FieldChange

SHORT = 40
MOST_FIELDS = 4
ICONS: dict[str, str] = {
    "reception": "users",
    "inspection": "building-factory-2",
    "negotiation": "message-circle",
    "call": "phone",
    "letter": "mail",
    "mail": "mail",
    "wechat": "brand-wechat",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What a line says; ``text`` is what somebody wrote, ``label`` says in the reader's language what it is."""

    icon: str
    label: str
    text: str = ""
    note: str = ""
    href: str = ""
    tone: str = ""


def words(row: Any, changed: Sequence[FieldChange] = ()) -> Words:  # noqa: ANN401 (a row of lines)
    """Return how a line reads."""
    if row.kind == "change":
        return _change(row, changed)
    return WORDS[row.kind](row)


def _label(labels: Any, key: str | None) -> str:  # noqa: ANN401 (a dictionary keyed by any enum of texts)
    return tr(labels[key]) if key in labels else key or ""


def _sum(kept: str | None) -> str:
    return money_words(Decimal(kept) / MICRO_WAN) if kept else ""


def _day(kept: str | None) -> str:
    return day(date.fromisoformat(kept[:10])) if kept else ""


def _touch(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    keen = "" if row.c == Intention.UNKNOWN else _label(INTENTION_LABELS, row.c)
    icon = ICONS.get(row.a, "map-pin")
    return Words(icon, _label(TOUCH_LABELS, row.a), row.b, keen, f"/visits/{row.id}", "green")


def _signal(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    return Words("news", _label(KIND_LABELS, row.a), row.b, row.c or "", f"/signals/{row.id}")


def _stage(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    href, after = f"/projects/{row.project}", _label(pipeline.STAGE_LABELS, row.a)
    if not row.c:
        return Words("bulb", ptr("往来", "登记线索"), "", row.b or "", href, "blue")
    label = tr("从“%(before)s”到“%(after)s”", before=_label(pipeline.STAGE_LABELS, row.c), after=after)
    if row.d == "undo":
        return Words("arrow-back-up", tr("撤销误操作：") + label, "", row.b or "", href, "amber")
    note = f"{tr('已撤销，不计入')} {row.b or ''}".strip() if row.d == "undone" else row.b or ""
    signed = row.a == pipeline.Stage.SIGNED and not row.d
    return Words("rubber-stamp" if signed else "arrow-right", label, "", note, href, "seal" if signed else "blue")


def _event(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    detail, href = json.loads(row.b), f"/projects/{row.project}"
    if row.a == "project.leave":
        kind = f"{_label(EXIT_LABELS, detail.get('kind'))}{tr('，')}{_label(REASON_LABELS, detail.get('reason'))}"
        return Words("door-exit", ptr("往来", "项目退出"), kind, detail.get("text") or "", href, "amber")
    if row.a == "project.restore":
        return Words("restore", tr("项目恢复"), "", "", href)
    return Words("user-check", tr("负责人改为%(name)s", name=detail.get("to") or ""), "", "", href)


def _update(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    return Words("pencil", tr("修改项目资料"), "", "", f"/projects/{row.project}")


def _change(row: Any, changed: Sequence[FieldChange]) -> Words:  # noqa: ANN401 (a row of lines)
    href = f"/enterprises/{row.firm}/history"
    fields = [one for one in changed if one.field in LABELS]
    if any(one.field == CREATED for one in changed):
        return Words("building-skyscraper", tr("登记企业"), "", _label(VIA_LABELS, row.a), href)
    shown = [_field(one) for one in fields[:MOST_FIELDS]]
    if len(fields) > MOST_FIELDS:
        shown.append(tr("另有%(count)s项", count=len(fields) - MOST_FIELDS))
    label = tr("修改资料") if fields else tr("其他变更")
    return Words("pencil", label, tr("；").join(shown), _label(VIA_LABELS, row.a), href)


def _field(one: FieldChange) -> str:
    before, after = (_short(display(one.field, value)) or tr("空") for value in (one.before, one.after))
    return f"{tr(LABELS[one.field])} {before} → {after}"


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


def _planned(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    due = tr("期限%(day)s", day=_day(row.c)) if row.c else tr("无期限")
    note = f"{row.owner or ''} · {due}".removeprefix(" · ")
    return Words("checklist", tr("安排待办"), row.b, f"{note} · {tr('已完成')}" if row.d else note, "", "amber")


def _done(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    return Words("circle-check", tr("完成待办"), row.b, row.c or "", "", "green")


def _note(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    return Words("note", tr("备注"), row.b)


def _comment(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    return Words("message-circle", tr("评论"), row.b, tr("已修改") if row.c else "", "", "blue")


def _review(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    label = tr("事前评估%(result)s", result=_label(REVIEW_LABELS, row.a))
    tone = "green" if row.a == "passed" else "amber"
    return Words("gavel", label, row.c or "", row.b or "", f"/projects/{row.project}/admission", tone)


def _opinion(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    label = f"{_label(DIMENSIONS, row.c)}{tr('：')}{_label(VERDICT_LABELS, row.a)}"
    return Words("gavel", label, row.b or "", "", f"/projects/{row.project}/admission")


def _deferral(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    label = f"{tr('评审会')}{tr('：')}{_label(OUTCOME_LABELS, row.a)}"
    return Words("gavel", label, row.c or "", row.b or "", f"/projects/{row.project}/admission", "amber")


def _approval(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    return Words("files", tr("送审文件"), row.b, "", f"/projects/{row.project}/approvals", "blue")


def _step(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    label = f"{_label(STATION_LABELS, row.c)}{tr('：')}{_label(STEP_LABELS, row.a)}"
    tone = "green" if row.a == "passed" else "amber"
    return Words("files", label, row.d or "", row.b or "", f"/projects/{row.project}/approvals", tone)


def _agreement(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    label = tr("上报%(kind)s %(amount)s", kind=_label(AGREEMENT_LABELS, row.a), amount=_sum(row.c))
    return Words("file-text", label, row.b or "", "", f"/projects/{row.project}/agreements/{row.id}", "blue")


def _recognized(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    label = f"{tr('认定正式合同')} {_sum(row.c)}"
    return Words("rubber-stamp", label, "", row.b or "", f"/projects/{row.project}/agreements/{row.id}", "seal")


def _instruction(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    note = f"{_label(STATE_LABELS, row.d)} · {tr('期限%(day)s', day=_day(row.c))}"
    label = f"{tr('批示')}（{_label(URGENCY_LABELS, row.a)}）" if row.a != "normal" else tr("批示")
    return Words("clipboard-check", label, row.b, note, f"/instructions/{row.ref}", "seal")


def _reply(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    label = f"{tr('批示办理')}{tr('：')}{_label(REPLY_LABELS, row.a)}"
    return Words("clipboard-check", label, row.b or "", "", f"/instructions/{row.ref}")


def _exception(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    label = tr("申请%(kind)s", kind=_label(exceptions.KIND_LABELS, row.a))
    return Words("rubber-stamp", label, row.b, "", f"/projects/{row.project}/exceptions", "amber")


def _ruling(row: Any) -> Words:  # noqa: ANN401 (a row of lines)
    label = f"{tr('例外')}{tr('：')}{_label(exceptions.STATE_LABELS, row.a)}"
    return Words("rubber-stamp", label, row.c or "", row.b or "", f"/projects/{row.project}/exceptions")


WORDS: dict[str, Callable[[Any], Words]] = {
    "touch": _touch,
    "signal": _signal,
    "stage": _stage,
    "event": _event,
    "update": _update,
    "planned": _planned,
    "done": _done,
    "note": _note,
    "comment": _comment,
    "review": _review,
    "opinion": _opinion,
    "deferral": _deferral,
    "approval": _approval,
    "step": _step,
    "agreement": _agreement,
    "recognized": _recognized,
    "instruction": _instruction,
    "reply": _reply,
    "exception": _exception,
    "ruling": _ruling,
}
