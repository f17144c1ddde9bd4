"""Satisfaction surveys: what one may ask, what an answer must say, how answers are counted. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

MOST_QUESTIONS, LONGEST_QUESTION = 10, 100
SCORE_LABELS: dict[int, str] = {5: "很满意", 4: "满意", 3: "一般", 2: "不满意", 1: "很不满意"}
WELL = 4  # from here on a firm is satisfied
USUAL = ("政策兑现", "审批和办事效率", "用地、用电等要素保障", "融资服务", "诉求办理", "总体评价")


@dataclass(frozen=True, slots=True)
class SurveyDraft:
    """What is typed of a survey; one question a line."""

    title: str
    questions: tuple[str, ...]
    closes_on: date


def questions_of(text: str) -> tuple[str, ...]:
    """Read one question from each line."""
    return tuple(line for line in (one.strip() for one in re.split(r"[\r\n]+", text)) if line)


def draft_problems(draft: SurveyDraft, *, today: date) -> list[Problem]:
    """Reasons why a survey cannot be opened."""
    problems = []
    if not draft.title.strip():
        problems.append(Problem("survey.title", "请填写调查名称。", "title"))
    if not 1 <= len(draft.questions) <= MOST_QUESTIONS or any(len(one) > LONGEST_QUESTION for one in draft.questions):
        problems.append(Problem("survey.questions", "请填1到10个问题，每行一个，每个最多100字。", "questions"))
    elif len(set(draft.questions)) < len(draft.questions):
        problems.append(Problem("survey.same", "有两个问题是一样的，请改掉一个。", "questions"))
    if draft.closes_on < today:
        problems.append(Problem("survey.closes", "截止日期不能早于今天。", "closes_on"))
    return problems


def answer_problems(questions: int, scores: Sequence[int | None], closes_on: date, today: date) -> list[Problem]:
    """Reasons why an answer is not taken."""
    if today > closes_on:
        return [Problem("survey.closed", "这次调查已经截止，谢谢您的关注。")]
    if len(scores) != questions or any(one not in SCORE_LABELS for one in scores):
        return [Problem("survey.scores", "每个问题都请选一项。")]
    return []


@dataclass(frozen=True, slots=True)
class Counted:
    """How one question was answered: how many said each, how many were satisfied, of how many."""

    question: str
    by_score: dict[int, int]
    well: int
    of: int


def counted(questions: Sequence[str], answers: Iterable[Sequence[int]]) -> list[Counted]:
    """Count the answers of each question."""
    rows = list(answers)
    found = []
    for place, question in enumerate(questions):
        said = Counter(row[place] for row in rows)
        well = sum(count for score, count in said.items() if score >= WELL)
        found.append(Counted(question, {score: said[score] for score in SCORE_LABELS}, well, len(rows)))
    return found
