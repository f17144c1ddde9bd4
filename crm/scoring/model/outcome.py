"""Read the outcome column of a table in its usual forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.frame import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.scoring.model.arrays import Codes, Flags

WON = frozenset(
    {"1", "1.0", "yes", "y", "true", "t", "won", "win", "closed won", "converted", "success", "positive", "signed"}
    | {"是", "成", "成功", "赢", "赢单", "已签约", "签约", "已成交", "成交", "转化", "已转化"}
)
LOST = frozenset(
    {"0", "0.0", "-1", "no", "n", "false", "f", "lost", "loss", "closed lost", "not converted", "failure", "negative"}
    | {"否", "败", "失败", "输", "输单", "未签约", "流失", "未成交", "未转化", "不成"}
)
SHOWN = 6


class UnreadableError(ValueError):
    """The outcome column cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Outcome:
    """`won` of the rows that are closed, and which `rows` of the table those are; the others are open."""

    won: Flags
    rows: Codes
    still_open: int


def outcome(key: str, texts: Sequence[str], winning: str | None = None) -> Outcome:
    """Read outcomes: 0/1, yes/no, true/false, won/lost, 是/否 …; rows with a third value count as open.

    `winning` names the value of a won lead; then every other value that is not missing is lost.
    """
    told = [text.strip().lower() for text in texts]
    values = sorted(set(told) - MISSING)
    won_words = WON if winning is None else frozenset({winning.strip().lower()})
    lost_words = LOST if winning is None else frozenset(values) - won_words
    if won_words.isdisjoint(values) or lost_words.isdisjoint(values):
        shown = "、".join(values[:SHOWN]) + ("…" if len(values) > SHOWN else "")
        message = (
            f"结果列“{key}”应有成败两种取值（如 1/0、yes/no、Won/Lost、True/False、是/否），现有：{shown or '全空'}。"
            "取值不同时请用 --won 写明哪个是成"
        )
        raise UnreadableError(message)
    rows = np.array([row for row, text in enumerate(told) if text in won_words or text in lost_words], dtype=np.int64)
    won = np.array([told[row] in won_words for row in rows], dtype=bool)
    return Outcome(won, rows, len(told) - len(rows))
