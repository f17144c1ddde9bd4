"""Refusals that only the interface knows: no token, too few scopes, too often, another version."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from crm.core.errors import DomainError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

REALM = 'Bearer realm="yinfeng"'
NO_TOKEN = Problem("token.invalid", "令牌无效、已过期或已撤销。请在“接口令牌”页面新建一个。")
EARLY = Problem("rate.limited", "请求太频繁，请 %(n)s 秒后再试。")
STALE = Problem("version.stale", "这条记录在您读取之后有人改过。请重新读取，再带上新的 If-Match。")
NO_VERSION = Problem("version.missing", "修改前请先读取，并在请求头 If-Match 里带上读到的 ETag。")


class RefusalError(DomainError):
    """A refusal with a status and headers of its own."""

    def __init__(self, status: int, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        """Keep what is to be answered."""
        super().__init__(problem)
        self.status = status
        self.headers = headers or {}


def unknown_caller() -> RefusalError:
    """No token, or one that is worth nothing."""
    return RefusalError(401, NO_TOKEN, {"WWW-Authenticate": REALM})


def too_early(wait: timedelta) -> RefusalError:
    """Too many requests: come back after a while, told in whole seconds."""
    seconds = max(ceil(wait.total_seconds()), 1)
    return RefusalError(429, Problem(EARLY.key, EARLY.message, params={"n": seconds}), {"Retry-After": str(seconds)})


def too_narrow(scope: str) -> RefusalError:
    """The token lacks a scope."""
    problem = Problem("token.scope", "这个令牌没有“%(scope)s”用途，请新建一个勾选它的令牌。", params={"scope": scope})
    header = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    return RefusalError(403, problem, {"WWW-Authenticate": header})
