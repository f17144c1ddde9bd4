"""Clippings that were taken in by hand: names nobody has on record, names in doubt, and what people said of some.

The texts are written for this purpose; the enterprises are invented.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.cli.demodata.office import REGISTRAR
from crm.core.scheduling import SHANGHAI
from crm.enterprises import aliases
from crm.enterprises.rules import AliasKind
from crm.linking.answers_models import Verdict
from crm.linking.models import Mention, MentionState
from crm.news import similar
from crm.news.models import Article, ArticleCluster, Source, SourceKind
from crm.signals import answers, office_rules, services
from crm.signals.kinds import SignalKind

if TYPE_CHECKING:
    from crm.cli.demodata.desk import Desk

SITE = "https://press.example/"
DOUBTFUL = {"熔岭": "熔岭铝业", "映川": "映川微电"}
DOUBT = 0.42
RULE = office_rules.Draft(
    kind=SignalKind.RELO.value,
    weight=0.7,
    pattern="选址小组|比选.{0,8}园区|候选地",
    not_pattern="门店|商铺",
    yes=("公司派出选址小组赴中部三县考察。", "候选地集中在中西部四个省份。"),
    no=("门店选址小组成立。",),
    note="企业派人看地，往往先于公告两三个月。",
)


def add_press(desk: Desk, now: datetime) -> None:
    """Take the clippings in, have them read, and teach a little."""
    source = Source(
        name="剪报（演示，人工导入）", kind=SourceKind.RSS, url=SITE, options={}, enabled=False, created_at=now
    )
    desk.session.add(source)
    desk.session.flush()
    for surface, short in DOUBTFUL.items():
        aliases.add_alias(
            desk.session, desk.actor(REGISTRAR), desk.enterprises[short].id, surface, AliasKind.SHORT, now=now
        )
    office_rules.save(desk.session, desk.actor(REGISTRAR), None, RULE, now=now)
    blocks = (files("crm.cli.demodata") / "clippings.txt").read_text(encoding="utf-8").split("== ")[1:]
    pages = [_page(desk, source, number, block, now) for number, block in enumerate(blocks)]
    services.analyse(desk.session, [page.id for page in pages], now=now)
    for surface, short in DOUBTFUL.items():
        _doubt(desk, pages, surface, desk.enterprises[short].id)
    _teach(desk, now)


def _page(desk: Desk, source: Source, number: int, block: str, now: datetime) -> Article:
    title, head, *paragraphs = block.strip().split("\n")
    fields = dict(part.split("=", 1) for part in head.split())
    day = desk.today + timedelta(days=int(fields["day"]))
    at = min(datetime.combine(day, time.fromisoformat(fields["time"]), tzinfo=SHANGHAI), now)
    body, url = "\n".join(paragraphs), f"{SITE}{number}.html"
    cluster = ArticleCluster(created_at=at)
    desk.session.add(cluster)
    desk.session.flush()
    row = Article(
        source_id=source.id, cluster_id=cluster.id, url=url, url_hash=sha256(url.encode()).hexdigest(), title=title,
        body=body, publisher=fields["source"], published_at=at, fetched_at=at, recorded_at=at, encoding="utf-8",
        page_sha256=sha256(body.encode()).hexdigest(), text_hash=similar.exact_hash(body), problems={},
    )  # fmt: skip
    desk.session.add(row)
    desk.session.flush()
    return row


def _doubt(desk: Desk, pages: list[Article], surface: str, enterprise_id: int) -> None:
    """Leave the places of a short name to people, as the finder of names does with names like these."""
    for page in pages:
        start = page.body.find(surface)
        if start < 0:
            continue
        here = (Mention.article_id == page.id, Mention.start == start, Mention.in_title.is_(False))
        row = desk.session.scalar(select(Mention).where(*here)) or Mention(article_id=page.id, start=start)
        row.enterprise_id, row.surface, row.stop = enterprise_id, surface, start + len(surface)
        row.state, row.confidence, row.reasons = MentionState.REVIEW, DOUBT, ["name_short", "sentence_start"]
        desk.session.add(row)
    desk.session.flush()


def _teach(desk: Desk, now: datetime) -> None:
    """Give one answer, and one rule for a name."""
    waiting = select(Mention.id).where(Mention.state == MentionState.REVIEW, Mention.surface == "熔岭")
    first = desk.session.scalars(waiting.order_by(Mention.id).limit(1)).one()
    answers.answer(desk.session, desk.actor(REGISTRAR), first, right=True, now=now)
    firm = desk.enterprises["云岭电子"].id
    answers.decree(desk.session, desk.actor(REGISTRAR), firm, "云岭", Verdict.NEVER, now=now)
