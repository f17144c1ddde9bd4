"""Words of the inbox: kinds, sums, why a signal stands where it does, why this company, why this kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from crm.inbox.listing import kind_label
from crm.inbox.review_words import spoken_reasons
from crm.news.models import Relation
from crm.signals import relevance
from crm.signals.dismissal import WHY_LABELS, Why
from crm.web.filters import money_words
from crm.web.i18n import locale, tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.signals.models import Signal

KIND_TONES = {
    "CAPX": "green",
    "RELO": "blue",
    "SUPP": "amber",
    "LAND": "green",
    "COOP": "blue",
    "ORDR": "green",
    "EXEC": "grey",
    "NEG": "grey",
}
KIND_ICONS = {
    "CAPX": "trending-up",
    "RELO": "truck",
    "SUPP": "plug-connected",
    "LAND": "map-pin",
    "COOP": "users",
    "ORDR": "file-text",
    "EXEC": "user",
    "NEG": "alert-triangle",
}
CURRENCIES = {
    "USD": "美元",
    "EUR": "欧元",
    "HKD": "港元",
    "JPY": "日元",
    "GBP": "英镑",
    "KRW": "韩元",
    "TWD": "新台币",
    "SGD": "新加坡元",
}
HOW = {
    "named_in_sentence": "这句话直接点名",
    "subject_of_title": "标题说的是它",
    "named_before": "上文刚提到它",
    "named_by_person": "类型由人工改正",
    "moved_by_answer": "企业由人工改正",
    "wrong_company": "后来发现企业认错了",
}
HUNDRED_MILLION, TEN_THOUSAND, MILLION = 10**8, 10**4, 10**6


def sum_words(row: Signal) -> str:
    """Write the sum of a deal in its own currency; blank for none."""
    if row.amount_value is not None and row.amount_currency and row.amount_currency != "CNY":
        return _foreign(row.amount_value, row.amount_currency)
    return money_words(row.amount) if row.amount else ""


def worth_words(parts: Iterable[relevance.Reason]) -> list[tuple[str, int]]:
    """Put the parts of the order into words."""
    return [(tr(relevance.LABELS[part.key]), part.points) for part in parts]


def why_words(code: str | None) -> str:
    """Say why a signal was put aside; blank without a reason."""
    return tr(WHY_LABELS[Why(code)]) if code in set(Why) else ""


def kind_reasons(keys: Iterable[str]) -> list[tuple[str, str]]:
    """Say how a kind was read, known ways in words, rules by their key; with the rule to look at, if it is one."""
    return [(tr(HOW[key]), "") if key in HOW else (tr("规则 %(key)s", key=key), key) for key in keys]


def helpers() -> dict[str, object]:
    """What templates of signals use."""
    return {
        "signal_label": kind_label,
        "signal_tones": KIND_TONES,
        "signal_icons": KIND_ICONS,
        "sum_words": sum_words,
        "worth_words": worth_words,
        "why_words": why_words,
        "kind_reasons": kind_reasons,
        "link_reasons": spoken_reasons,
        "new_facts": lambda article: article.relation is Relation.UPDATE or bool(article.fresh),
        "signal_url": lambda row: url_for("inbox.signal", signal_id=row.id),
    }


def _foreign(value: int, currency: str) -> str:
    if locale() == "en":
        return f"{currency} {_round(value / MILLION)} m"
    name = CURRENCIES.get(currency, currency)
    if value >= HUNDRED_MILLION:
        return f"{_round(value / HUNDRED_MILLION)}亿{name}"
    return f"{_round(value / TEN_THOUSAND)}万{name}"


def _round(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
