"""Policies out of a workbook: drafts that wait for their review, taken back unless somebody was at them since."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from crm.imports import kinds, rules
from crm.resources.policies import services
from crm.resources.policies.models import PolicyClause, PolicyVersion
from crm.resources.policies.rules import Basis, Review, ReviewDraft
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from tests.service.imports.importing import Importer
    from tests.support.builders import Office

HEAD = "政策名称,文号,发文单位,级别,生效日期,条款号,条款种类,条款原文,计算依据,标准,封顶,公平竞争审查\n"
GOOD = (
    HEAD + "支持制造业若干措施,云政发8号,县人民政府,县区,2026年1月1日,第一条,投资奖补,按投资额的5%奖励,"
    "固定资产投资,5%,0.1亿元,审查通过\n"
    "支持制造业若干措施,云政发8号,,,,第二条,代办服务,全程代办各项手续,,,,\n"
)
BAD = (
    "支持制造业若干措施,云政发8号,市人民政府,,,第三条,用地,工业用地优先保障,,,,\n"
    "支持制造业若干措施,云政发8号,,,,第二条,代办服务,又一次写第二条,,,,\n"
    "人才若干措施,,,乡镇,去年,第一条,人才,给,用工,很多,,\n"
)


def clauses(importer: Importer) -> dict[str, PolicyClause]:
    with importer.database.reading() as session:
        return {one.number: one for one in session.scalars(select(PolicyClause).order_by(PolicyClause.id))}


def versions(importer: Importer) -> list[PolicyVersion]:
    with importer.database.reading() as session:
        return list(session.scalars(select(PolicyVersion).order_by(PolicyVersion.id)))


def test_good_lines_of_policies_go_into_a_draft_and_nothing_counts_as_reviewed(
    importer: Importer, office: Office
) -> None:
    run_id = importer.check(GOOD + BAD, kinds.POLICIES)
    rows = importer.rows(run_id)
    assert [row.action for row in rows.values()] == ["create", "create", "refuse", "refuse", "refuse"]
    wrong = {number: sorted(one["index"] for one in row.problems) for number, row in rows.items() if row.problems}
    assert wrong == {2: [11], 4: [2], 5: [5], 6: [1, 3, 4, 9]}
    assert (versions(importer), importer.apply(run_id)["create"]) == ([], 2)
    (version,) = versions(importer)
    assert (version.published_at, version.issuer, version.number) == (None, "县人民政府", 1)
    found = clauses(importer)
    assert {one.review for one in found.values()} == {Review.PENDING}
    first = found["第一条"]
    assert (first.basis, first.rate, first.cap) == (Basis.FIXED_INVESTMENT, Decimal(5), Decimal(1000))
    assert importer.take(GOOD, kinds.POLICIES)[1] == {"rows": 2, "same": 2}


def test_an_undo_of_policies_takes_back_exactly_what_came(importer: Importer) -> None:
    run_id = importer.take(GOOD, kinds.POLICIES)[0]
    change = HEAD + "支持制造业若干措施,云政发8号,县招商局,,,第一条,,,,6,,\n"
    more, counts = importer.take(change, kinds.POLICIES)
    assert (counts["update"], clauses(importer)["第一条"].rate, versions(importer)[0].issuer) == (
        1,
        Decimal(6),
        "县招商局",
    )
    assert importer.undo(more).options["kept"] == []
    assert (clauses(importer)["第一条"].rate, versions(importer)[0].issuer) == (Decimal(5), "县人民政府")
    run = importer.undo(run_id)
    assert (run.state, run.options["kept"], clauses(importer), versions(importer)) == (rules.UNDONE, [], {}, [])
    assert importer.take(GOOD, kinds.POLICIES)[1]["create"] == 2


def test_what_was_reviewed_or_published_since_is_neither_changed_nor_taken_back(
    importer: Importer, office: Office
) -> None:
    run_id = importer.take(GOOD, kinds.POLICIES)[0]
    more = importer.take(HEAD + "支持制造业若干措施,云政发8号,,,,第一条,,,,6,,\n", kinds.POLICIES)[0]
    with importer.database.transaction() as session:
        actor = office.actor(session, office.registrar)
        passed = ReviewDraft(Review.PASSED, "公平竞争审查条例第八条", TODAY, "县市场监管局")
        services.review(session, actor, clauses(importer)["第一条"].id, passed, now=NOW, today=TODAY)
    again = importer.check(HEAD + "支持制造业若干措施,云政发8号,,,,第一条,,,,7,,\n", kinds.POLICIES)
    assert "审查过" in importer.rows(again)[2].problems[0]["message"]
    told = ("支持制造业若干措施 第一条", "导入之后有人改过，保留。")
    assert [(one["name"], one["message"]) for one in importer.undo(more).options["kept"]] == [told]
    with importer.database.transaction() as session:
        services.publish(session, office.actor(session, office.registrar), versions(importer)[0].id, now=NOW)
    text = HEAD + "支持制造业若干措施,云政发8号,,,,第三条,用地,工业用地优先保障,,,,\n"
    assert importer.take(text, kinds.POLICIES)[1]["refuse"] == 1
    assert {(one["name"], one["message"]) for one in importer.undo(run_id).options["kept"]} == {
        told,
        ("支持制造业若干措施 第二条", "已发布的版本不能改，请建立新版本。"),
        ("支持制造业若干措施", "导入之后有人改过，保留。"),
    }
    assert (clauses(importer)["第一条"].review, len(clauses(importer))) == (Review.PASSED, 2)
