"""Posts away from home, who is there, notes signed and absences; two inspections on site; units that changed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from crm.auth import services as auth
from crm.auth import staff, units
from crm.auth.models import OrgUnit
from crm.auth.rules import SkillKind, UnitKind
from crm.auth.staff import SkillDraft, TrainingDraft
from crm.auth.units import Closing, UnitChange
from crm.cli.demodata.office import LEADER, REGISTRAR, SECOND_LEADER
from crm.core.workdays import is_workday
from crm.fieldwork.postings import presence, rota, services
from crm.fieldwork.postings.rota_rules import RotaSetup
from crm.fieldwork.postings.rules import AbsenceDraft, AbsenceReason, PostDraft, PostingDraft, PostRole, Rank
from crm.fieldwork.supervision import services as supervision
from crm.fieldwork.supervision.rules import FindingDraft, InspectionDraft, RecheckDraft

if TYPE_CHECKING:
    from datetime import datetime

    from crm.cli.demodata.desk import Desk
    from crm.fieldwork.postings.models import Posting, StationedPost

ADMINISTRATOR, SUPERVISOR = "zhengyifan", "mazhihe"
OPENED, LAST_DAYS = timedelta(days=240), 12
POSTS: tuple[tuple[str, str, str, str, int], ...] = (
    ("南山驻点", "粤港澳大湾区", "南山区科苑南路示例大厦12楼", "shenzhen", 2),
    ("昆山驻点", "长三角", "昆山市前进东路示例广场6楼", "shanghai", 2),
    ("义乌驻点", "闽浙", "义乌市商城大道示例中心3楼", "squad2", 2),
)
STAFF: tuple[tuple[int, str, PostRole, Rank], ...] = (
    (0, "linshuyue", PostRole.HEAD, Rank.DEPUTY_SECTION),
    (0, "xujiahe", PostRole.MEMBER, Rank.STAFF),
    (1, "guxingzhi", PostRole.HEAD, Rank.DEPUTY_SECTION),
    (1, "yenanxing", PostRole.MEMBER, Rank.STAFF),
    (2, "bailuxi", PostRole.MEMBER, Rank.STAFF),
)
SKILLS: tuple[tuple[str, SkillKind, str, str], ...] = (
    ("xujiahe", SkillKind.LANGUAGE, "粤语", "fluent"),
    ("linshuyue", SkillKind.LANGUAGE, "英语", "working"),
    ("yenanxing", SkillKind.LANGUAGE, "日语", "fluent"),
    ("guxingzhi", SkillKind.LANGUAGE, "德语", "basic"),
    ("luoqingyang", SkillKind.INDUSTRY, "集成电路", "fluent"),
    ("penghuaiyuan", SkillKind.INDUSTRY, "动力电池", "working"),
    ("tangruoxi", SkillKind.CERTIFICATE, "注册会计师", ""),
    ("hanzheng", SkillKind.SKILL, "土地和规划报批", "fluent"),
)
NOTES = ("在岗，整理客户名单", "在岗，联系商会秘书处", "在岗，核对企业资料", "在岗，准备拜访材料")


def add_posts(desk: Desk) -> None:
    """Open three posts and fill the last days, as they would have been signed."""
    boss, opened = desk.actor(REGISTRAR), desk.on(desk.today - OPENED, 10)
    places = [_open(desk, values, opened) for values in POSTS]
    rows = [_send(desk, places[at], name, role, rank, opened.date()) for at, name, role, rank in STAFF]
    turn = desk.today - timedelta(days=desk.today.weekday())
    leader = _send(desk, places[1], LEADER, PostRole.ROTATING, Rank.DEPUTY_COUNTY, turn)
    heads = (desk.people[LEADER].id, desk.people[SECOND_LEADER].id)
    rota.set_setup(desk.session, boss, RotaSetup(head_ids=heads), now=opened, today=opened.date())
    days = [desk.today - timedelta(days=step) for step in range(LAST_DAYS, -1, -1)]
    for number, row in enumerate(rows):
        _fill(desk, row, [day for day in days if is_workday(day)], number)
    if leader.valid_from < desk.today:
        _sign(desk, leader, LEADER, leader.valid_from, "在昆山驻点轮值，走访两家电子企业")


def add_inspections(desk: Desk) -> None:
    """Inspect two sites: one finding is overdue, one is mended and waits, one is closed."""
    firms = list(desk.enterprises.values())
    when = desk.at(20, 15)
    first = _inspect(desk, firms[0].id, "qingxi", when, "厂区施工进度正常，围挡和裸土覆盖没有到位。")
    late = FindingDraft("北侧围挡缺口约40米，裸土未覆盖", desk.people["hexiaofeng"].id, _day(when, 12))
    soon = FindingDraft("施工便道积水，未设警示", desk.people["hexiaofeng"].id, _day(when, 30))
    for found in (late, soon):
        _find(desk, first, found, when)
    second = _inspect(desk, firms[1].id, "chengguan", desk.at(9, 10), "设备已进场六成，供电增容手续还在办。")
    done = _find(desk, second, FindingDraft("配电房消防通道堆料", desk.people["duanwenlan"].id, _day(when, 40)), when)
    person, looked = desk.actor("duanwenlan"), desk.at(3, 16)
    supervision.mended(desk.session, person, done, "堆料已清走，划了黄线", now=desk.at(5, 11))
    passed = RecheckDraft(passed=True, note="通道畅通，已贴标识")
    supervision.recheck(desk.session, desk.actor(SUPERVISOR), done, passed, now=looked, today=looked.date())
    again = FindingDraft("供电增容方案未定稿", desk.people["duanwenlan"].id, _day(when, 45))
    waiting = _find(desk, second, again, desk.at(8, 10))
    supervision.mended(desk.session, person, waiting, "方案已报供电公司，附受理单", now=desk.at(2, 17))


def add_talent(desk: Desk) -> None:
    """What colleagues can do, and one training they had."""
    boss, at = desk.actor(REGISTRAR), desk.at(60, 14)
    for name, kind, skill, level in SKILLS:
        draft = SkillDraft(kind, skill, level or None)
        staff.add_skill(desk.session, boss, desk.people[name].id, draft, now=at)
    held = TrainingDraft("驻点招商业务培训", at.date(), 8, "县委党校", "产业链图谱、客商接待、保密纪律")
    people = [desk.people[name].id for _at, name, _role, _rank in STAFF]
    staff.hold_training(desk.session, boss, held, people, now=at, today=at.date())


def change_units(desk: Desk) -> None:
    """An office that was closed half a year ago, and a squad that got another region."""
    boss, today = desk.actor(ADMINISTRATOR), desk.today
    row = OrgUnit(
        name="驻北京办事处",
        kind=UnitKind.LIAISON_OFFICE,
        region="京津冀",
        position=len(desk.units),
        parent_id=desk.units["bureau"].id,
        valid_from=today - timedelta(days=340),
    )
    auth.create_unit(desk.session, boss, row, now=desk.at(340, 9))
    closing = Closing(today - timedelta(days=180), "机构调整方案：撤并驻外办事处", desk.units["squad3"].id)
    units.close(desk.session, boss, row.id, closing, now=desk.at(180, 17))
    squad, day = desk.units["squad2"], today - timedelta(days=150)
    wanted = UnitChange(squad.name, squad.parent_id, None, "闽浙", day, "分工调整：增加浙中片区")
    units.change(desk.session, boss, squad.id, wanted, now=desk.at(150, 9), today=day)


def _open(desk: Desk, values: tuple[str, str, str, str, int], at: datetime) -> StationedPost:
    name, region, address, unit, people = values
    ids = desk.units[unit].id, desk.units["bureau"].id
    draft = PostDraft(name, region, address, *ids, at.date(), people)
    return services.open_post(desk.session, desk.actor(REGISTRAR), draft, now=at, today=at.date())


def _send(desk: Desk, place: StationedPost, name: str, role: PostRole, rank: Rank, since: date) -> Posting:
    whole = role is not PostRole.ROTATING
    draft = PostingDraft(desk.people[name].id, role, rank, whole, since)
    return services.send(desk.session, desk.actor(REGISTRAR), place.id, draft, now=desk.on(since, 9))


def _fill(desk: Desk, row: Posting, days: list[date], number: int) -> None:
    """Sign most days; one is away for two days, one forgot a day, today is still open."""
    name = STAFF[number][1]
    away = days[3:5] if number == 1 else []
    if away:
        draft = AbsenceDraft(AbsenceReason.TRAVEL, away[0], away[-1], "陪客商回县考察")
        at = desk.instant(away[0], 8)
        presence.excuse(desk.session, desk.actor(name), row.id, draft, now=at, today=away[0])
    for step, day in enumerate(days):
        forgot = number == 4 and step == len(days) - 3  # noqa: PLR2004 (the last of the staff)
        if day in away or forgot or day == desk.today:
            continue
        _sign(desk, row, name, day, NOTES[(step + number) % len(NOTES)])


def _sign(desk: Desk, row: Posting, name: str, day: date, note: str) -> None:
    presence.sign(desk.session, desk.actor(name), row.id, day, note, now=desk.instant(day, 8, 40), today=day)


def _inspect(desk: Desk, enterprise_id: int, unit: str, at: datetime, summary: str) -> int:
    draft = InspectionDraft(
        client_id=f"demo-site-{desk.number()}",
        unit_id=desk.units[unit].id,
        inspected_at=at,
        summary=summary,
        enterprise_id=enterprise_id,
        inspector_ids=(desk.people[SUPERVISOR].id, desk.people[REGISTRAR].id),
    )
    return supervision.record(desk.session, desk.actor(SUPERVISOR), draft, [], now=at, today=at.date()).id


def _find(desk: Desk, inspection_id: int, draft: FindingDraft, at: datetime) -> int:
    actor = desk.actor(SUPERVISOR)
    return supervision.add_finding(desk.session, actor, inspection_id, draft, now=at, today=at.date()).id


def _day(at: datetime, days: int) -> date:
    return at.date() + timedelta(days=days)
