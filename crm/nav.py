"""The rail on the left and the bar at the bottom: what a person may open, in order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import request
from flask_login import current_user

from crm.auth.rules import Permission
from crm.web.i18n import locale, ptr

if TYPE_CHECKING:
    from crm.auth.rules import Actor

KEPT = 1024


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the navigation."""

    key: str
    label: str
    href: str
    icon: str
    needs: tuple[Permission, ...] = ()
    phone: bool = False
    also: tuple[str, ...] = ()


RAIL: tuple[Item, ...] = (
    Item("home", "工作台", "/", "home", phone=True, also=("/calendar", "/follow-ups", "/notices")),
    Item("signals", "动态", "/signals", "news", (Permission.SIGNAL_READ,), phone=True),
    Item(
        "enterprises",
        "企业",
        "/enterprises",
        "building-skyscraper",
        (Permission.ENTERPRISE_READ,),
        phone=True,
        also=("/recycle", "/lists", "/imports", "/exports", "/duplicates", "/merges"),
    ),
    Item("week", "本周该找谁", "/this-week", "phone", (Permission.TOUCH_READ,)),
    Item("contacts", "联系人", "/contacts", "address-book", (Permission.CONTACT_READ,), also=("/acquaintances",)),
    Item("leads", "线索", "/leads", "bulb", (Permission.LEAD_REPORT,)),
    Item(
        "projects",
        "项目",
        "/projects",
        "layout-kanban",
        (Permission.PROJECT_READ,),
        phone=True,
        also=("/claims", "/approvals"),
    ),
    Item("opinions", "会审", "/opinions", "gavel", (Permission.OPINION_GIVE, Permission.PROJECT_REVIEW)),
    Item(
        "instructions", "批示", "/instructions", "clipboard-check", (Permission.PROJECT_READ, Permission.OPINION_GIVE)
    ),
    Item(
        "visits",
        "走访",
        "/visits",
        "map-pin",
        (Permission.TOUCH_READ,),
        also=("/trips", "/receptions", "/events", "/meetings", "/postings", "/inspections"),
    ),
    Item(
        "cases",
        "诉求",
        "/cases",
        "heart-handshake",
        (Permission.CASE_READ,),
        also=("/rounds", "/financing", "/firm-plans", "/surveys"),
    ),
    Item("carriers", "载体", "/carriers", "map-2", (Permission.RESOURCE_READ,), also=("/matches",)),
    Item("chains", "产业链", "/industry-chains", "sitemap", (Permission.RESOURCE_READ,)),
    Item("policies", "政策", "/policies", "book-2", (Permission.RESOURCE_READ,), also=("/handbook",)),
    Item("blockers", "问题", "/blockers", "flag", (Permission.PROJECT_READ, Permission.OPINION_GIVE)),
    Item("bank", "项目库", "/bank", "briefcase", (Permission.RESOURCE_READ,)),
    Item("plans", "项目推进", "/plans", "route", (Permission.PROJECT_READ,)),
    Item(
        "capital",
        "到位资金",
        "/capital",
        "cash",
        (Permission.PROJECT_READ,),
        also=("/obligations", "/exit-cases", "/letters"),
    ),
    Item("funnel", "漏斗", "/reports/funnel", "chart-funnel", (Permission.REPORT_READ,), also=("/insight",)),
    Item("weekly", "周报", "/reports/weekly", "file-text", (Permission.REPORT_READ,), also=("/papers",)),
    Item(
        "campaigns",
        "会战考核",
        "/campaigns",
        "target-arrow",
        (Permission.REPORT_READ,),
        also=("/targets", "/measures", "/assessment", "/periods"),
    ),
    Item("staff", "人才库", "/staff", "certificate", (Permission.ENTERPRISE_READ, Permission.STAFF_MANAGE)),
    Item("sources", "信源", "/sources", "rss", (Permission.SOURCE_MANAGE,)),
    Item("score_model", "评分模型", "/score-model", "adjustments", (Permission.SCORE_MANAGE, Permission.SCORE_PUBLISH)),
    Item(
        "admin", "管理", "/admin", "settings", (Permission.ADMIN_MANAGE, Permission.TASK_MANAGE, Permission.AUDIT_READ)
    ),
)
NEW_VISIT = Item("new_visit", "记走访", "/visits/new", "plus", (Permission.TOUCH_WRITE,), phone=True)
NEW_LEAD = Item("new_lead", "报线索", "/leads/new", "plus", (Permission.LEAD_REPORT,))
PHONE_ORDER = ("home", "enterprises", "new_visit", "projects", "signals")


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as the template needs it."""

    key: str
    label: str
    href: str
    icon: str
    current: bool


def context() -> dict[str, tuple[Shown, ...]]:
    """Return ``nav`` and ``bottom_nav`` for the signed-in person."""
    if not current_user.is_authenticated:
        return {"nav": (), "bottom_nav": ()}
    rail, bottom = _entries(current_user.actor, locale(), _here(request.path))
    return {"nav": rail, "bottom_nav": bottom}


@lru_cache(maxsize=KEPT)
def _entries(actor: Actor, _language: str, here: str) -> tuple[tuple[Shown, ...], tuple[Shown, ...]]:
    """Entries of the rail and the bar for a person, a language and a section; kept, since every page shows them."""
    allowed = [
        item for item in (*RAIL, NEW_VISIT, NEW_LEAD) if not item.needs or any(actor.may(need) for need in item.needs)
    ]
    shown = {
        item.key: Shown(item.key, ptr("栏目", item.label), item.href, item.icon, item.key == here) for item in allowed
    }
    phone = [NEW_LEAD.key if key == NEW_VISIT.key and key not in shown else key for key in PHONE_ORDER]
    return (
        tuple(shown[item.key] for item in RAIL if item.key in shown),
        tuple(shown[key] for key in phone if key in shown),
    )


def _here(path: str) -> str:
    """Name the entry an address belongs to, empty when there is none."""
    for item in (NEW_VISIT, NEW_LEAD, *RAIL):
        places = item.also if item.href == "/" else (item.href, *item.also)
        if path == item.href or any(path.startswith(f"{place}/") or path == place for place in places):
            return item.key
    return ""
