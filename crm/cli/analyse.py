"""``flask --app wsgi analyse``: texts in, mentions and signals out, nothing kept."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, cast

import click
from flask import current_app
from flask.cli import with_appcontext

from crm.cli.jsonlines import Row, Tally, in_and_out, refuse, rows, told, write
from crm.core.scheduling import SHANGHAI, local_day
from crm.linking.folding import fold_article
from crm.linking.queries import alias_index
from crm.linking.reasons import words_of
from crm.signals.queries import enterprise_names
from crm.signals.rules import find_signals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crm.core.db import Database
    from crm.core.money import Amount
    from crm.linking.matcher import AliasIndex, Mention
    from crm.signals.rules import Signal

DAY = re.compile(r"\d{4}-\d\d-\d\d")


@click.command("analyse")
@in_and_out
@click.option("--all", "everything", is_flag=True, help='也写出需人工复核的名称和动态，带 "review": true')
@with_appcontext
def command(lines: IO[bytes], sink: IO[str], *, everything: bool) -> None:
    """Analyse texts: {"id", "text", "published_at"?} gives {"id", "mentions", "signals"}.

    Names come from the register. Written is what the product acts on by itself; a deal stated in several sums or
    currencies gives a line for each.
    """
    database = cast("Database", current_app.extensions["database"])
    with database.reading() as session:
        index = alias_index(session)
        names = enterprise_names(session, {int(number) for number in index.enterprise_ids})
    tally = Tally()
    with told(tally, "分析"):
        for row in rows(lines, tally, "text"):
            text = row["text"]
            if not isinstance(text, str):
                refuse(tally, tally.read, "text 不是文字")
                continue
            published = day_of(row.get("published_at"))
            write(sink, tally, {"id": row["id"], **findings(index, names, text, published, everything=everything)})


def day_of(value: object) -> date | None:
    """The day of publication in Shanghai; None for none or one that cannot be read."""
    text = str(value or "").strip()
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    zone = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
    return local_day(zone)


def findings(
    index: AliasIndex, names: Mapping[Any, str], text: str, published: date | None = None, *, everything: bool = False
) -> Row:
    """What a text says, in the form of the command."""
    folded = fold_article(text)
    mentions = index.find(text, folded)
    sure = [mention for mention in mentions if mention.sure]
    signals = find_signals(text, sure, published=published, folded=folded)
    return {
        "mentions": [_mention(names, mention) for mention in mentions if everything or mention.sure],
        "signals": list(_lines(names, [signal for signal in signals if everything or signal.sure])),
    }


def _mention(names: Mapping[Any, str], mention: Mention) -> Row:
    row: Row = {
        "start": mention.start,
        "end": mention.end,
        "surface": mention.surface,
        "enterprise": names.get(mention.enterprise_id, mention.enterprise_id),
        "confidence": round(mention.confidence, 3),
        "reasons": words_of(mention.reasons),
    }
    return row if mention.sure else {**row, "review": True}


def _lines(names: Mapping[Any, str], signals: Iterable[Signal]) -> Iterator[Row]:
    """One line for each kind, enterprise and sum; a line without a sum only where there is none with one."""
    ordered = sorted(signals, key=lambda one: (not one.sure, -bool(one.deals), -one.confidence, one.start))
    seen: set[tuple[object, ...]] = set()
    for signal in ordered:
        for amount in _forms(signal):
            who = (signal.kind, signal.enterprise_id)
            what = (*who, amount.value, amount.currency) if amount else who
            if what in seen:
                continue
            seen |= {who, what}
            yield _line(names, signal, amount)


def _forms(signal: Signal) -> list[Amount | None]:
    return [amount for deal in signal.deals for amount in (deal.amount, *deal.also)] or [None]


def _line(names: Mapping[Any, str], signal: Signal, amount: Amount | None) -> Row:
    who = signal.enterprise_id
    row: Row = {
        "kind": signal.kind.value,
        "enterprise": None if who is None else names.get(who, who),
        "quote": signal.quote,
        "start": signal.start,
        "end": signal.end,
        "confidence": signal.confidence,
        "reasons": list(signal.reasons),
        "amount": _amount(amount) if amount else None,
        "place": signal.place,
        "date": signal.event_date.isoformat() if signal.event_date else None,
        "industry": signal.industry,
    }
    return row if signal.sure else {**row, "review": True}


def _amount(amount: Amount) -> Row:
    wan = amount.cny_wan
    return {"value": float(amount.value), "currency": amount.currency, "cny_wan": None if wan is None else float(wan)}
