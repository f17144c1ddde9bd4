"""The register of the demonstration: sixty invented enterprises, their lists, names and contacts."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from itertools import count, cycle
from typing import TYPE_CHECKING

from crm.auth.rules import SYSTEM
from crm.cli.demodata.desk import Firm, asset
from crm.cli.demodata.dossier import circle
from crm.cli.demodata.office import KEEPERS, REGISTRAR
from crm.core.text import fold, initials
from crm.enterprises import aliases, contacts, services
from crm.enterprises.models import TargetList
from crm.enterprises.rules import AliasKind, ContactDraft, EnterpriseDraft
from crm.imports.columns import read_table
from crm.imports.reading import read_sheet
from crm.imports.rows import ListTarget
from crm.imports.services import import_list

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crm.cli.demodata.desk import Desk

LISTS = {
    "fortune_global_500": "世界500强（演示）",
    "private_500": "民营企业500强（演示）",
    "industry_50": "行业50强（演示）",
}
SOURCE = "演示榜单：企业和名次均为虚构"
SURNAMES = (
    "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛范彭鲁韦马苗方俞任袁柳唐罗薛雷贺倪汤"
)
GIVEN = (
    "景行",
    "书宁",
    "允之",
    "望舒",
    "思远",
    "清和",
    "德铭",
    "亦辰",
    "若谷",
    "承志",
    "嘉言",
    "文博",
    "致远",
    "映雪",
    "启明",
)
POSTS = ("总经理", "投资总监", "副总经理", "战略发展部部长", "生产总监", "董事长助理", "行政总监")
TWO_CONTACTS = 30
KEPT = timedelta(days=3 * 365)


def read_firms() -> dict[str, Firm]:
    """Read the sixty enterprises by short name."""
    firms = (_firm(row) for row in csv.DictReader(io.StringIO(asset("enterprises.csv"))))
    return {firm.short: firm for firm in firms}


def _firm(row: dict[str, str]) -> Firm:
    places = (place.split(":") for place in row["places"].split("|") if place)
    return Firm(
        short=row["short"],
        name=row["name"],
        name_en=row["name_en"],
        industry=row["industry"],
        region=row["region"],
        product=row["product"],
        project=row["project"],
        wan=int(row["wan"]),
        land=int(row["land"]),
        places=tuple((key, int(before), int(after)) for key, before, after in places),
        profile=row["profile"],
    )


def add_enterprises(desk: Desk, now: datetime) -> None:
    """Register every enterprise with the name it is called by, and settle who looks after it."""
    keepers = {industry: cycle(names) for industry, names in KEEPERS.items()}
    actor = desk.actor(REGISTRAR)
    for firm in desk.firms.values():
        draft = EnterpriseDraft(
            firm.name, firm.name_en, industry=firm.industry, region=firm.region, profile=firm.profile
        )
        row = services.create_enterprise(desk.session, actor, draft, now=now)
        if all(alias.folded != fold(firm.short) for alias in row.aliases):
            aliases.add_alias(desk.session, actor, row.id, firm.short, AliasKind.SHORT, now=now)
        desk.enterprises[firm.short] = row
        desk.keepers[firm.short] = next(keepers[firm.industry])


def add_lists(desk: Desk) -> None:
    """Name the demonstration's own lists; their keys let the scoring table count them."""
    desk.session.add_all(TargetList(key=key, name=name, publisher="演示") for key, name in LISTS.items())
    desk.session.flush()


def import_edition(desk: Desk, index: int, year: int, now: datetime) -> None:
    """Take one edition of every list in (``index`` 0: the older one) through the importer."""
    for key in LISTS:
        rows = sorted(
            (place[index + 1], firm) for firm in desk.firms.values() for place in firm.places if place[0] == key
        )
        lines = [
            "排名,企业名称,行业,地区",
            *(f"{rank},{firm.name},{firm.industry},{firm.region}" for rank, firm in rows),
        ]
        table = read_table(read_sheet("\n".join(lines).encode()))
        import_list(desk.session, SYSTEM, table, ListTarget(key, year, SOURCE), now=now)


def add_contacts(desk: Desk, now: datetime) -> None:
    """Register one or two contacts of each enterprise, kept by the unit that looks after it."""
    names, phones = _names(), count(1)
    for number, firm in enumerate(desk.firms.values()):
        actor = desk.actor(desk.keepers[firm.short])
        for turn in range(2 if number < TWO_CONTACTS else 1):
            name = next(names)
            known, introducer, hometown = circle(number + turn)
            draft = ContactDraft(
                name=name,
                post=POSTS[(number + turn * 3) % len(POSTS)],
                phone=f"1000000{next(phones):04d}",
                email=f"{initials(name)}@{initials(firm.short)}.example",
                source="走访交换名片" if turn else "企业官网公开信息",
                known_through=known,
                introducer=introducer,
                hometown=hometown,
                notice_on=now.date() if turn else None,
                retain_until=now.date() + KEPT,
            )
            row = contacts.add_contact(desk.session, actor, desk.enterprises[firm.short].id, draft, now=now)
            desk.contacts.setdefault(firm.short, []).append(row)


def _names() -> Iterator[str]:
    """Give invented names without repetition."""
    for turn in range(len(GIVEN)):
        for place, surname in enumerate(SURNAMES):
            yield surname + GIVEN[(place + turn) % len(GIVEN)]
