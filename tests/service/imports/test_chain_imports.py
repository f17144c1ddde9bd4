"""Chains out of a workbook: good and bad lines, again, taken back, and what somebody touched since."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from crm.core.audit import AuditEvent
from crm.core.errors import NotFoundError
from crm.imports import applying, kinds, rules, runs
from crm.imports.models import RowAction
from crm.resources.chains import placing, queries, services
from crm.resources.chains.models import IndustryChain, IndustryLink, IndustryNode, IndustryPlace
from crm.resources.chains.rules import Call, ChainDraft, NodeDraft, Side, Tier
from tests.service.imports.importing import Importer, work
from tests.support import builders
from tests.support.builders import NOW

if TYPE_CHECKING:
    from tests.support.builders import Office

HEAD = "产业链,位置,环节,产品词,行业代码,关键环节,年产值目标（亿元）,供应给,本地企业,责任部门\n"
GOOD = (
    HEAD + "新能源电池,上游,隔膜,湿法隔膜、涂覆隔膜,C29,是,5,电芯,云岭材料有限公司（年产值12000万元，链主）,\n"
    "新能源电池,中游,电芯,动力电芯,,,,,云岭材料有限公司、查无此厂,\n"
)
BAD = (
    "新能源电池,顶端,正极,正极材料,C0000,也许,很多,没有的环节,,\n"
    "新能源电池,上游,隔膜,隔膜,,,,,,\n"
    ",上游,负极,负极材料,,,,,,没有的单位\n"
)


def counted(importer: Importer) -> list[int]:
    live = (
        select(func.count()).select_from(IndustryChain).where(IndustryChain.archived_at.is_(None)),
        select(func.count()).select_from(IndustryNode).where(IndustryNode.archived_at.is_(None)),
        select(func.count()).select_from(IndustryLink),
        select(func.count()).select_from(IndustryPlace).where(IndustryPlace.ended_at.is_(None)),
    )
    with importer.database.reading() as session:
        return [session.scalar(one) or 0 for one in live]


def node(importer: Importer, name: str) -> IndustryNode:
    with importer.database.reading() as session:
        return session.scalars(select(IndustryNode).where(IndustryNode.name == name)).one()


@pytest.fixture
def firm(importer: Importer) -> int:
    with importer.database.transaction() as session:
        return builders.enterprise(session, "云岭材料有限公司").id


def test_good_lines_of_chains_go_in_and_bad_ones_say_why_beside_their_cell(importer: Importer, firm: int) -> None:
    run_id = importer.check(GOOD + BAD, kinds.CHAINS)
    assert counted(importer) == [0, 0, 0, 0]
    rows = importer.rows(run_id)
    assert [row.action for row in rows.values()] == ["create", "create", "refuse", "refuse", "refuse"]
    wrong = {number: sorted(one["index"] for one in row.problems) for number, row in rows.items()}
    assert wrong == {2: [], 3: [8], 4: [1, 4, 5, 6, 7], 5: [2], 6: [0, 9]}
    assert rows[5].problems[0]["params"] == {"line": 2}
    counts = importer.apply(run_id)
    assert (counts["create"], counts["refuse"]) == (2, 3)
    membrane = node(importer, "隔膜")
    assert (membrane.goal, membrane.codes, membrane.key, membrane.words[0]) == (
        Decimal(50000),
        ["C29"],
        True,
        "湿法隔膜",
    )
    with importer.database.reading() as session:
        whole = queries.whole(session, membrane.chain_id)
        assert whole.links == [(membrane.id, node(importer, "电芯").id)]
        placed = whole.of(membrane.id, Side.LOCAL)[0]
        assert (placed.name, placed.place.scale, placed.place.leading) == ("云岭材料有限公司", Decimal(12000), True)
        assert whole.verdicts[membrane.id].call is Call.STRENGTHEN
        done = set(session.scalars(select(AuditEvent.action)))
    assert {"chain.add", "chain.add_node", "chain.change_node", "chain.place", "chains.import"} <= done


def test_the_same_chains_again_change_nothing_and_an_undo_takes_back_exactly_what_came(
    importer: Importer, firm: int
) -> None:
    run_id = importer.take(GOOD, kinds.CHAINS)[0]
    assert counted(importer) == [1, 2, 1, 2]
    again, counts = importer.take(GOOD, kinds.CHAINS)
    assert (counts, counted(importer)) == ({"rows": 2, "same": 2}, [1, 2, 1, 2])
    more, _counts = importer.take(HEAD + "新能源电池,中游,隔膜,,,,,,云岭材料有限公司（年产值90万元）,\n", kinds.CHAINS)
    assert node(importer, "隔膜").tier is Tier.MIDSTREAM
    assert importer.undo(more).options["kept"] == []
    membrane = node(importer, "隔膜")
    assert (membrane.tier, membrane.goal) == (Tier.UPSTREAM, Decimal(50000))
    with importer.database.reading() as session:
        assert queries.placed(session, [membrane.id])[membrane.id][0].place.scale == Decimal(12000)
    importer.undo(again)
    run = importer.undo(run_id)
    assert (run.state, run.options["kept"], counted(importer)) == (rules.UNDONE, [], [0, 0, 0, 0])
    assert importer.take(GOOD, kinds.CHAINS)[1]["create"] == 2


def test_what_somebody_changed_on_a_chain_since_stays_and_is_told(
    importer: Importer, office: Office, firm: int
) -> None:
    run_id = importer.take(GOOD, kinds.CHAINS)[0]
    more = importer.take(HEAD + "新能源电池,,隔膜,隔离膜,,,9,,,\n", kinds.CHAINS)[0]
    cell = node(importer, "电芯").id
    with importer.database.transaction() as session:
        actor = office.actor(session, office.registrar)
        draft = NodeDraft("隔膜", Tier.UPSTREAM, ("隔离膜",), ("C29",), key=True, goal=Decimal(70000))
        services.change_node(session, actor, node(importer, "隔膜").id, draft, version=None, now=NOW)
        placing.place(session, actor, cell, placing.PlaceDraft(firm, Side.LOCAL, scale=Decimal(7)), now=NOW)
    run = importer.undo(more)
    told = "“%(field)s”在导入之后有人改过，保留。"
    assert [(one["name"], one["message"], one["params"]["field"]) for one in run.options["kept"]] == [
        ("隔膜", told, "年产值目标（万元）")
    ]
    membrane = node(importer, "隔膜")
    assert (membrane.goal, membrane.words) == (Decimal(70000), ["湿法隔膜", "涂覆隔膜"])
    run = importer.undo(run_id)
    assert {(one["name"], one["message"]) for one in run.options["kept"]} == {
        ("电芯", "本地企业“%(firm)s”在导入之后有人改过，保留。"),
        ("电芯", "导入之后有人用过，保留。"),
        ("隔膜", "导入之后有人改过，保留。"),
        ("新能源电池", "导入之后有人添了环节或指南，保留。"),
    }
    assert counted(importer) == [1, 2, 0, 1]


def test_who_keeps_one_unit_imports_only_for_it_and_sees_own_runs_alone(
    importer: Importer, office: Office, firm: int
) -> None:
    foreign = importer.take(GOOD, kinds.CHAINS)[0]
    of_firms = importer.check("企业名称\n云岭电子有限公司\n")
    with importer.database.transaction() as session:
        lead = office.actor(session, office.lead)
        services.add_chain(session, office.actor(session, office.registrar), ChainDraft("低空经济"), now=NOW)
    own = Importer(importer.database, importer.settings, lead)
    text = (
        HEAD
        + "新材料,上游,树脂,环氧树脂,,,,,,\n低空经济,上游,电机,航空电机,,,,,,\n"
        + "新材料,上游,纤维,碳纤维,,,,,,云溪县招商局\n"
    )
    run_id, counts = own.take(text, kinds.CHAINS, unit_id=office.east.id)
    assert (counts["create"], counts["refuse"]) == (1, 2)
    assert [[one["index"] for one in row.problems] for row in own.rows(run_id).values()] == [[], [0], [9]]
    with importer.database.transaction() as session:
        with pytest.raises(NotFoundError):
            runs.start_undo(session, lead, foreign, now=NOW)
        assert [run.id for run in runs.earlier(session, lead, kinds.CHAINS, None).rows] == [run_id]
        with pytest.raises(NotFoundError):
            runs.shown_run(session, lead, of_firms)


def test_a_run_of_chains_that_was_cancelled_goes_on_and_writes_nothing_twice(importer: Importer, firm: int) -> None:
    text = HEAD + "".join(f"新能源电池,上游,环节{n},产品词{n},,,,,,\n" for n in range(55))
    run_id = importer.check(text, kinds.CHAINS)
    with importer.database.transaction() as session:
        runs.start_apply(session, importer.actor, run_id, now=NOW, here=True)
        assert applying.step(session, run_id, now=NOW)
        runs.cancel(session, importer.actor, run_id, now=NOW)
        assert not applying.step(session, run_id, now=NOW)
    assert (importer.run(run_id).state, counted(importer)[1]) == (rules.CANCELLED, 50)
    with importer.database.transaction() as session:
        runs.resume(session, importer.actor, run_id, now=NOW)
    work(importer.database, importer.settings)
    assert (importer.run(run_id).state, counted(importer)[1]) == (rules.DONE, 55)
    assert {row.action for row in importer.rows(run_id).values()} == {RowAction.CREATE}
