"""Pages of papers: choose a paper and a period, read it, take it along as Word or Excel."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, send_file, url_for

from crm.assessment.board import item_href
from crm.assessment.items import STANDARD
from crm.auth.identity import current_actor
from crm.auth.rules import Permission
from crm.core.errors import ForbiddenError, NotFoundError, Problem
from crm.papers import files, linking, pages, rules, writing
from crm.papers.figures import year_window
from crm.papers.gathering import gather
from crm.papers.issues import queries as issues
from crm.papers.printing import print_now
from crm.pipeline.cards import Clock
from crm.web import db, timing
from crm.web.access import requires

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

    from crm.papers.facts import Facts
    from crm.papers.rules import PaperKind, Period
    from crm.papers.writing import Paper

bp = Blueprint("papers", __name__, url_prefix="/papers")
READ = Permission.REPORT_READ
NOT_OUT = Problem("paper.live", "这份材料还没有印发。未印发的材料只有能看全局报表的人可以打开，印发后您会收到通知。")
NO_PAPER = Problem("paper.missing", "没有这种材料，或者这个时段还没有开始。")
SHOWN_PERIODS = {"half_month": 6, "month": 6, "quarter": 4, "year": 2, "day": 1}
BEFORE_DAYS, AFTER_DAYS = 31, 45
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Made:
    """A paper as made for the person who asks, with its facts."""

    facts: Facts
    paper: Paper

    @property
    def name(self) -> str:
        """Name of its files, without the ending."""
        return f"{self.facts.kind.label}（{self.facts.period.label}）"


def _asked(key: str, period_key: str) -> tuple[PaperKind, Period]:
    kind = rules.PAPERS.get(key)
    period = rules.read_period(kind.period, period_key, timing.today()) if kind else None
    if kind is None or period is None:
        raise NotFoundError(NO_PAPER)
    return kind, period


def _make(key: str, period_key: str) -> Made:
    kind, period = _asked(key, period_key)
    if not issues.reads_live(current_actor()):
        raise ForbiddenError(NOT_OUT)
    clock = Clock(timing.now(), timing.today(), timing.zone())
    facts = gather(db.session(), current_actor(), kind, period, clock)
    return Made(facts, writing.write(facts))


def _named(key: str, period_key: str) -> tuple[str, Period]:
    kind, period = _asked(key, period_key)
    return kind.key, period


@bp.get("")
@requires(READ)
def index() -> ResponseReturnValue:
    """List papers with their latest periods, and the calendar of what is due."""
    today = timing.today()
    calendar = rules.calendar_of(today, BEFORE_DAYS, AFTER_DAYS)
    return render_template(
        "papers/index.html",
        papers=[(one, rules.recent(one.period, today, SHOWN_PERIODS[one.period])) for one in rules.PAPERS.values()],
        calendar=calendar,
        out=issues.out(db.session(), {one.period.start for one in calendar}),
        today=today,
        may_build=current_actor().may(Permission.REPORT_BUILD),
        live=issues.reads_live(current_actor()),
    )


@bp.get("/<key>/<period_key>")
@requires(READ)
def show(key: str, period_key: str) -> ResponseReturnValue:
    """Show a paper as a page; who reads only what is out is led to the issue of the period."""
    issue = issues.living(db.session(), *_named(key, period_key))
    if issue is not None and issue.issued_at is not None and not issues.reads_live(current_actor()):
        return redirect(url_for("issues.show", issue_id=issue.id))
    made = _make(key, period_key)
    kind, today = made.facts.kind, timing.today()
    return render_template(
        "papers/show.html",
        made=made,
        paper=made.paper,
        kind=kind,
        period=made.facts.period,
        periods=rules.recent(kind.period, today, SHOWN_PERIODS[kind.period]),
        sections=pages.sections(made.paper),
        issue=issue if issue is not None and issues.shows(current_actor(), issue) else None,
        may_build=issue is None and current_actor().may(Permission.REPORT_BUILD),
        tiles=_tiles(made.facts),
        links=linking.live(made.facts, timing.now()),
    )


def _tiles(facts: Facts) -> list[tuple[str, object, str, str]]:
    """Each task of the year so far: label, number, unit, where its rows open."""
    if facts.figures is None:
        return []
    window = year_window(facts.period, facts.today, timing.now())
    return [
        (item.label, line.progress.done, item.unit, item_href(item, window, None))
        for item, line in zip(STANDARD, facts.figures.whole.metrics, strict=True)
    ]


@bp.get("/<key>/<period_key>/paper.docx")
@requires(READ)
def docx(key: str, period_key: str) -> Response:
    """Give a paper as a Word file."""
    made = _make(key, period_key)
    data = print_now(db.session(), made.facts, made.paper)
    return send_file(BytesIO(data), WORD, as_attachment=True, download_name=f"{made.name}.docx")


@bp.get("/<key>/<period_key>/tables.xlsx")
@requires(READ)
def xlsx(key: str, period_key: str) -> Response:
    """Give the tables of a paper as an Excel file."""
    made = _make(key, period_key)
    data = files.workbook(made.paper, made.facts.today)
    return send_file(BytesIO(data), EXCEL, as_attachment=True, download_name=f"{made.name}.xlsx")
