"""An invented register of any size: the same seed gives the same enterprises, people, projects and touches."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from benchmarks.bulk_load import Deal, Firm, Person, Visit
from crm.fieldwork.rules import TouchKind
from crm.pipeline.rules import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bulk_load import Loader

SEED = 20261126
COLLEAGUES = 20
PEOPLE, VISITS = 3, 3
EVERY_FOURTH, KEY_ACCOUNT, KEY_VISITS = 4, 100, 30
BEGAN = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)
DAYS, BUSY_MINUTES = 1000, 540
PLACES = [
    "云岭",
    "海川",
    "安平",
    "青溪",
    "临浦",
    "梅江",
    "石桥",
    "望亭",
    "白沙",
    "龙湾",
    "凤栖",
    "银湖",
    "松台",
    "柳林",
    "东港",
    "西塘",
]
FIRST, SECOND = "禾岚晟澜砺舟岳澄铭屿霖琥", "桥储科维特源森洛信远图辰"
TRADES = [
    "储能",
    "半导体材料",
    "精密制造",
    "生物医药",
    "机器人",
    "新材料",
    "汽车零部件",
    "光电",
    "食品加工",
    "软件",
    "医疗器械",
    "环保装备",
]
FORMS = ["股份有限公司", "有限公司", "科技有限公司", "集团有限公司", "实业有限公司"]
REGIONS = ["江苏苏州", "浙江杭州", "上海市", "安徽合肥", "广东深圳", "山东青岛", "湖北武汉", "四川成都"]
FAMILY, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "望舒明远思齐清和若水景行知微"
POSTS = ["董事长", "总经理", "投资总监", "战略发展部部长", "政府事务经理", "董事会秘书"]
SAYINGS = ["谈了厂房和用工。", "对方关注人才公寓。", "已寄送政策汇编。", "约定下月来区考察。", "总部尚未完成立项。"]
STAGES = (Stage.LEAD, Stage.LEAD, Stage.VISITING, Stage.VISITING, Stage.INSPECTING, Stage.REVIEWING, Stage.SIGNED)
KINDS = (TouchKind.VISIT, TouchKind.CALL, TouchKind.RECEPTION)


def name_of(source: random.Random) -> str:
    """Invent the name of an enterprise."""
    brand = "".join(source.choice(letters) for letters in (FIRST, SECOND, FIRST, SECOND))
    return source.choice(PLACES) + brand + source.choice(TRADES) + source.choice(FORMS)


def names(count: int, seed: int = SEED) -> Iterator[str]:
    """Invent names of enterprises, each once."""
    source, known = random.Random(seed), set[str]()  # noqa: S311 (data, no secret)
    while len(known) < count:
        name = name_of(source)
        if name not in known:
            known.add(name)
            yield name


def fill(loader: Loader, count: int) -> None:
    """Write a register of ``count`` enterprises with all that hangs on them."""
    source = random.Random(SEED + 1)  # noqa: S311 (data, no secret)
    loader.office(COLLEAGUES, BEGAN)
    for number, name in enumerate(names(count), 1):
        by = source.randrange(1, COLLEAGUES + 1)
        loader.firm(
            Firm(
                number, name, by, _moment(source), source.choice(TRADES), source.choice(REGIONS),
                f"https://e{number}.example.com", source.randrange(50, 90_000),
            )
        )  # fmt: skip
        for person in range((number - 1) * PEOPLE + 1, number * PEOPLE + 1):
            loader.person(_person(source, person, number, name, by))
        deal = number // EVERY_FOURTH if number % EVERY_FOURTH == 0 else None
        if deal is not None:
            stage = source.choice(STAGES)
            title = f"{name[:6]}{source.choice(TRADES)}项目"
            loader.deal(Deal(deal, number, name, title, stage, by, _moment(source), source.randrange(500, 200_000)))
        _visits(loader, source, number, by, deal)
    loader.lists(range(1, count + 1), 2026, _moment(source))


def _visits(loader: Loader, source: random.Random, firm: int, by: int, deal: int | None) -> None:
    usual = (firm - 1) * VISITS + firm // KEY_ACCOUNT * KEY_VISITS
    many = VISITS + (KEY_VISITS if firm % KEY_ACCOUNT == 0 else 0)
    first = usual - (KEY_VISITS if firm % KEY_ACCOUNT == 0 else 0) + 1
    for number in range(first, first + many):
        met = (firm - 1) * PEOPLE + source.randrange(1, PEOPLE + 1)
        loader.visit(Visit(number, firm, source.choice(KINDS), source.choice(SAYINGS), by, _moment(source), deal, met))


def _person(source: random.Random, number: int, firm: int, name: str, by: int) -> Person:
    given = "".join(source.choice(GIVEN) for _ in range(source.choice((1, 2, 2))))
    return Person(
        number, firm, name, source.choice(FAMILY) + given, by, _moment(source), source.choice(POSTS),
        f"1990000{number % 10_000:04}", f"c{number}@e{firm}.example.com",
    )  # fmt: skip


def _moment(source: random.Random) -> datetime:
    return BEGAN + timedelta(days=source.randrange(DAYS), minutes=source.randrange(BUSY_MINUTES))
