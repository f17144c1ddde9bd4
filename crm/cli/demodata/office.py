"""The demonstration office: its units and its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.auth import services
from crm.auth.models import OrgUnit
from crm.auth.passwords import hash_password
from crm.auth.rules import Role, UnitKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from crm.cli.demodata.desk import Desk

K, R = UnitKind, Role
BUREAU = "bureau"
UNITS: tuple[tuple[str, str, UnitKind, str | None], ...] = (
    (BUREAU, "云溪县招商局", K.BUREAU, None),
    ("shenzhen", "驻深圳办事处", K.LIAISON_OFFICE, "粤港澳大湾区"),
    ("shanghai", "驻上海办事处", K.LIAISON_OFFICE, "长三角"),
    ("electronics", "电子信息产业招商组", K.INDUSTRY_GROUP, None),
    ("equipment", "装备制造产业招商组", K.INDUSTRY_GROUP, None),
    ("materials", "新材料新能源产业招商组", K.INDUSTRY_GROUP, None),
    ("squad1", "第一招商小分队", K.SQUAD, "成渝"),
    ("squad2", "第二招商小分队", K.SQUAD, "闽浙"),
    ("squad3", "第三招商小分队", K.SQUAD, "京津冀"),
    ("chengguan", "城关镇", K.TOWNSHIP, None),
    ("qingxi", "清溪镇", K.TOWNSHIP, None),
    ("baima", "白马乡", K.TOWNSHIP, None),
    ("planning", "县发展和改革局", K.DEPARTMENT, None),
    ("industry", "县工业和信息化局", K.DEPARTMENT, None),
    ("land", "县自然资源局", K.DEPARTMENT, None),
    ("justice", "县司法局", K.DEPARTMENT, None),
    ("environment", "县生态环境分局", K.DEPARTMENT, None),
    ("finance", "县财政局", K.DEPARTMENT, None),
)
Person = tuple[str, str, str, str, Role]
PEOPLE: tuple[Person, ...] = (
    ("zhengyifan", "郑一帆", "系统管理员", BUREAU, R.ADMINISTRATOR),
    ("zhoumingyuan", "周明远", "分管副县长", BUREAU, R.LEADER),
    ("hejinglan", "何静澜", "局长", BUREAU, R.LEADER),
    ("chenyutong", "陈雨桐", "招商办主任", BUREAU, R.REGISTRAR),
    ("mazhihe", "马致和", "督查专员", BUREAU, R.SUPERVISOR),
    ("sunliheng", "孙立衡", "投资统计科科长", "planning", R.RECOGNIZER),
    ("linshuyue", "林书越", "主任", "shenzhen", R.TEAM_LEAD),
    ("xujiahe", "许嘉禾", "专员", "shenzhen", R.OFFICER),
    ("guxingzhi", "顾行知", "主任", "shanghai", R.TEAM_LEAD),
    ("yenanxing", "叶南星", "专员", "shanghai", R.OFFICER),
    ("luoqingyang", "罗清扬", "组长", "electronics", R.TEAM_LEAD),
    ("tangruoxi", "唐若溪", "招商专员", "electronics", R.OFFICER),
    ("hanzheng", "韩铮", "组长", "equipment", R.TEAM_LEAD),
    ("zengyian", "曾以安", "招商专员", "equipment", R.OFFICER),
    ("penghuaiyuan", "彭怀远", "组长", "materials", R.TEAM_LEAD),
    ("xiezhiwei", "谢知微", "招商专员", "materials", R.OFFICER),
    ("yaosiheng", "姚思衡", "队长", "squad1", R.TEAM_LEAD),
    ("bailuxi", "白露晞", "队员", "squad2", R.OFFICER),
    ("zhuchangqing", "祝长青", "队员", "squad3", R.OFFICER),
    ("duanwenlan", "段文澜", "招商联络员", "chengguan", R.OFFICER),
    ("hexiaofeng", "和晓峰", "招商联络员", "qingxi", R.OFFICER),
    ("muqinglan", "木青岚", "招商联络员", "baima", R.OFFICER),
    ("qinmuye", "秦牧野", "招商联络员", "industry", R.OFFICER),
    ("yinqianxun", "尹千寻", "招商联络员", "land", R.OFFICER),
    ("jiangsiyuan", "江思源", "法制科科长", "justice", R.REVIEWER),
    ("luzhiqiu", "陆知秋", "产业科科长", "planning", R.REVIEWER),
    ("dingruofei", "丁若飞", "行业科科长", "industry", R.REVIEWER),
    ("gaoyuanshan", "高远山", "规划科科长", "land", R.REVIEWER),
    ("fanqinghe", "范清河", "环评科科长", "environment", R.REVIEWER),
    ("baojingwen", "鲍静文", "经建科科长", "finance", R.REVIEWER),
)
LEADER, SECOND_LEADER, REGISTRAR, RECOGNIZER = "zhoumingyuan", "hejinglan", "chenyutong", "sunliheng"
KEEPERS: dict[str, tuple[str, ...]] = {
    "电子信息": ("luoqingyang", "tangruoxi", "linshuyue", "xujiahe"),
    "装备制造": ("hanzheng", "zengyian", "guxingzhi"),
    "新材料": ("penghuaiyuan", "xiezhiwei", "yenanxing"),
    "新能源": ("xiezhiwei", "zhuchangqing", "penghuaiyuan"),
    "生物医药": ("yaosiheng", "yenanxing", "duanwenlan"),
    "食品": ("bailuxi", "hexiaofeng", "muqinglan"),
}


def open_office(desk: Desk, password: str, *, since: date, now: datetime) -> None:
    """Create units and people, all with the same password, hashed once; the first person creates the rest."""
    hashed = hash_password(password)
    top = OrgUnit(name=UNITS[0][1], kind=UnitKind.BUREAU, valid_from=since)
    desk.session.add(top)
    desk.session.flush()
    desk.units[BUREAU] = top
    _add_people(desk, PEOPLE[:1], password, hashed, since=since, now=now)
    for position, (key, name, kind, region) in enumerate(UNITS[1:], 1):
        below = kind not in {UnitKind.TOWNSHIP, UnitKind.DEPARTMENT}
        unit = OrgUnit(name=name, kind=kind, region=region, position=position, valid_from=since)
        unit.parent_id = top.id if below else None
        unit.managing_unit_id = None if below else top.id
        desk.units[key] = services.create_unit(desk.session, desk.actor(PEOPLE[0][0]), unit, now=now)
    _add_people(desk, PEOPLE[1:], password, hashed, since=since, now=now)


def _add_people(
    desk: Desk, people: Sequence[Person], password: str, hashed: str, *, since: date, now: datetime
) -> None:
    first = desk.actor(PEOPLE[0][0]) if desk.people else None
    for username, name, title, unit_key, role in people:
        account = services.NewUser(username, name, password, title=title, password_hash=hashed)
        posts = [(desk.units[unit_key].id, role)]
        desk.people[username] = services.create_user(desk.session, first, account, posts, now=now, today=since)


def unit_of(desk: Desk, username: str) -> OrgUnit:
    """Return the unit a person works in."""
    key = next(unit_key for name, _name, _title, unit_key, _role in PEOPLE if name == username)
    return desk.units[key]
