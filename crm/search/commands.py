"""What the palette can open besides records: pages and actions, each with the rights it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core.text import fold, spoken
from crm.web.i18n import ptr, tr

if TYPE_CHECKING:
    from crm.auth.rules import Actor

MOST = 60


@dataclass(frozen=True, slots=True)
class Command:
    """A page or an action; ``page`` tells whether its label is a heading of the navigation."""

    label: str
    href: str
    icon: str
    needs: tuple[Permission, ...] = ()
    page: bool = False

    @property
    def shown(self) -> str:
        """The label in the reader's language."""
        return ptr("栏目", self.label) if self.page else tr(self.label)


P = Permission
ACTIONS = (
    Command("记走访", "/visits/new", "plus", (P.TOUCH_WRITE,)),
    Command("报线索", "/leads/new", "bulb", (P.LEAD_REPORT,)),
    Command("登记诉求", "/cases/new", "inbox", (P.CASE_WRITE,)),
    Command("登记出访", "/trips/new", "plane", (P.TOUCH_WRITE,)),
    Command("登记接待", "/receptions/new", "users-group", (P.TOUCH_WRITE,)),
    Command("新增企业", "/enterprises/new", "building-skyscraper", (P.ENTERPRISE_WRITE,)),
    Command("新建项目", "/projects/new", "layout-kanban", (P.PROJECT_WRITE,)),
    Command("导入企业", "/imports", "file-import", (P.LIST_IMPORT,)),
    Command("导入载体", "/imports?kind=carriers", "file-import", (P.RESOURCE_MANAGE,)),
    Command("导入政策", "/imports?kind=policies", "file-import", (P.RESOURCE_MANAGE,)),
    Command("导入产业链", "/imports?kind=chains", "file-import", (P.RESOURCE_MANAGE,)),
    Command("送审文件", "/approvals", "files", (P.PROJECT_READ,)),
    Command("人脉体检", "/contacts/health", "heart-handshake", (P.CONTACT_READ,)),
    Command("接口令牌", "/account/tokens", "api"),
    Command("修改密码", "/password", "key"),
)
PAGES = (
    Command("工作台", "/", "home", page=True),
    Command("动态", "/signals", "news", (P.SIGNAL_READ,), page=True),
    Command("企业", "/enterprises", "building-skyscraper", (P.ENTERPRISE_READ,), page=True),
    Command("本周该找谁", "/this-week", "phone", (P.TOUCH_READ,), page=True),
    Command("联系人", "/contacts", "address-book", (P.CONTACT_READ,), page=True),
    Command("线索", "/leads", "bulb", (P.LEAD_REPORT,), page=True),
    Command("项目", "/projects", "layout-kanban", (P.PROJECT_READ,), page=True),
    Command("会审", "/opinions", "gavel", (P.OPINION_GIVE, P.PROJECT_REVIEW), page=True),
    Command("批示", "/instructions", "clipboard-check", (P.PROJECT_READ, P.OPINION_GIVE), page=True),
    Command("走访", "/visits", "map-pin", (P.TOUCH_READ,), page=True),
    Command("诉求", "/cases", "heart-handshake", (P.CASE_READ,), page=True),
    Command("包联走访", "/rounds", "map-pin", (P.CASE_READ,), page=True),
    Command("融资需求", "/financing", "building-bank", (P.CASE_READ,), page=True),
    Command("一企一策", "/firm-plans", "clipboard-list", (P.CASE_READ,), page=True),
    Command("满意度调查", "/surveys", "mood-smile", (P.CASE_READ,), page=True),
    Command("出访", "/trips", "plane", (P.TOUCH_READ,), page=True),
    Command("接待", "/receptions", "users-group", (P.TOUCH_READ,), page=True),
    Command("产业链", "/industry-chains", "sitemap", (P.RESOURCE_READ,), page=True),
    Command("政策", "/policies", "book-2", (P.RESOURCE_READ,), page=True),
    Command("招商手册", "/handbook", "book-2", (P.RESOURCE_READ,), page=True),
    Command("载体", "/carriers", "map-2", (P.RESOURCE_READ,), page=True),
    Command("载体地图", "/carriers/map", "map-pin", (P.RESOURCE_READ,), page=True),
    Command("批量匹配", "/matches", "map-pin", (P.PROJECT_READ,), page=True),
    Command("问题", "/blockers", "flag", (P.PROJECT_READ, P.OPINION_GIVE), page=True),
    Command("项目库", "/bank", "briefcase", (P.RESOURCE_READ,), page=True),
    Command("项目推进", "/plans", "route", (P.PROJECT_READ,), page=True),
    Command("到位资金", "/capital", "cash", (P.PROJECT_READ,), page=True),
    Command("漏斗", "/reports/funnel", "chart-funnel", (P.REPORT_READ,), page=True),
    Command("招商大屏", "/insight/screen", "device-desktop", (P.REPORT_READ,), page=True),
    Command("签约预测", "/insight/forecast", "trending-up", (P.REPORT_READ,), page=True),
    Command("周报", "/reports/weekly", "file-text", (P.REPORT_READ,), page=True),
    Command("材料模板", "/papers/templates", "file-type-docx", (P.REPORT_BUILD,), page=True),
    Command("会战考核", "/campaigns", "target-arrow", (P.REPORT_READ,), page=True),
    Command("人才库", "/staff", "certificate", (P.ENTERPRISE_READ, P.STAFF_MANAGE), page=True),
    Command("信源", "/sources", "rss", (P.SOURCE_MANAGE,), page=True),
    Command("评分模型", "/score-model", "adjustments", (P.SCORE_MANAGE, P.SCORE_PUBLISH), page=True),
    Command("管理", "/admin", "settings", (P.ADMIN_MANAGE, P.TASK_MANAGE, P.AUDIT_READ), page=True),
)
MORE = (
    Command("年度任务目标", "/targets", "target-arrow", (P.REPORT_READ,)),
    Command("任务分解", "/targets/tree", "sitemap", (P.REPORT_READ,)),
    Command("指标口径", "/measures", "ruler-2", (P.REPORT_READ,)),
    Command("比率", "/measures/rates", "percentage", (P.REPORT_READ,)),
    Command("上报认定对照", "/measures/ledger", "rubber-stamp", (P.REPORT_READ,)),
    Command("停滞分析", "/insight/stalled", "hourglass", (P.REPORT_READ,)),
    Command("停留时间", "/insight/stays", "clock", (P.REPORT_READ,)),
    Command("逾期与停滞", "/follow-ups/stalled", "alert-circle", (P.TOUCH_READ,)),
    Command("通报和材料（半月通报、月调度、季汇报、年终排队）", "/papers", "file-text", (P.REPORT_READ,)),
    Command("已拟稿和印发的材料", "/papers/issues", "files", (P.REPORT_READ,)),
    Command("公文检查（公文格式）", "/reports/check", "file-check", (P.REPORT_READ,)),
    Command("周报报送情况", "/reports/weekly/returns", "send", (P.REPORT_READ,)),
    Command("考核", "/assessment", "award", (P.REPORT_READ,)),
    Command("考核办法", "/assessment/books", "ruler-2", (P.REPORT_READ,)),
    Command("观摩拉练", "/assessment/tours", "bus", (P.REPORT_READ,)),
    Command("实绩台账", "/assessment/merits", "medal", (P.REPORT_READ,)),
    Command("经费", "/assessment/budgets", "coins", (P.REPORT_READ,)),
    Command("账期", "/periods", "calendar", (P.REPORT_READ,)),
    Command("产业招商项目目录", "/bank/editions", "versions", (P.RESOURCE_READ,)),
    Command("招商专案", "/bank/proposals", "file-text", (P.PROJECT_READ,)),
    Command("云招商公开链接", "/bank/links", "world", (P.RESOURCE_READ,)),
    Command("双方履约", "/obligations", "contract", (P.PROJECT_READ,)),
    Command("退出办理", "/exit-cases", "door-exit", (P.PROJECT_READ,)),
    Command("会议", "/meetings", "users-group", (P.TOUCH_READ, P.OPINION_GIVE)),
)


def found(actor: Actor, query: str) -> list[Command]:
    """Commands the actor may use whose label, pinyin or initials hold the query; all of them when it is blank."""
    wanted = fold(query)
    allowed = [one for one in (*ACTIONS, *PAGES, *MORE) if not one.needs or any(actor.may(need) for need in one.needs)]
    return [one for one in allowed if _fits(one, wanted)][:MOST]


def _fits(one: Command, wanted: str) -> bool:
    texts = (fold(one.label), fold(one.shown))
    return any(wanted in text for text in texts) or any(word.startswith(wanted) for word in spoken(one.label))
