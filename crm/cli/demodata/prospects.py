"""Enterprises of the demonstration whom nobody works on yet: what the list of the week is made of.

They are added when the diary has been played, each scored at a few moments of the last weeks.
"""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from hashlib import sha256
from itertools import cycle
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.desk import asset
from crm.cli.demodata.office import KEEPERS, REGISTRAR
from crm.core.text import initials
from crm.enterprises import contacts, relations, services
from crm.enterprises.models import ListEdition, ListEntry, TargetList
from crm.enterprises.relations import RelationDraft
from crm.enterprises.rules import ContactDraft, EnterpriseDraft
from crm.fieldwork import services as fieldwork
from crm.fieldwork.rules import Intention, TouchDraft, TouchKind, TouchTarget
from crm.news import similar
from crm.news.models import Article, ArticleCluster, Source
from crm.scores import services as weekly
from crm.scores.weekly import desk as work_desk
from crm.scoring.services import rescore_many
from crm.signals import services as signals

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk
    from crm.enterprises.models import Enterprise

ADDED, SCORED = 260, (45, 31, 17, 10)
FIRST_RANK, STEP = 402, 3
POSTS = ("投资总监", "总经理", "副总经理", "战略发展部部长")
NAMES = [
    "程若水",
    "季明川",
    "温可均",
    "阮星河",
    "裴知予",
    "霍清言",
    "褚云岫",
    "祁思齐",
    "闻人雪",
    "晏如初",
    "岑书瑶",
    "尹归舟",
    "骆听澜",
    "蒲望野",
    "戚远山",
]
STORY = "{name}近日披露，公司拟投资{sum}亿元新建{product}生产基地，正在中部地区比选候选地，计划明年上半年开工。"
TALK = "介绍园区配套和电价，对方说明年要扩一条线，问了用工和物流。"
TURNS, KNOWN, SUPPLIED = 6, frozenset({0, 1, 2}), 4
VISITED = {2: (96, Intention.INTERESTED), 5: (205, Intention.WATCHING)}
PUT_OFF = "等我方答复（政策、土地、价格）；土地价格下周上会"


def add_prospects(desk: Desk, now: datetime) -> None:
    """Register them, know somebody at some, meet a few, read of others, score them as the nights went by."""
    rows = list(csv.DictReader(io.StringIO(asset("prospects.csv"))))
    keepers = {industry: cycle(names) for industry, names in KEEPERS.items()}
    names, edition = iter(NAMES), _edition(desk)
    firms = [_register(desk, row, number, edition) for number, row in enumerate(rows)]
    partners = list(desk.enterprises.values())
    for number, (firm, row) in enumerate(zip(firms, rows, strict=True)):
        keeper, turn = next(keepers[row["industry"]]), number % TURNS
        if turn in KNOWN:
            _contact(desk, firm, keeper, next(names), number)
        if turn in VISITED:
            _visit(desk, firm, keeper, number, *VISITED[turn])
        if turn == SUPPLIED:
            draft = RelationDraft(partners[number].id, "customer")
            relations.add_relation(desk.session, desk.actor(REGISTRAR), firm.id, draft, now=desk.at(ADDED - 30, 11))
    desk.session.flush()
    _news(desk, [(firm, row["product"]) for firm, row in zip(firms, rows, strict=True)][::TURNS], now)
    for days in SCORED:
        rescore_many(desk.session, [firm.id for firm in firms], now=desk.at(days, 2, 30), cause="nightly")
    desk.enterprises |= {row["short"]: firm for firm, row in zip(firms, rows, strict=True)}


def _edition(desk: Desk) -> int | None:
    """Find the newest edition of the list on which some of them stand."""
    editions = select(ListEdition.id).join(TargetList).where(TargetList.key == "private_500")
    return desk.session.scalars(editions.order_by(ListEdition.year.desc())).first()


def _register(desk: Desk, row: dict[str, str], number: int, edition: int | None) -> Enterprise:
    about = f"主营{row['product']}。"
    draft = EnterpriseDraft(row["name"], industry=row["industry"], region=row["region"], profile=about)
    firm = services.create_enterprise(desk.session, desk.actor(REGISTRAR), draft, now=desk.at(ADDED, 10))
    if edition is not None and number % 2:
        place = ListEntry(edition_id=edition, enterprise_id=firm.id, rank=FIRST_RANK + STEP * number)
        place.printed_name = firm.name
        desk.session.add(place)
    return firm


def put_one_off(desk: Desk, now: datetime) -> None:
    """Put one enterprise of the list off, once everything is scored."""
    actor = desk.actor("linshuyue")
    place = work_desk(desk.session, actor, None, now=now, today=desk.today)
    weekly.defer(desk.session, place, desk.enterprises["汀兰电路"].id, PUT_OFF, 1)


def _contact(desk: Desk, firm: Enterprise, keeper: str, name: str, number: int) -> None:
    draft = ContactDraft(
        name=name, post=POSTS[number % len(POSTS)], phone=f"1000009{number:04d}",
        email=f"{initials(name)}@prospect{number}.example", source="企业官网公开信息",
    )  # fmt: skip
    contacts.add_contact(desk.session, desk.actor(keeper), firm.id, draft, now=desk.at(ADDED - 20, 15))


def _visit(desk: Desk, firm: Enterprise, keeper: str, number: int, days: int, intention: Intention) -> None:
    at = desk.at(days, 14)
    draft = TouchDraft(kind=TouchKind.NEGOTIATION, occurred_at=at, summary=TALK, intention=intention)
    target = TouchTarget(firm.id, client_id=f"demo-prospect-{number}")
    fieldwork.log_touch(desk.session, desk.actor(keeper), draft, target, now=at + timedelta(hours=5), today=at.date())


def _news(desk: Desk, told: list[tuple[Enterprise, str]], now: datetime) -> None:
    """Publish a story on each of these, and have them read."""
    source = desk.session.scalars(select(Source).order_by(Source.id.desc())).first()
    if source is None:
        return
    pages = []
    for number, (firm, product) in enumerate(told):
        at = min(desk.at(4 + 3 * number, 9, 30), now)
        cluster = ArticleCluster(created_at=at)
        desk.session.add(cluster)
        desk.session.flush()
        page = _page(firm.name, product, number, at)
        page.source_id, page.cluster_id = source.id, cluster.id
        desk.session.add(page)
        pages.append(page)
    desk.session.flush()
    signals.analyse(desk.session, [page.id for page in pages], now=now)


def _page(name: str, product: str, number: int, at: datetime) -> Article:
    url = f"https://press.example/prospect-{number}.html"
    body = STORY.format(name=name, sum=5 + 2 * number, product=product)
    return Article(
        url=url, url_hash=sha256(url.encode()).hexdigest(), title=f"{name}拟新建{product}基地", body=body,
        publisher="演示产业日报", published_at=at, fetched_at=at, recorded_at=at, encoding="utf-8",
        page_sha256=sha256(body.encode()).hexdigest(), text_hash=similar.exact_hash(body), problems={},
    )  # fmt: skip
