"""Writes of mentions and signals; what people decide about a signal stands in ``deciding``."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from crm.core.db import insert_ignore
from crm.core.scheduling import local_day
from crm.linking import proposals
from crm.linking.answers_applied import Judged, Taught, taught
from crm.linking.models import Mention
from crm.linking.queries import alias_index
from crm.news.models import Article, CrawlRun
from crm.signals import office_rules
from crm.signals.deciding import have_scored
from crm.signals.homes import Home, homes
from crm.signals.models import Signal, SignalState
from crm.signals.rules import Signal as Found
from crm.signals.rules import every, reduced, with_facts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from crm.linking.matcher import AliasIndex
    from crm.signals.ruletable import RuleTable

FEN = Decimal("0.000001")
LARGEST_WAN = Decimal(10**10)
LARGEST_SUM = Decimal(10**17)


def analyse(session: Session, article_ids: Sequence[int], *, now: datetime) -> dict[str, int]:
    """Find mentions and signals in articles and have the enterprises scored anew; safe to repeat.

    Returns counts: mentions, signals (new ones), enterprises (to be scored).
    """
    index = alias_index(session)
    articles = session.scalars(select(Article).where(Article.id.in_(article_ids)).order_by(Article.id)).all()
    known, rules = taught(session, articles), office_rules.table(session)
    mentions = signals = 0
    touched: set[int] = set()
    unknown = []
    for article in articles:
        groups, named = _read(index, known, rules, article)
        mentions += _keep_mentions(session, article, named)
        unknown.append((article, proposals.find(article, named)))
        for home in homes(session, article, groups, now=now):
            new, moved = _keep_signal(session, article, home, now)
            signals += new
            touched |= {int(home.found.enterprise_id or 0)} if moved else set()
        article.analysed_at = now
    proposals.note(session, unknown, now=now)
    for enterprise_id in sorted(touched):
        have_scored(session, enterprise_id, now)
    return {"mentions": mentions, "signals": signals, "enterprises": len(touched)}


def _read(
    index: AliasIndex, known: Taught, rules: RuleTable, article: Article
) -> tuple[list[list[Found]], list[tuple[bool, Judged]]]:
    """Read signals from the mentions that count; what waits for a person or was refused is only kept.

    Signals stand in groups of one enterprise and kind, the best one first.
    """
    title = known.judge(article, index.find(article.title), in_title=True)
    body = known.judge(article, index.find(article.body), in_title=False)
    counting = ([one.speaking for one in part if one.counts] for part in (title, body))
    strongest: dict[tuple[str, int | str | None], Found] = {}
    published = local_day(article.published_at or article.fetched_at)
    found = every(article.title, article.body, *counting, published=published, rules=rules)
    for signal in reduced(found):
        key = (signal.kind.value, signal.enterprise_id)
        known_one = strongest.get(key)
        if signal.sure and (known_one is None or _better(signal, known_one)):
            strongest[key] = with_facts_of(signal, known_one)
        elif known_one is not None:
            strongest[key] = with_facts_of(known_one, signal)
    groups = [
        [best, *(one for one in found if one.sure and (one.kind.value, one.enterprise_id) == key)]
        for key, best in strongest.items()
    ]
    return groups, [(True, one) for one in title] + [(False, one) for one in body]


def _better(new: Found, known: Found) -> bool:
    """Prefer the stronger evidence; between equals the sentence of the body, which says more than a headline."""
    return (new.weight, new.part == "body") > (known.weight, known.part == "body")


def _keep_mentions(session: Session, article: Article, named: Sequence[tuple[bool, Judged]]) -> int:
    session.execute(delete(Mention).where(Mention.article_id == article.id))
    rows = [
        {
            "article_id": article.id,
            "enterprise_id": judged.mention.enterprise_id,
            "surface": judged.mention.surface[:200],
            "in_title": in_title,
            "start": judged.mention.start,
            "stop": judged.mention.end,
            "confidence": judged.mention.confidence,
            "reasons": list(judged.mention.reasons),
            "state": judged.state,
        }
        for in_title, judged in named
    ]
    if rows:
        session.execute(insert(Mention), rows)
    return len(rows)


def _keep_signal(session: Session, article: Article, home: Home, now: datetime) -> tuple[bool, bool]:
    """Keep a signal once per story, enterprise and kind; tell whether it is new, and whether anything changed.

    A stronger sentence replaces a weaker one until somebody has decided.
    """
    found, happened = home.found, min(article.published_at or article.fetched_at, now)
    evidence = {
        "article_id": article.id, "quote": found.quote, "weight": found.weight, "reasons": list(found.reasons),
        "confidence": found.confidence, **_facts(found),
    }  # fmt: skip
    key = {"cluster_id": home.cluster_id, "enterprise_id": found.enterprise_id, "kind": found.kind.value}
    fixed = {"happened_at": happened, "recorded_at": now, "state": SignalState.NEW}
    if insert_ignore(session, Signal, [{**key, **evidence, **fixed}], ["cluster_id", "enterprise_id", "kind"]):
        _count(session, article)
        return True, True
    row = session.scalars(select(Signal).filter_by(**key)).one()
    corrected = row.article_id == article.id and row.quote not in f"{article.title}\n{article.body}"
    if row.state is not SignalState.NEW or (row.weight >= found.weight and not corrected):
        return False, False
    for name, value in evidence.items():
        setattr(row, name, value)
    row.happened_at = min(row.happened_at, happened)
    session.flush()
    return False, True


def _facts(found: Found) -> dict[str, object]:
    amount = found.amount
    kept = amount if amount is not None and 1 <= amount.value <= LARGEST_SUM else None
    return {
        "amount": _storable(found.amount_wan) if kept else None,
        "amount_value": int(kept.value) if kept else None,
        "amount_currency": kept.currency if kept else None,
        "place": found.place,
        "event_date": found.event_date,
        "industry": found.industry,
    }


def _storable(amount: Decimal | None) -> Decimal | None:
    """Round to one fen; a sum no deal could have is a misread number."""
    return None if amount is None or abs(amount) > LARGEST_WAN else amount.quantize(FEN)


def _count(session: Session, article: Article) -> None:
    statement = update(CrawlRun).where(CrawlRun.id == article.run_id).values(signals=CrawlRun.signals + 1)
    session.execute(statement, execution_options={"synchronize_session": False})
