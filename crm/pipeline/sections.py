"""The pages of one project, in the order of their tabs, and the settings of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import url_for

from crm.auth.rules import Permission
from crm.web.i18n import tr

if TYPE_CHECKING:
    from crm.auth.rules import Actor
    from crm.pipeline.models import Project


@dataclass(frozen=True, slots=True)
class Section:
    """A page: its endpoint, its name, and the right it needs."""

    endpoint: str
    label: str
    needs: Permission = Permission.PROJECT_READ


@dataclass(frozen=True, slots=True)
class Setting:
    """A page of settings: its endpoint, its name, and what it decides."""

    endpoint: str
    label: str
    text: str


SECTIONS: tuple[Section, ...] = (
    Section("pipeline.show", "概况"),
    Section("stream.of_project", "往来动态"),
    Section("steps.show", "下步"),
    Section("project_intake.show", "线索与归口"),
    Section("claims.ownership", "归属"),
    Section("sites.show", "匹配"),
    Section("admission.show", "事前评估"),
    Section("approval.show", "送审"),
    Section("deals.index", "协议"),
    Section("obligations.show", "履约"),
    Section("counting.show", "计入认定"),
    Section("plans.show", "推进计划"),
    Section("capital.ledger", "到位资金"),
    Section("team.show", "班子"),
    Section("blockers.of_project", "项目问题"),
    Section("instructions.of_project", "批示"),
    Section("exceptions.show", "特事特办"),
    Section("outlook.show", "签约预期"),
    Section("exits.show", "历程"),
    Section("confidential.show", "保密"),
)
SETTINGS: tuple[Setting, ...] = (
    Setting("deal_settings.edit", "撤销、例外和协议规则", "撤销时限、例外期限、意向提醒、币种，五个一批等归组"),
    Setting("counting_settings.edit", "认定规则", "哪些签约项目和合同不计入，本地代码，下限和年限"),
    Setting("admission_settings.show", "评审与审批规则", "部门、期限、权重、底线、委员会、审批链、落地条件"),
    Setting("intake_settings.edit", "线索规则", "接收、研判和跟进的时限，公海，规模分档，产业和招商组"),
    Setting("claims.settings", "首报首谈", "保护期、裁定和申诉时限、报备必填内容"),
    Setting("blocker_settings.edit", "问题台账规则", "问题分哪几类、各类多少个工作日办结，超期报给谁"),
    Setting("plan_settings.edit", "推进计划模板", "签约后的节点、期限、法定时限、责任单位，什么时候亮灯"),
    Setting("outlook.chances", "签约概率", "预测按哪个概率计算，分阶段设定"),
)


def tabs(actor: Actor, project: Project, current: str) -> list[dict[str, object]]:
    """Tabs of a project's pages for the macro ``ui.tabs``; ``current`` is the endpoint of the page shown."""
    return [
        {
            "label": tr(section.label),
            "href": url_for(section.endpoint, project_id=project.id),
            "current": section.endpoint == current,
        }
        for section in SECTIONS
        if section.needs is Permission.PROJECT_READ or actor.reaches(section.needs, project.unit_id)
    ]
