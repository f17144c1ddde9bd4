"""Pages of measures: what is counted and how, rates as pairs, structure, reported beside recognised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for

from crm.assessment import capital_differences, cycles, differences, mix, queries
from crm.assessment import ledger as ledger_book
from crm.assessment.facts import READ, Window
from crm.assessment.links import rows_href
from crm.assessment.measures import CHOOSABLE, MEASURES
from crm.assessment.paces import PACES
from crm.assessment.rates import RATES
from crm.assessment.ratios import Ratio
from crm.assessment.window import Lens, RowKind
from crm.assessment.words import band_words, reason_words
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.auth.units import names_on
from crm.auth.workbooks import hand_out
from crm.core import ranks
from crm.core.memo import remembered
from crm.pipeline.rules import CAPITAL_LABELS
from crm.web import db, timing
from crm.web.access import requires
from crm.web.i18n import tr
from crm.web.inputs import day_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask.typing import ResponseReturnValue

    from crm.assessment.window import Measure

bp = Blueprint("measures", __name__, url_prefix="/measures")
P = Permission
SLOWEST = 100
LARGE = ("leads", "visits", "visit_batches")  # how many rows an office has, roughly
Sums = dict[str, dict[int, Decimal]]
MIXED = tuple(
    one for one in CHOOSABLE if one.kind in {RowKind.PROJECT, RowKind.ENTRY, RowKind.AGREEMENT, RowKind.CAPITAL}
)


def _window(units: frozenset[int] | None = None) -> Window:
    """Read ?from and ?to; this year where they say nothing usable."""
    today = timing.today()
    start = day_or_none(request.args.get("from", "")) or date(today.year, 1, 1)
    end = day_or_none(request.args.get("to", "")) or today
    return Window(min(start, end), max(start, end), timing.now(), units)


def _scope(permission: Permission = P.REPORT_READ) -> frozenset[int] | None:
    return current_actor().scope(permission)


def _href(measure: Measure, window: Window, unit_id: int | None = None) -> str:
    """Link to the rows where the person may see all that the figure counts."""
    scope = current_actor().scope(READ[measure.kind])
    wanted = window.units if unit_id is None else frozenset({unit_id})
    inside = scope is None or (wanted is not None and wanted <= scope)
    return rows_href(measure.key, window, unit_id) if inside else ""


def _sums(measures: Sequence[Measure], window: Window) -> Sums:
    return queries.figures(db.session(), measures, window)


def _kept(name: str, window: Window, count: Callable[[Window], Sums]) -> tuple[Window, Sums]:
    """Count as of now; a large office counts once for all who see the same, with the cut-off of then."""

    def make() -> tuple[Window, Sums]:
        return window, count(window)

    def rows(found: tuple[Window, Sums]) -> int:
        return int(sum(sum(found[1].get(key, {}).values()) for key in LARGE))

    key = (name, window.start, window.end, window.units)
    return remembered(db.session(), key, make, rows=rows, now=timing.now())


@bp.get("")
@requires(P.REPORT_READ)
def index() -> ResponseReturnValue:
    """List every measure with its counting basis and its figure."""
    window, sums = _kept("measures", _window(_scope()), partial(_sums, CHOOSABLE))
    totals = {key: sum(found.values(), Decimal(0)) for key, found in sums.items()}
    return render_template(
        "assessment/measures.html",
        measures=CHOOSABLE,
        totals=totals,
        window=window,
        href=_href,
        rates=RATES.values(),
        paces=PACES.values(),
    )


@bp.get("/rates")
@requires(P.REPORT_READ)
def rates() -> ResponseReturnValue:
    """Show every rate as the pair it is made of, and one of them by unit."""
    session, asked = db.session(), request.args.get("rate", "")
    chosen = RATES[asked] if asked in RATES else next(iter(RATES.values()))
    parts = {one.key: one for rate in RATES.values() for one in (rate.done, rate.of)}
    window, sums = _kept("rates", _window(_scope()), partial(_sums, tuple(parts.values())))
    found = {rate.key: queries.paired(rate, sums) for rate in RATES.values()}
    whole = {
        key: Ratio(*(sum((getattr(one, side) for one in parts.values()), Decimal(0)) for side in ("done", "of")))
        for key, parts in found.items()
    }
    units = found[chosen.key]
    return render_template(
        "assessment/rates.html",
        rates=RATES.values(),
        whole=whole,
        chosen=chosen,
        units=units,
        names=names_on(session, window.end, sorted(units)),
        window=window,
        href=_href,
    )


@bp.get("/mix")
@requires(P.REPORT_READ)
def structure() -> ResponseReturnValue:
    """Take a figure of projects apart by sector, size and capital."""
    asked = request.args.get("measure", "signings")
    measure = MEASURES[asked] if asked in {one.key for one in MIXED} else MEASURES["signings"]
    window = _window(_scope(READ[measure.kind]))
    found = mix.mix(db.session(), measure, window)
    bands = [
        (_band(key), value, "" if key is None else _href(measure, replace(window, lens=Lens(low=key[0], high=key[1]))))
        for key, value in found.bands.items()
    ]
    capitals = [
        (tr(label), found.capitals[key.value], _href(measure, replace(window, lens=Lens(capital=key.value))))
        for key, label in CAPITAL_LABELS.items()
        if key.value in found.capitals
    ]
    sectors = [
        (
            tr(mix.SECTORS.get(letters, mix.UNKNOWN)),
            value,
            _href(measure, replace(window, lens=Lens(sector=letters))) if letters else "",
        )
        for letters, value in found.sectors.items()
    ]
    return render_template(
        "assessment/mix.html",
        measures=MIXED,
        measure=measure,
        total=found.total,
        tables=[("按产业", sectors), ("按投资规模", bands), ("按资本性质", capitals)],
        window=window,
        href=_href,
    )


@bp.get("/cycles")
@requires(P.REPORT_READ)
def cycle_times() -> ResponseReturnValue:
    """Show how long projects take from step to step, and the slowest of one way."""
    session, window = db.session(), _window(_scope(P.PROJECT_READ))
    asked = request.args.get("cycle", "signed-started")
    found = {cycle: cycles.walks(session, cycle, window) for cycle in cycles.CYCLES}
    chosen = next((cycle for cycle in found if cycle.key == asked), cycles.CYCLES[3])
    lines = []
    for cycle, walked in found.items():
        days = [one.days for one in walked]
        middle, most = (ranks.percentile(days, share) for share in (ranks.HALF, ranks.NINE_TENTHS))
        lines.append((cycle, len(days), middle, most, max(days, default=None)))
    return render_template(
        "assessment/cycles.html",
        lines=lines,
        chosen=chosen,
        walks=found[chosen][:SLOWEST],
        more=max(len(found[chosen]) - SLOWEST, 0),
        window=window,
        privy=current_actor().may(P.PROJECT_READ),
    )


@bp.get("/ledger")
@requires(P.REPORT_READ)
def ledger() -> ResponseReturnValue:
    """Show reported beside recognised by unit, and every contract that differs with its reason."""
    session, window = db.session(), _window(_scope(P.PROJECT_READ))
    lines = mix.ledger(session, window)
    page, total = mix.differences(session, window, request.args.get("after"))
    parts, money = differences.by_unit(session, window), capital_differences.by_unit(session, window)
    rules = differences.rules_of(session, [row.id for row in page.rows], window)
    names = names_on(session, window.end, [line.unit_id for line in lines if line.unit_id is not None])
    asked = {key: value for key, value in request.args.items() if key != "after"}
    return render_template(
        "assessment/ledger.html",
        lines=[(line, parts.get(line.unit_id or 0, []), money.get(line.unit_id or 0, [])) for line in lines[:-1]]
        + [(line, differences.whole(parts.values()), differences.whole(money.values())) for line in lines[-1:]],
        words=reason_words,
        why={row.id: differences.why(row, rules.get(row.id), window) for row in page.rows},
        names={**names_on(session, window.end, [row.unit_id for row in page.rows]), **names},
        page=page,
        total=total,
        window=window,
        href=_href,
        measures=MEASURES,
        next=_page(asked, page.next),
        previous=_page(asked, page.previous),
        export=_export(window) if current_actor().may(P.REGISTER_EXPORT) else "",
    )


@bp.get("/ledger.xlsx")
@requires(P.REGISTER_EXPORT)
def ledger_export() -> ResponseReturnValue:
    """Give the ledger as a workbook; who took it is on record."""
    window = _window(_scope(P.PROJECT_READ))
    period = {"from": window.start.isoformat(), "to": window.end.isoformat()}
    return hand_out(ledger_book.sheaf(db.session(), window), "insight.export", "insight", view="ledger", **period)


def _export(window: Window) -> str:
    period = {"from": window.start.isoformat(), "to": window.end.isoformat()}
    return f"{url_for('measures.ledger_export')}?{urlencode(period)}"


def _page(asked: dict[str, Any], cursor: str | None) -> str | None:
    return f"{request.path}?{urlencode({**asked, 'after': cursor})}" if cursor else None


def _band(key: tuple[Decimal | None, Decimal | None] | None) -> str:
    return tr("未填投资额") if key is None else band_words(*key)
