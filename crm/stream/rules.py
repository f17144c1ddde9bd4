"""What a comment may be, whom it calls, and how a stream is narrowed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONGEST = 2000
MOST_MENTIONS = 20
MOST_PINS = 5
SIGN = re.compile(r"[@＠]")

# How a stream is narrowed: the key of the address, its name, the kinds of line it keeps.
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "touch": ("走访接洽", ("touch",)),
    "stage": ("项目推进", ("stage", "event")),
    "paper": (
        "文书批示",
        (
            "review",
            "opinion",
            "deferral",
            "approval",
            "step",
            "agreement",
            "recognized",
            "instruction",
            "reply",
            "exception",
            "ruling",
        ),
    ),
    "signal": ("动态信息", ("signal",)),
    "todo": ("待办", ("planned", "done")),
    "change": ("资料变更", ("change", "update")),
    "talk": ("评论备注", ("comment", "note")),
}
KINDS = frozenset(kind for _name, kinds in GROUPS.values() for kind in kinds)


@dataclass(frozen=True, slots=True)
class Hearer:
    """A person who may be called: by the plain name if nobody else has it, else by name and unit."""

    user_id: int
    name: str
    unit: str = ""

    @property
    def full(self) -> str:
        """Return the name that tells the person from namesakes."""
        return f"{self.name}（{self.unit}）" if self.unit else self.name


@dataclass(frozen=True, slots=True)
class Called:
    """Whom a text calls, and why it cannot call some of them."""

    ids: frozenset[int]
    problems: tuple[Problem, ...]


def kinds_of(group: str) -> frozenset[str]:
    """Return the kinds of line a filter keeps; all of them without one."""
    return frozenset(GROUPS[group][1]) if group in GROUPS else KINDS


def body_problems(body: str) -> list[Problem]:
    """Reasons why a comment cannot be kept."""
    if not body.strip():
        return [Problem("comment.body", "请写下要说的内容。", "body")]
    if len(body) > LONGEST:
        return [Problem("comment.long", "评论最多2000字，请分成几条或写成附件。", "body")]
    return []


def labels(hearers: Iterable[Hearer]) -> dict[str, tuple[int, ...]]:
    """Return what people are called, each with whom it may mean: a plain name may mean several."""
    found: dict[str, tuple[int, ...]] = {}
    for one in hearers:
        for name in dict.fromkeys((one.name, one.full)):
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), one.user_id)))
    return found


def called(body: str, may_see: Mapping[str, tuple[int, ...]], others: frozenset[str]) -> Called:
    """Read the ``@`` of a text: the longest name behind each counts.

    ``may_see`` are the names of those who may see the subject, ``others`` those of everybody else in the office;
    an ``@`` before anything else is plain text.
    """
    ids: set[int] = set()
    problems: dict[str, Problem] = {}
    longest = max((len(name) for name in (*may_see, *others)), default=0)
    for sign in SIGN.finditer(body):
        rest = body[sign.end() : sign.end() + longest]
        starts = [rest[:length] for length in range(len(rest), 0, -1)]
        name = next((start for start in starts if start in may_see or start in others), "")
        if name in may_see and len(may_see[name]) == 1:
            ids |= set(may_see[name])
        elif name in may_see:
            text = "叫“%(name)s”的有%(count)s人，请从列表里选，姓名后面带单位。"
            problems[name] = Problem("mention.several", text, "body", {"name": name, "count": len(may_see[name])})
        elif name:
            text = "“%(name)s”看不到这里的内容，不能提醒；请去掉“@”，或先请负责人给查看权限。"
            problems[name] = Problem("mention.blind", text, "body", {"name": name})
    if len(ids) > MOST_MENTIONS:
        problems[""] = Problem("mention.many", "一条评论最多提醒20个人。", "body")
    return Called(frozenset(ids), tuple(problems.values()))
