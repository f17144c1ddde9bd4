"""Targets, the campaign, the weekly reports, the nightly scores and the news sources of the demonstration."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from crm.assessment import targets
from crm.assessment.goals import QUARTERS, Milestone, Scope, SplitBy
from crm.assessment.items import Phase
from crm.assessment.rules import Metric, TargetLevel
from crm.assessment.services import CampaignDraft, create_campaign, set_targets
from crm.assessment.targets import TargetDraft
from crm.cli.demodata.office import REGISTRAR, SECOND_LEADER
from crm.news import services as news
from crm.news.sources import SourceDraft
from crm.reports import road
from crm.reports import services as reports
from crm.reports.period import week_of
from crm.scoring.services import rescore_many

if TYPE_CHECKING:
    from crm.cli.demodata.desk import Desk, Diary

M = Metric
GOING_OUT = (
    "shenzhen", "shanghai", "electronics", "equipment", "materials", "squad1", "squad2", "squad3",
    "chengguan", "qingxi", "baima",
)  # fmt: skip
YEARLY = {M.LEADS: 4, M.VISITS: 9, M.INSPECTIONS: 3, M.SIGNINGS: 2, M.STARTS: 1}
STRIVE = {M.LEADS: 5, M.VISITS: 12, M.INSPECTIONS: 4, M.SIGNINGS: 3, M.STARTS: 2}
HUNDRED = {M.LEADS: 3, M.VISITS: 10, M.INSPECTIONS: 2, M.SIGNINGS: 1, M.STARTS: 1}
SUMS = (
    ("recognized_amount", Decimal(480_000), (Decimal(80_000), Decimal(160_000), Decimal(120_000), Decimal(120_000))),
    ("capital_recognized", Decimal(120_000), (Decimal(20_000), Decimal(40_000), Decimal(30_000), Decimal(30_000))),
)
PHASES = (
    ("动员部署", 10, "开动员会，任务下达到组、到人。"),
    ("集中攻坚", 70, "主要领导带队外出，每组每周至少走访两家。"),
    ("冲刺收官", 100, "盯签约、盯开工，逐项销号。"),
)
BIG = ("electronics", "equipment", "materials")
BEGAN, LENGTH = 66, 99
ISSUES = 4
NIGHTS = 12


def plan_goals(desk: Desk, diary: Diary) -> None:
    """Set the year's targets in January and start the campaign two months ago."""
    january = desk.on(date(desk.today.year, 1, 8), 10)
    diary.write(min(january, desk.at(1, 9)), partial(_targets, desk))
    start = desk.today - timedelta(days=BEGAN)
    diary.write(desk.instant(start, 8, 30), partial(_campaign, desk, start))


def _targets(desk: Desk, now: datetime) -> None:
    actor, year = desk.actor(REGISTRAR), desk.today.year
    for level, values in ((TargetLevel.ENSURE, YEARLY), (TargetLevel.STRIVE, STRIVE)):
        grid = _grid(desk, values)
        whole = {(0, metric): sum(value for (_unit, key), value in grid.items() if key is metric) for metric in values}
        set_targets(desk.session, actor, year, level, {**whole, **grid}, now=now)
    for metric, value, parts in SUMS:
        row = targets.create(desk.session, actor, TargetDraft(Scope(metric, year), value), now=now)
        targets.decompose(desk.session, actor, row.id, SplitBy.PERIOD, dict(zip(QUARTERS, parts, strict=True)), now=now)
        halfway = Milestone(date(year, 6, 30), Decimal(50))
        targets.set_milestones(desk.session, actor, row.id, [halfway], now=now)
    big = Scope("signings", year, low=Decimal(10_000))
    targets.create(desk.session, actor, TargetDraft(big, Decimal(12), "亿元以上项目"), now=now)


def _campaign(desk: Desk, start: date, now: datetime) -> None:
    draft = CampaignDraft(
        name=f"{start.year}年招商引资“百日会战”",
        start_on=start,
        end_on=start + timedelta(days=LENGTH),
        slogan="走出去、请进来、签下来、落下去，奋战一百天，冲刺全年目标。",
        tasks=_grid(desk, HUNDRED),
        phases=_phases(start),
    )
    create_campaign(desk.session, desk.actor(REGISTRAR), draft, now=now)


