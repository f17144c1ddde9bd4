"""Modes of the score, words for weights, and when a version may go live; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm.core.errors import Problem

FEW, ENOUGH = 10, 40
STRONGEST = 30
SHORTEST_NOTE, LONGEST_NOTE = 4, 200
WEIGHTS: tuple[tuple[str, float], ...] = (
    ("很看重", 12.0),
    ("看重", 8.0),
    ("略看重", 4.0),
    ("不计", 0.0),
    ("略扣分", -4.0),
    ("扣分", -8.0),
    ("重扣分", -12.0),
)


class Mode(StrEnum):
    """What an office may say of a score, by its signings and its dropped leads."""

    EXPERT = "expert"
    BAND = "band"
    PROBABILITY = "probability"


MODE_LABELS: dict[Mode, str] = {
    Mode.EXPERT: "专家权重，未校准",
    Mode.BAND: "数据开始参与，概率只给区间",
    Mode.PROBABILITY: "给出签约概率",
}


def mode_of(won: int, lost: int) -> Mode:
    """Under 10 signings the experts alone; from 40 won and 40 lost a probability; a band between."""
    if won < FEW:
        return Mode.EXPERT
    return Mode.PROBABILITY if min(won, lost) >= ENOUGH else Mode.BAND


def word_of(points: float) -> str:
    """Say points in the nearest word; halfway the stronger one."""
    return min(WEIGHTS, key=lambda pair: (abs(pair[1] - points), -abs(pair[1])))[0]


def points_of(word: str) -> float | None:
    """Points of a word; None when it is no word of ours."""
    return dict(WEIGHTS).get(word)


def weighed(before: float, word: str, typed: float | None) -> float:
    """Points after an edit: a number that was changed counts, else a word that was changed, else nothing changed."""
    if typed is not None and typed != before:
        return typed
    said = points_of(word)
    return before if said is None or word == word_of(before) else said


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a test on past months says of a fitted table.

    ``share``: resamples in which it had less log loss than the experts' table; ``leaks``: features that know too
    much. ``signal``: whether it does better than the base rate.
    """

    share: float
    needed: float
    signal: bool
    leaks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the table may go live."""
        return self.signal and self.share >= self.needed and not self.leaks


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that somebody wants in force: whether it is or was, who made it, what its test and preview say."""

    live: bool = False
    fitted: bool = False
    once_live: bool = False
    verdict: Verdict | None = None
    previewed: bool = False


NO_NOTE = Problem("publish.note", "请写明为什么改用这个版本，至少4个字，日后查得到。", "note")
LONG_NOTE = Problem("publish.note", "说明最多200个字，请写短一些。", "note")
IS_LIVE = Problem("publish.live", "这个版本正在使用，不用再发布。")
NO_PREVIEW = Problem("publish.preview", "请先预览谁的分数会变、变多少，再发布。")
NO_TEST = Problem("publish.test", "拟合的权重要先用本办历史检验，才能发布。")
NO_SIGNAL = Problem("publish.signal", "没有信号：在过去的月份里，它不比只看平均签约率更准，不能发布。")
NOT_BETTER = Problem(
    "publish.gate",
    "没有通过发布门槛：重复抽样只有%(share)s%%次比专家权重准，须达到%(needed)s%%。请继续用现在的版本。",
)
LEAKS = Problem("publish.leak", "有因素提前知道了结果：%(names)s。请先查清数据是什么时候记录的，再发布。")


def note_problems(note: str) -> list[Problem]:
    """Why a note does not do."""
    if len(note.strip()) < SHORTEST_NOTE:
        return [NO_NOTE]
    return [LONG_NOTE] if len(note.strip()) > LONGEST_NOTE else []


def publish_problems(candidate: Candidate, note: str) -> list[Problem]:
    """Why a version may not go live; empty means it may. What was live once may always come back."""
    if candidate.live:
        return [IS_LIVE]
    problems = note_problems(note)
    if not candidate.once_live:
        problems += [] if candidate.previewed else [NO_PREVIEW]
        problems += gate_problems(candidate) if candidate.fitted else []
    return problems


def gate_problems(candidate: Candidate) -> list[Problem]:
    """Why the gate stays shut for a fitted table."""
    verdict = candidate.verdict
    if verdict is None:
        return [NO_TEST]
    problems = []
    if verdict.leaks:
        problems.append(Problem(LEAKS.key, LEAKS.message, params={"names": "、".join(verdict.leaks)}))
    if not verdict.signal:
        problems.append(NO_SIGNAL)
    elif verdict.share < verdict.needed:
        share, needed = f"{verdict.share * 100:.1f}", f"{verdict.needed * 100:.0f}"
        problems.append(Problem(NOT_BETTER.key, NOT_BETTER.message, params={"share": share, "needed": needed}))
    return problems
