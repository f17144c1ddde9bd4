from __future__ import annotations

import numpy as np
import pytest

from crm.linking import answers_training
from crm.linking.answers_evidence import Example as Occurrence
from crm.linking.scorer import Scorer
from crm.signals import learning_training
from crm.signals.backtracking import spelled
from crm.signals.learning_data import Example
from crm.signals.learning_score import scorer, weighed
from crm.signals.office_rules_speed import too_slow

GOOD = ("公司计划投资{}亿元建设新工厂", "项目总投资{}亿元今日开工", "将在{}号地块扩建生产线")
BAD = ("公司回购股份{}万股", "季度净利润增长{}%", "第{}届运动会开工仪式")


def answers(number: int = 60) -> list[Example]:
    return [
        Example((GOOD if right else BAD)[n % 3].format(n), "CAPX", ("capx_start",) if n % 2 else (), right, n)
        for n in range(number)
        for right in (True, False)
    ]


def test_the_second_opinion_tells_good_claims_from_bad_ones_without_the_library_that_trained_it() -> None:
    trained = learning_training.train(answers())
    assert trained is not None
    numbers, figures = trained
    assert figures["f1"] > figures["rules_f1"]
    assert (figures["right"], figures["wrong"]) == (60, 60)
    score = scorer(numbers)
    assert score("拟投资8亿元建设新工厂", "CAPX", ()).chance > 0.6
    assert score("回购股份900万股", "CAPX", ()).chance < 0.4


def test_the_stored_numbers_give_what_the_trained_model_gives() -> None:
    data = answers(20)
    columns = learning_training.Columns.of(data)
    model = learning_training.fitted(columns.matrix(data), np.array([int(one.right) for one in data]))
    numbers = learning_training.numbers_of(columns, model, 1.0, 0.0)
    wanted = model.predict_proba(columns.matrix(data))[:, 1]
    score = scorer(numbers)
    assert [score(one.text, one.kind, one.rules).chance for one in data] == pytest.approx(list(wanted), abs=1e-3)


def test_too_few_answers_of_one_sort_teach_nothing() -> None:
    assert learning_training.train([one for one in answers() if one.right]) is None
    assert answers_training.train([Occurrence({"word": 1.0}, right=True, story=1)] * 50) is None


def test_known_pieces_of_a_text_have_length_one() -> None:
    found = weighed("开工开工", {"开工": 2.0, "开": 1.0, "缺": 3.0})
    assert sum(value * value for value in found.values()) == pytest.approx(1.0)
    assert weighed("无关", {"开工": 2.0}) == {}


def test_a_few_answers_move_the_weights_of_names_little_and_many_move_them_much() -> None:
    base = Scorer(0.0, {"word": 1.0, "cue_after": 0.5})
    one = Occurrence({"word": 1.0}, right=False, story=1)
    few, many = (answers_training.fit([one] * count, base).weights["word"] for count in (2, 200))
    assert 1.0 > few > 0.5
    assert many < -0.5


def test_a_slow_pattern_is_found_out_and_its_child_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.signals.office_rules_speed.LIMIT", 0.3)
    assert too_slow(["(?:投|投|投投){1,60}资$"], ["公司投资建厂。"])
    assert not too_slow(["投资[^。]{0,20}工厂"], ["公司投资建设工厂。"])


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [(r"\u6295产(?:A，|x)", ["投产", "a，"]), ("[甲乙]丙{2}", ["甲乙", "丙"]), ("KLM工厂", ["klm工厂"])],
)
def test_hard_texts_are_made_of_the_characters_a_pattern_means_however_it_writes_them(
    pattern: str, texts: list[str]
) -> None:
    assert set(texts) <= set(spelled(pattern))