def _phases(start: date) -> list[Phase]:
    """Three phases: get going, storm, finish."""
    turns = [start, start + timedelta(days=15), start + timedelta(days=70), start + timedelta(days=LENGTH + 1)]
    return [
        Phase(name, begin, end - timedelta(days=1), percent, plan)
        for (name, percent, plan), begin, end in zip(PHASES, turns, turns[1:], strict=False)
    ]


def _grid(desk: Desk, values: dict[Metric, int]) -> dict[tuple[int, Metric], int]:
    """Tasks per unit: industry groups carry half as much again, townships sign nothing by themselves."""
    grid = {}
    for key in GOING_OUT:
        for metric, value in values.items():
            if metric in {M.SIGNINGS, M.STARTS} and key in {"chengguan", "baima"}:
                continue
            grid[desk.units[key].id, metric] = value * 3 // 2 if key in BIG else value
    return grid


def plan_reports(desk: Desk, diary: Diary) -> None:
    """Build each of the last weeks' reports at its cut-off and freeze it the same afternoon."""
    for back in range(ISSUES, 0, -1):
        year, week, _day = (desk.today - timedelta(days=7 * back)).isocalendar()
        cutoff = week_of(year, week).cutoff
        diary.write(cutoff + timedelta(minutes=20), partial(_issue, desk, year, week))


def _issue(desk: Desk, year: int, week: int, now: datetime) -> None:
    report = reports.build_weekly(desk.session, desk.actor(REGISTRAR), year, week, now=now)
    later = now + timedelta(hours=4)
    leader = desk.actor(SECOND_LEADER)
    road.submit(desk.session, desk.actor(REGISTRAR), report, report.version, now=now)
    road.approve(desk.session, leader, report, report.version, now=later)
    reports.freeze(desk.session, leader, report, report.version, now=later)


def draft_this_week(desk: Desk, now: datetime) -> None:
    """Build this week's draft; past Friday's cut-off it stays open until Sunday evening, so that it can be tried."""
    year, week, _day = desk.today.isocalendar()
    cutoff = week_of(year, week).cutoff
    if cutoff <= now:
        cutoff = desk.instant(date.fromisocalendar(year, week, 7), 20)
    reports.build_weekly(desk.session, desk.actor(REGISTRAR), year, week, now=now, cutoff=cutoff)


def plan_scores(desk: Desk, diary: Diary) -> None:
    """Score all enterprises in one night of each week, as the nightly pass does."""
    for back in range(NIGHTS, 0, -1):
        at = desk.instant(desk.today - timedelta(days=7 * back), 2, 30)
        diary.write(at, partial(score_all, desk))


def score_all(desk: Desk, now: datetime) -> None:
    """Score every enterprise as of a moment."""
    rescore_many(desk.session, [row.id for row in desk.enterprises.values()], now=now, cause="nightly")


def add_sources(desk: Desk, site: str, now: datetime) -> None:
    """Add the three channels of the demonstration site and ask for their first crawl."""
    drafts = (
        SourceDraft("南方产业观察·要闻（演示）", "rss", f"{site}/rss.xml", 60, {"delay": 0.5}),
        SourceDraft(
            "南方产业观察·产业（演示）",
            "list",
            f"{site}/cy/",
            60,
            {"delay": 0.5, "link_css": "ul.news li a", "next_css": "p.pages a.next"},
        ),
        SourceDraft(
            "开发区快报（演示）",
            "sitemap",
            f"{site}/sitemap.xml",
            120,
            {"delay": 0.5, "title_css": "h2.title", "body_css": "#zoom"},
        ),
    )
    actor = desk.actor(REGISTRAR)
    for draft in drafts:
        source = news.save_source(desk.session, actor, draft, now=now)
        news.request_crawl(desk.session, actor, source.id, now=now)
