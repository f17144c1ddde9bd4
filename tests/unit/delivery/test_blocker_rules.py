from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from crm.core.lamps import Lamp, lamp_of
from crm.delivery.blockers import rules
from crm.delivery.blockers.book import Book, Category, book_problems, unpacked
from crm.delivery.blockers.rules import BlockerDraft, BlockerState, Charge, Confirmation, Way
from crm.fieldwork.chains.ladder import Rung, Told

TODAY = date(2026, 11, 25)  # a Wednesday
LATER = date(2026, 12, 9)
DRAFT = BlockerDraft("tap-00000001", "还有两户没有搬迁", "demolition", 1, 2, LATER, project_id=7)
WORD = Confirmation("李工", TODAY, Way.PHONE)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": "  "}, "blocker.title"),
        ({"project_id": None}, "blocker.subject"),
        ({"category": "weather"}, "blocker.category"),
        ({"responsible_id": 0}, "blocker.responsible"),
        ({"due_on": None}, "blocker.due"),
        ({"due_on": date(2026, 11, 24)}, "blocker.due_range"),
        ({"due_on": date(2029, 1, 1)}, "blocker.due_range"),
    ],
)
def test_a_blocker_needs_words_a_subject_somebody_and_a_day(change: dict[str, object], code: str) -> None:
    draft = replace(DRAFT, **change)  # type: ignore[arg-type]  # fields by name
    assert [one.key for one in rules.raising_problems(draft, categories={"demolition"}, today=TODAY)] == [code]


def test_an_enterprise_alone_can_have_a_blocker() -> None:
    draft = replace(DRAFT, project_id=None, enterprise_id=3)
    assert rules.raising_problems(draft, categories={"demolition"}, today=TODAY) == []


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (replace(WORD, person=" "), "blocker.person"),
        (replace(WORD, confirmed_on=None), "blocker.confirmed_on"),
        (replace(WORD, confirmed_on=date(2026, 11, 26)), "blocker.confirmed_on"),
        (replace(WORD, confirmed_on=date(2026, 11, 1)), "blocker.confirmed_on"),
        (replace(WORD, way=None), "blocker.way"),
    ],
)
def test_the_firms_word_says_who_when_and_how(word: Confirmation, code: str) -> None:
    found = rules.confirming_problems(word, raised_on=date(2026, 11, 2), today=TODAY)
    assert [one.key for one in found] == [code]


@pytest.mark.parametrize(("day", "codes"), [(date(2026, 11, 19), ["blocker.again"]), (date(2026, 11, 20), [])])
def test_sent_back_it_needs_a_new_word(day: date, codes: list[str]) -> None:
    word, again = replace(WORD, confirmed_on=day), date(2026, 11, 20)
    found = rules.confirming_problems(word, raised_on=date(2026, 11, 2), again_on=again, today=TODAY)
    assert [one.key for one in found] == codes


@pytest.mark.parametrize(
    ("closed", "reported", "due_on", "state"),
    [
        (True, True, date(2026, 1, 1), BlockerState.CLOSED),
        (False, True, date(2026, 1, 1), BlockerState.REPORTED),
        (False, False, date(2026, 11, 24), BlockerState.OVERDUE),
        (False, False, TODAY, BlockerState.OPEN),
    ],
)
def test_a_blocker_reported_as_solved_waits_and_is_not_late(
    *, closed: bool, reported: bool, due_on: date, state: BlockerState
) -> None:
    assert rules.state_of(closed=closed, reported=reported, due_on=due_on, today=TODAY) is state


@pytest.mark.parametrize(("left", "lamp"), [(-1, Lamp.RED), (0, Lamp.YELLOW), (3, Lamp.YELLOW), (4, Lamp.GREEN)])
def test_the_lamp_follows_the_days_left(left: int, lamp: Lamp) -> None:
    due_on = date.fromordinal(TODAY.toordinal() + left)
    assert [lamp_of(due_on, TODAY, closed=False), lamp_of(due_on, TODAY, closed=True)] == [lamp, Lamp.OFF]


def test_a_category_gives_its_term_in_working_days() -> None:
    assert Book().due("permits", TODAY) == date(2026, 12, 9)
    assert Book((Category("x", "某类", 3),)).due("x", date(2026, 9, 29)) == date(2026, 10, 9)  # past the holidays


def test_rules_survive_being_stored() -> None:
    book = Book((Category("a", "用水", 5, 9, active=False), Category("b", "用气")), (Rung(2, frozenset({Told.HEAD})),))
    assert unpacked(book.packed()) == book
    assert unpacked(None) == Book()


@pytest.mark.parametrize(
    ("book", "code"),
    [
        (Book(()), "blocker_rules.categories"),
        (Book((Category("a", "用水"), Category("b", "用水"))), "blocker_rules.names"),
        (Book((Category("a", "用水", 0),)), "blocker_rules.days"),
        (Book(rungs=()), "ladder.rungs"),
        (Book(rungs=(Rung(3, frozenset({Told.HEAD})), Rung(1, frozenset({Told.HEAD})))), "ladder.days"),
        (Book(rungs=(Rung(1, frozenset()),)), "ladder.told"),
    ],
)
def test_rules_that_help_nobody_are_refused(book: Book, code: str) -> None:
    assert code in [one.key for one in book_problems(book)]


def test_a_charge_without_a_person_is_refused() -> None:
    assert [one.key for one in rules.charge_problems(Charge(1, 0, LATER), today=TODAY)] == ["blocker.responsible"]
