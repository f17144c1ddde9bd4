"""What pages of chains say: reasons, and the trail of changes, in the person's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm.resources.chains import matching
from crm.resources.chains.rules import CALL_LABELS, SIDE_LABELS, Reason
from crm.web.filters import day
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.core.audit import AuditEvent

ACTIONS: dict[str, str] = {
    "chain.add": "建立产业链“%(name)s”",
    "chain.change": "修改产业链资料",
    "chain.archive": "归档产业链",
    "chain.restore": "恢复产业链",
    "chain.add_node": "增加环节“%(node)s”",
    "chain.change_node": "修改环节“%(node)s”",
    "chain.remove_node": "删去环节“%(node)s”",
    "chain.override": "把环节“%(node)s”判为%(call)s：%(reason)s",
    "chain.follow_rule": "环节“%(node)s”恢复按规则判断",
    "chain.place": "环节“%(node)s”：%(enterprise)s列为%(side)s",
    "chain.refuse": "环节“%(node)s”：%(enterprise)s不是%(side)s",
    "chain.take_off": "环节“%(node)s”移出一家%(side)s：%(reason)s",
    "chain.lead": "为环节“%(node)s”登记线索",
    "chain.guide": "上传招商指南“%(file)s”",
    "chain.drop_guide": "撤下招商指南“%(file)s”",
    "chain.undo": "撤销导入“%(file)s”",
    "chain.export": "导出产业链",
}
CALLS = {str(call): label for call, label in CALL_LABELS.items()}
SIDES = {str(side): label for side, label in SIDE_LABELS.items()}


def reason(one: Reason | Mapping[str, Any]) -> str:
    """Say one reason."""
    stored = one.plain() if isinstance(one, Reason) else one
    return tr(stored["message"]) % {name: _value(name, value) for name, value in stored["params"].items()}


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    if name == "day":
        known = day_or_none(value)
        return day(known) if known else value
    return tr(value) if name == "kind" else value


told = matching.told  # what a page may show of reasons that were stored


def points(one: Reason | Mapping[str, Any]) -> str:
    """Write the points of a reason with their sign; nothing for one that only explains."""
    worth = one.points if isinstance(one, Reason) else one["points"]
    return f"{worth:+d}".replace("-", "−") if worth else ""


def event(row: AuditEvent) -> str:
    """Say what somebody did to a chain."""
    detail = {key: str(value) for key, value in row.detail.items()}
    for name, labels in (("call", CALLS), ("side", SIDES)):
        if name in detail:
            detail[name] = tr(labels.get(detail[name], detail[name]))
    message = ACTIONS.get(row.action)
    known = {"name": "", "node": "", "reason": "", "enterprise": "", "file": ""} | detail
    return tr(message) % known if message else row.action
