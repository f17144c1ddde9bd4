"""What is late, in the words of letters, which are Chinese documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.core.money import digits
from crm.delivery.letters.papers import Late, money
from crm.pipeline.deals.duties import DUTY_LABELS, UNITS, Duty
from crm.pipeline.deals.rules import CURRENCY_LABELS, HOME
from crm.word.wording import date_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from crm.delivery.obligations.queries import Ledger, Line
    from crm.pipeline.models import Agreement

MOST = 40
SHORT = 40


def contract(rows: Sequence[Agreement]) -> str:
    """Name the contracts of a project: number and day of each."""
    return "、".join(f"{row.number or '合同'}，{date_text(row.signed_on)}" for row in rows[:3])


def late_deposits(known: Ledger, today: date) -> tuple[Late, ...]:
    """Instalments of the deposit that are late."""
    return tuple(
        Late("履约保证金", one.row.due_on, money(one.row.amount), "未缴", (today - one.row.due_on).days)
        for one in known.late_deposits[:MOST]
    )


def late_capital(known: Ledger, today: date) -> tuple[Late, ...]:
    """Instalments of capital that are late, foreign ones with the rate they were agreed at."""
    return tuple(one for line in known.late if line.kind is Duty.CAPITAL for one in _late(line, today))[:MOST]


def late_duties(known: Ledger, today: date) -> tuple[Late, ...]:
    """Everything the firm is late with but deposits."""
    return tuple(one for line in known.late for one in _late(line, today))[:MOST]


def _late(line: Line, today: date) -> list[Late]:
    due = line.row.due_on
    if due is None:
        return []
    what = DUTY_LABELS[line.kind] if line.term else line.row.body[:SHORT]
    return [Late(what, due, promised(line), done(line), max(0, (today - due).days))]


def promised(line: Line) -> str:
    """What was promised, with its unit; a foreign sum with its rate of the day."""
    term = line.term
    if term is None or term.amount is None:
        return line.row.body[:SHORT]
    if term.currency == HOME or term.original_amount is None or term.rate is None:
        return f"{digits(term.amount)}{UNITS[term.kind]}"
    day = date_text(term.rate_on) if term.rate_on else ""
    rate = f"按{day}{term.rate_source}{digits(term.rate)}"
    return money(term.original_amount, CURRENCY_LABELS[term.currency], term.amount, rate)


def done(line: Line) -> str:
    """How much of it is done."""
    if line.done is None or line.term is None:
        return "未履行"
    foreign = line.term.currency != HOME
    unit = f"万{CURRENCY_LABELS[line.term.currency]}" if foreign else UNITS.get(line.term.kind, "")
    return f"{digits(line.done)}{unit}" if line.done else "未履行"
