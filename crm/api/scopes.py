"""What a token may be used for: scopes, the permissions each lets through, and the limits of a token. Pure.

A token never widens what its person may do: of the person's permissions it keeps those of its scopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.auth.rules import Permission
from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME, MOST_LIVE, LONGEST_DAYS = 80, 20, 366
P = Permission


class Scope(StrEnum):
    """What programs may do with a token."""

    ENTERPRISES_READ = "enterprises:read"
    ENTERPRISES_WRITE = "enterprises:write"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    CONTACTS_REVEAL = "contacts:reveal"
    PROJECTS_READ = "projects:read"
    PROJECTS_WRITE = "projects:write"
    PROJECTS_MOVE = "projects:move"
    AGREEMENTS_READ = "agreements:read"
    TOUCHES_READ = "touches:read"
    TOUCHES_WRITE = "touches:write"
    SIGNALS_READ = "signals:read"
    FIGURES_READ = "figures:read"
    REPORTS_READ = "reports:read"


SCOPE_LABELS: dict[Scope, str] = {
    Scope.ENTERPRISES_READ: "读企业",
    Scope.ENTERPRISES_WRITE: "新增和修改企业",
    Scope.CONTACTS_READ: "读联系人（号码遮住）",
    Scope.CONTACTS_WRITE: "新增和修改联系人",
    Scope.CONTACTS_REVEAL: "查看联系人的完整号码（逐次留痕）",
    Scope.PROJECTS_READ: "读线索和项目",
    Scope.PROJECTS_WRITE: "登记和修改项目",
    Scope.PROJECTS_MOVE: "推进项目阶段",
    Scope.AGREEMENTS_READ: "读协议",
    Scope.TOUCHES_READ: "读走访和待办（含见到的联系人姓名）",
    Scope.TOUCHES_WRITE: "记走访和待办",
    Scope.SIGNALS_READ: "读动态",
    Scope.FIGURES_READ: "读统计数字和构成明细（含项目和企业名称）",
    Scope.REPORTS_READ: "读周报",
}
SCOPE_PERMISSIONS: dict[Scope, frozenset[Permission]] = {
    Scope.ENTERPRISES_READ: frozenset({P.ENTERPRISE_READ}),
    Scope.ENTERPRISES_WRITE: frozenset({P.ENTERPRISE_READ, P.ENTERPRISE_WRITE}),
    Scope.CONTACTS_READ: frozenset({P.CONTACT_READ}),
    Scope.CONTACTS_WRITE: frozenset({P.CONTACT_READ, P.CONTACT_WRITE}),
    Scope.CONTACTS_REVEAL: frozenset({P.CONTACT_READ, P.CONTACT_REVEAL}),
    Scope.PROJECTS_READ: frozenset({P.PROJECT_READ}),
    Scope.PROJECTS_WRITE: frozenset({P.PROJECT_READ, P.PROJECT_WRITE}),
    Scope.PROJECTS_MOVE: frozenset({P.PROJECT_READ, P.PROJECT_MOVE}),
    Scope.AGREEMENTS_READ: frozenset({P.PROJECT_READ}),
    Scope.TOUCHES_READ: frozenset({P.TOUCH_READ}),
    Scope.TOUCHES_WRITE: frozenset({P.TOUCH_READ, P.TOUCH_WRITE}),
    Scope.SIGNALS_READ: frozenset({P.SIGNAL_READ}),
    Scope.FIGURES_READ: frozenset({P.REPORT_READ, P.PROJECT_READ, P.TOUCH_READ, P.CONTACT_READ, P.CASE_READ}),
    Scope.REPORTS_READ: frozenset({P.REPORT_READ}),
}


@dataclass(frozen=True, slots=True)
class TokenDraft:
    """What a person wants of a new token; it lasts for ``days``."""

    name: str
    scopes: frozenset[str]
    days: int


def token_problems(draft: TokenDraft, live: int, most_days: int) -> list[Problem]:
    """Reasons why a token cannot be made; ``live`` counts those the person has in use."""
    problems = []
    if not draft.name.strip():
        problems.append(Problem("token.name", "请写明令牌给谁用，例如“浙政钉同步”。", "name"))
    elif len(draft.name.strip()) > NAME:
        problems.append(Problem("token.long", "名称最多80字。", "name"))
    if not draft.scopes or draft.scopes - set(Scope):
        problems.append(Problem("token.scopes", "请至少勾选一项用途。", "scopes"))
    if not 1 <= draft.days <= most_days:
        params: dict[str, object] = {"n": most_days}
        problems.append(Problem("token.days", "有效期请填 1 到 %(n)s 天。", "days", params))
    if live >= MOST_LIVE:
        problems.append(Problem("token.many", "在用的令牌已有20个，请先撤销不用的。"))
    return problems


def permissions_of(scopes: Iterable[str]) -> frozenset[Permission]:
    """Permissions that the scopes of a token let through; unknown ones let nothing through."""
    known = [SCOPE_PERMISSIONS[Scope(one)] for one in scopes if one in set(Scope)]
    return frozenset().union(*known)
