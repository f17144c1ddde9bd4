"""What the palette can open besides records: pages and actions, each with the rights it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core.text import fold, spoken
from crm.web.i18n import ptr, tr

if TYPE_CHECKING:
    from crm.auth.rules import Actor

MOST = 30


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
    Command("登记出访", "/trips/new", "plane", (P.TOUCH_WRITE,)),
    Command("登记接待", "/receptions/new", "users-group", (P.TOUCH_WRITE,)),
    Command("新增企业", "/enterprises/new", "building-skyscraper", (P.ENTERPRISE_WRITE,)),
    Command("新建项目", "/projects/new", "layout-kanban", (P.PROJECT_WRITE,)),
    Command("导入企业", "/imports", "file-import", (P.LIST_IMPORT,)),
    Command("送审文件", "/approvals", "files", (P.PROJECT_READ,)),
    Command("人脉体检", "/contacts/health", "heart-handshake", (P.CONTACT_READ,)),
    Command("修改密码", "/password", "key"),
)
PAGES = (
    Command("工作台", "/", "home", page=True),
    Command("动态", "/signals", "news", (P.SIGNAL_READ,), page=True),
    Command("企业", "/enterprises", "building-skyscraper", (P.ENTERPRISE_READ,), page=True),
    Command("联系人", "/contacts", "address-book", (P.CONTACT_READ,), page=True),
    Command("线索", "/leads", "bulb", (P.LEAD_REPORT,), page=True),
    Command("项目", "/projects", "layout-kanban", (P.PROJECT_READ,), page=True),
    Command("会审", "/opinions", "gavel", (P.OPINION_GIVE, P.PROJECT_REVIEW), page=True),
    Command("批示", "/instructions", "clipboard-check", (P.PROJECT_READ, P.OPINION_GIVE), page=True),
    Command("走访", "/visits", "map-pin", (P.TOUCH_READ,), page=True),
    Command("出访", "/trips", "plane", (P.TOUCH_READ,), page=True),
    Command("接待", "/receptions", "users-group", (P.TOUCH_READ,), page=True),
    Command("漏斗", "/reports/funnel", "chart-funnel", (P.REPORT_READ,), page=True),
    Command("周报", "/reports/weekly", "file-text", (P.REPORT_READ,), page=True),
    Command("会战考核", "/campaigns", "target-arrow", (P.REPORT_READ,), page=True),
    Command("人才库", "/staff", "certificate", (P.ENTERPRISE_READ, P.STAFF_MANAGE), page=True),
    Command("信源", "/sources", "rss", (P.SOURCE_MANAGE,), page=True),
    Command("管理", "/admin", "settings", (P.ADMIN_MANAGE, P.TASK_MANAGE, P.AUDIT_READ), page=True),
)


def found(actor: Actor, query: str) -> list[Command]:
    """Commands the actor may use whose label, pinyin or initials hold the query; all of them when it is blank."""
    wanted = fold(query)
    allowed = [one for one in (*ACTIONS, *PAGES) if not one.needs or any(actor.may(need) for need in one.needs)]
    return [one for one in allowed if _fits(one, wanted)][:MOST]


def _fits(one: Command, wanted: str) -> bool:
    texts = (fold(one.label), fold(one.shown))
    return any(wanted in text for text in texts) or any(word.startswith(wanted) for word in spoken(one.label))
