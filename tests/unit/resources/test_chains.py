"""What a node of a chain calls for, and the sheet that chains are kept in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from crm.imports.chains.lines import Reader
from crm.resources.chains import sheet
from crm.resources.chains.matching import Candidate, Wanted, local, shared, target, told
from crm.resources.chains.rules import (
    Call,
    ChainDraft,
    Duty,
    NodeDraft,
    NodeFacts,
    Tier,
    goal_problems,
    judge,
    missing_duties,
    node_problems,
    split_words,
)

D = Decimal


@pytest.mark.parametrize(
    ("facts", "call", "points"),
    [
        (NodeFacts(), Call.LATER, 0),
        (NodeFacts(key=True), Call.FILL, 0),
        (NodeFacts(before=1, after=2), Call.FILL, 0),
        (NodeFacts(before=1), Call.EXTEND, 0),
        (NodeFacts(after=1), Call.EXTEND, 0),
        (NodeFacts(firms=1), Call.STRENGTHEN, 15),
        (NodeFacts(firms=1, leaders=1), Call.SOUND, 45),
        (NodeFacts(firms=3), Call.SOUND, 45),
        (NodeFacts(firms=9, scale=D(50), goal=D(100)), Call.SOUND, 57),
        (NodeFacts(firms=9, scale=D(50), goal=D(100), key=True), Call.STRENGTHEN, 57),
        (NodeFacts(firms=9, leaders=2, scale=D(300), goal=D(100), key=True), Call.SOUND, 100),
    ],
)
def test_a_node_calls_for_what_its_firms_and_neighbours_say(facts: NodeFacts, call: Call, points: int) -> None:
    found = judge(facts)
    assert (found.call, found.points) == (call, points)
    assert sum(reason.points for reason in found.reasons) == points


def test_a_chain_says_which_of_its_five_duties_it_lacks() -> None:
    bare = ChainDraft("高端装备")
    assert missing_duties(bare, guide_file=False) == list(Duty)
    assert missing_duties(bare, guide_file=True) == [Duty.INDUSTRY, Duty.LEADER, Duty.UNIT, Duty.TEAM]
    full = replace(bare, industry="装备", leader="县长", unit_id=1, team="三人", guide="见附件")
    assert missing_duties(full, guide_file=False) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": " "}, "node.name"),
        ({"words": ("钢",)}, "node.short"),
        ({"words": tuple(f"产品{n}" for n in range(21))}, "node.words"),
        ({"codes": ("C9999",)}, "node.codes"),
        ({"goal": D(0)}, "chain.scale"),
        ({"goal": D("NaN")}, "chain.scale"),
        ({"goal": D("1e9")}, "chain.large"),
    ],
)
def test_a_node_that_cannot_be_kept_is_told_why(change: dict[str, object], key: str) -> None:
    draft = replace(NodeDraft("隔膜", Tier.UPSTREAM, ("隔膜",), ("C2921",)), **change)  # type: ignore[arg-type]  # fields of the draft
    assert [one.key for one in node_problems(draft, ["C2921"])] == [key]


def test_an_amount_is_exact_to_one_fen() -> None:
    assert [one.key for one in goal_problems(D("1.0000001"), "scale")] == ["chain.fine"]


def test_words_are_cut_at_every_mark_and_kept_once() -> None:
    assert split_words("隔膜，电解液;隔膜\n正极、 ") == ("隔膜", "电解液", "正极")


@pytest.mark.parametrize(
    "firm",
    [sheet.Firm("甲公司"), sheet.Firm("乙公司", D(12000), leading=True), sheet.Firm("丙（集团）公司", D("0.5"))],
)
def test_a_firm_is_read_as_it_was_written(firm: sheet.Firm) -> None:
    assert sheet.read_firms(f"{sheet.write_firm(firm)}、丁公司") == [firm, sheet.Firm("丁公司")]


def test_a_sheet_is_read_line_by_line_and_what_is_wrong_is_said_beside_its_cell() -> None:
    places = sheet.heads_of(list(sheet.HEADS))
    assert list(places.values()) == list(range(10))
    reader = Reader(places, ["C2921"])
    right = ["新能源", "上游", "隔膜", "隔膜、湿法隔膜", "c2921", "是", "50,000万元", "电芯", "甲公司（链主）", ""]
    line, wrong = reader.read(2, right)
    assert wrong == []
    assert (line.tier, line.codes, line.key, line.goal) == (Tier.UPSTREAM, ("C2921",), True, D(50000))
    _, wrong = reader.read(3, ["新能源", "顶端", "隔膜", "", "C0000", "也许", "很多", "", "", ""])
    assert sorted(one["index"] for one in wrong) == [1, 2, 4, 5, 6]


def test_reasons_kept_before_are_shown_without_what_one_person_saw() -> None:
    seen = Candidate("岚桥电芯有限公司", region="云溪", intention=("strong", date(2026, 11, 1)), running="磐石项目")
    wanted = Wanted(("电芯",), ())
    reasons = [*target(wanted, seen), *local(wanted, seen, ["云溪"])]
    kept = [one.plain() for one in reasons]
    assert len(told(kept)) == len(reasons) - 2
    assert told(kept) == list(shared(reasons))
    assert all(word not in str(told(kept)) for word in ("磐石项目", "走访"))
