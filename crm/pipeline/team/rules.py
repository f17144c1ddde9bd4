"""Who answers for a signed project: four roles, two leading units, task forces. Pure.

Source: practice of the trade: from signing on each project has one leader, one leading unit, one person in charge and
one assistant; the department of the trade and the township of the site lead together (双牵头).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from crm.core.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date


class TeamRole(StrEnum):
    """What must be filled from signing on."""

    LEADER = "leader"
    LEAD_UNIT = "lead_unit"
    MANAGER = "manager"
    ASSISTANT = "assistant"
    INDUSTRY_UNIT = "industry_unit"
    TERRITORY_UNIT = "territory_unit"


TEAM_LABELS: dict[TeamRole, str] = {
    TeamRole.LEADER: "分包领导",
    TeamRole.LEAD_UNIT: "牵头单位",
    TeamRole.MANAGER: "项目负责人",
    TeamRole.ASSISTANT: "项目助理",
    TeamRole.INDUSTRY_UNIT: "行业主管部门",
    TeamRole.TERRITORY_UNIT: "属地乡镇",
}
UNIT_ROLES = frozenset({TeamRole.LEAD_UNIT, TeamRole.INDUSTRY_UNIT, TeamRole.TERRITORY_UNIT})


@dataclass(frozen=True, slots=True)
class Seat:
    """A role as typed: a person or a unit, from a day."""

    role: TeamRole
    holder_id: int
    valid_from: date


def missing(filled: Iterable[str]) -> list[TeamRole]:
    """Roles nobody holds."""
    held = set(filled)
    return [role for role in TeamRole if role not in held]


def seat_problems(seat: Seat, *, since: date | None, today: date) -> list[Problem]:
    """Reasons why a role cannot be given; ``since`` is the day from which its present holder has it."""
    if seat.valid_from > today:
        return [Problem("team.future", "起始日期不能晚于今天。", "valid_from")]
    if since is not None and seat.valid_from < since:
        return [Problem("team.early", "起始日期不能早于前任的起始日期。", "valid_from")]
    return []


def clash_problems(role: TeamRole, holder_id: int, held: dict[TeamRole, int]) -> list[Problem]:
    """One person cannot be both in charge and the assistant; one unit cannot lead from both sides."""
    pairs = ((TeamRole.MANAGER, TeamRole.ASSISTANT), (TeamRole.INDUSTRY_UNIT, TeamRole.TERRITORY_UNIT))
    for one, other in pairs:
        twin = other if role is one else one if role is other else None
        if twin is not None and held.get(twin) == holder_id:
            text = "“%(one)s”和“%(other)s”不能是同一个。"
            return [Problem("team.clash", text, "holder", {"one": TEAM_LABELS[one], "other": TEAM_LABELS[other]})]
    return []


class ForceRole(StrEnum):
    """What a person does in a task force; who heads it is its head, whatever the role."""

    LEADER = "leader"
    DEPARTMENT = "department"
    LIAISON = "liaison"
    MEMBER = "member"


FORCE_LABELS: dict[ForceRole, str] = {
    ForceRole.LEADER: "挂帅领导",
    ForceRole.DEPARTMENT: "部门责任人",
    ForceRole.LIAISON: "联络员",
    ForceRole.MEMBER: "成员",
}


@dataclass(frozen=True, slots=True)
class ForceDraft:
    """A task force (专班) as typed; 0 for a sponsoring leader or a liaison nobody was named as."""

    name: str
    purpose: str
    leader_id: int
    starts_on: date
    ends_on: date | None = None
    member_ids: tuple[int, ...] = ()
    sponsor_id: int = 0
    liaison_id: int = 0

    @property
    def roles(self) -> dict[int, ForceRole]:
        """Everybody of the force with what they do; the head is a member like others."""
        found = dict.fromkeys((self.leader_id, *self.member_ids), ForceRole.MEMBER)
        found |= {self.sponsor_id: ForceRole.LEADER} if self.sponsor_id else {}
        return found | ({self.liaison_id: ForceRole.LIAISON} if self.liaison_id else {})


def force_problems(draft: ForceDraft) -> list[Problem]:
    """Reasons why a task force cannot be formed."""
    problems = [] if draft.name.strip() else [Problem("force.name", "请填写专班名称。", "name")]
    if not draft.purpose.strip():
        problems.append(Problem("force.purpose", "请写明专班的任务。", "purpose"))
    if draft.ends_on is not None and draft.ends_on < draft.starts_on:
        problems.append(Problem("force.ends_on", "结束日期不能早于开始日期。", "ends_on"))
    return problems
