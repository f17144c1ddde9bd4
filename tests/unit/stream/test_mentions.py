"""Whom a comment calls: the longest name, namesakes told apart, nobody who may not see."""

from __future__ import annotations

from crm.stream.rules import KINDS, LONGEST, Hearer, body_problems, called, kinds_of, labels

SEES = labels(
    [
        Hearer(1, "陈晓", "长三角小分队"),
        Hearer(2, "陈晓东", "招商局"),
        Hearer(3, "张伟", "一组"),
        Hearer(4, "张伟", "二组"),
    ]
)
OTHERS = frozenset({"陈晓", "陈晓东", "张伟", "何川"})


def keys(body: str) -> list[str]:
    return [problem.key for problem in called(body, SEES, OTHERS).problems]


def test_the_longest_name_behind_the_sign_is_called() -> None:
    assert called("@陈晓东请看，@陈晓 也看", SEES, OTHERS).ids == {1, 2}
    assert called("＠陈晓请看", SEES, OTHERS).ids == {1}


def test_namesakes_are_told_apart_by_their_unit() -> None:
    assert called("@张伟（二组） 请办", SEES, OTHERS).ids == {4}
    assert keys("@张伟 请办") == ["mention.several"]


def test_who_may_not_see_is_not_called() -> None:
    assert keys("请@何川看") == ["mention.blind"]


def test_a_sign_before_anything_else_is_text() -> None:
    assert called("a@b.example，@所有人，@", SEES, OTHERS) == called("", SEES, OTHERS)


def test_a_comment_needs_words_and_an_end() -> None:
    assert [one.key for one in body_problems(" \n")] == ["comment.body"]
    assert [one.key for one in body_problems("长" * (LONGEST + 1))] == ["comment.long"]
    assert body_problems("好") == []


def test_every_kind_of_line_is_kept_by_exactly_one_filter() -> None:
    assert kinds_of("") == KINDS == kinds_of("nonsense")
    assert kinds_of("talk") == {"comment", "note"}
