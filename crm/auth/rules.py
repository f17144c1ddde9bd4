"""Roles, permissions and scopes as data: who may do what, and on whose rows.

Source: ``docs/domain.md`` roles and separation of duties. The one who reports a figure
may not recognise it; administrators hold no business rights by that role alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class UnitKind(StrEnum):
    """Kinds of organisational unit (机构类型)."""

    BUREAU = "bureau"
    LIAISON_OFFICE = "liaison_office"
    INDUSTRY_GROUP = "industry_group"
    SQUAD = "squad"
    TOWNSHIP = "township"
    DEPARTMENT = "department"


UNIT_LABELS: dict[UnitKind, str] = {
    UnitKind.BUREAU: "局",
    UnitKind.LIAISON_OFFICE: "驻外办事处",
    UnitKind.INDUSTRY_GROUP: "产业招商组",
    UnitKind.SQUAD: "小分队",
    UnitKind.TOWNSHIP: "乡镇（街道）",
    UnitKind.DEPARTMENT: "部门",
}


class SkillKind(StrEnum):
    """Kinds of skill in the talent pool (招商人才库)."""

    LANGUAGE = "language"
    INDUSTRY = "industry"
    CERTIFICATE = "certificate"
    SKILL = "skill"


SKILL_LABELS: dict[SkillKind, str] = {
    SkillKind.LANGUAGE: "外语",
    SkillKind.INDUSTRY: "熟悉行业",
    SkillKind.CERTIFICATE: "资格证书",
    SkillKind.SKILL: "专长",
}


class Role(StrEnum):
    """Roles a person holds in a unit for a time."""

    OFFICER = "officer"
    TEAM_LEAD = "team_lead"
    REGISTRAR = "registrar"
    RECOGNIZER = "recognizer"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"


ROLE_LABELS: dict[Role, str] = {
    Role.OFFICER: "招商员",
    Role.TEAM_LEAD: "组长",
    Role.REGISTRAR: "招商办",
    Role.RECOGNIZER: "认定员",
    Role.SUPERVISOR: "督查",
    Role.LEADER: "领导",
    Role.REVIEWER: "部门会审员",
    Role.ADMINISTRATOR: "系统管理员",
}


class Permission(StrEnum):
    """Everything a route can demand, sorted."""

    ADMIN_MANAGE = "admin.manage"
    APPROVAL_RECORD = "approval.record"
    AUDIT_READ = "audit.read"
    CAMPAIGN_MANAGE = "campaign.manage"
    CASE_READ = "case.read"
    CASE_RULE = "case.rule"
    CASE_WRITE = "case.write"
    CLAIM_DECIDE = "claim.decide"
    CLAIM_RULE = "claim.rule"
    CONTACT_ERASE = "contact.erase"
    CONTACT_READ = "contact.read"
    CONTACT_REVEAL = "contact.reveal"
    CONTACT_WRITE = "contact.write"
    ENTERPRISE_BULK = "enterprise.bulk"
    ENTERPRISE_READ = "enterprise.read"
    ENTERPRISE_REMOVE = "enterprise.remove"
    ENTERPRISE_WRITE = "enterprise.write"
    EXCEPTION_DECIDE = "exception.decide"
    EXIT_SIGN = "exit.sign"
    FORCE_FORM = "force.form"
    INSTRUCTION_GIVE = "instruction.give"
    INSTRUCTION_WATCH = "instruction.watch"
    LEAD_REPORT = "lead.report"
    LEAD_TRIAGE = "lead.triage"
    LIST_IMPORT = "list.import"
    OPINION_GIVE = "opinion.give"
    PIPELINE_CONFIGURE = "pipeline.configure"
    PROJECT_KEY = "project.key"
    PROJECT_MOVE = "project.move"
    PROJECT_READ = "project.read"
    PROJECT_REVIEW = "project.review"
    PROJECT_WRITE = "project.write"
    REGISTER_EXPORT = "register.export"
    REGISTER_MERGE = "register.merge"
    REPORT_BUILD = "report.build"
    REPORT_FREEZE = "report.freeze"
    REPORT_READ = "report.read"
    RESOURCE_MANAGE = "resource.manage"
    RESOURCE_READ = "resource.read"
    SCORE_MANAGE = "score.manage"
    SCORE_OVERRIDE = "score.override"
    SCORE_PUBLISH = "score.publish"
    SIGNAL_READ = "signal.read"
    SIGNAL_TRIAGE = "signal.triage"
    SITE_INSPECT = "site.inspect"
    SOURCE_MANAGE = "source.manage"
    STAFF_MANAGE = "staff.manage"
    AGREEMENT_RECOGNIZE = "agreement.recognize"
    TARGET_MANAGE = "target.manage"
    TASK_MANAGE = "task.manage"
    TOUCH_READ = "touch.read"
    TOUCH_WRITE = "touch.write"


class Scope(StrEnum):
    """Whose rows a permission covers."""

    NONE = "none"
    OWN_UNIT = "own_unit"
    ALL = "all"


P = Permission
_READ = {
    P.CASE_READ,
    P.CONTACT_READ,
    P.ENTERPRISE_READ,
    P.LEAD_REPORT,
    P.PROJECT_READ,
    P.REPORT_READ,
    P.RESOURCE_READ,
    P.SIGNAL_READ,
    P.TOUCH_READ,
}
_FIELD = _READ | {
    P.CASE_WRITE,
    P.CONTACT_REVEAL,
    P.CONTACT_WRITE,
    P.ENTERPRISE_WRITE,
    P.PROJECT_MOVE,
    P.PROJECT_WRITE,
    P.SIGNAL_TRIAGE,
    P.TOUCH_WRITE,
}
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset(_FIELD),
    Role.TEAM_LEAD: frozenset(
        _FIELD
        | {
            P.ENTERPRISE_BULK,
            P.ENTERPRISE_REMOVE,
            P.LEAD_TRIAGE,
            P.REGISTER_EXPORT,
            P.RESOURCE_MANAGE,
            P.SCORE_OVERRIDE,
        }
    ),
    Role.REGISTRAR: frozenset(
        _FIELD
        | {
            P.APPROVAL_RECORD,
            P.CAMPAIGN_MANAGE,
            P.CASE_RULE,
            P.CLAIM_RULE,
            P.CONTACT_ERASE,
            P.ENTERPRISE_BULK,
            P.ENTERPRISE_REMOVE,
            P.EXIT_SIGN,
            P.FORCE_FORM,
            P.INSTRUCTION_GIVE,
            P.INSTRUCTION_WATCH,
            P.LEAD_TRIAGE,
            P.LIST_IMPORT,
            P.PIPELINE_CONFIGURE,
            P.PROJECT_KEY,
            P.PROJECT_REVIEW,
            P.REGISTER_EXPORT,
            P.REGISTER_MERGE,
            P.REPORT_BUILD,
            P.REPORT_FREEZE,
            P.RESOURCE_MANAGE,
            P.SCORE_MANAGE,
            P.SCORE_OVERRIDE,
            P.SCORE_PUBLISH,
            P.SITE_INSPECT,
            P.SOURCE_MANAGE,
            P.STAFF_MANAGE,
            P.TARGET_MANAGE,
            P.TASK_MANAGE,
        }
    ),
    Role.RECOGNIZER: frozenset(_READ | {P.AGREEMENT_RECOGNIZE}),
    Role.SUPERVISOR: frozenset(_READ | {P.AUDIT_READ, P.INSTRUCTION_WATCH, P.SITE_INSPECT}),
    Role.LEADER: frozenset(
        _READ
        | {
            P.CLAIM_DECIDE,
            P.EXCEPTION_DECIDE,
            P.EXIT_SIGN,
            P.FORCE_FORM,
            P.PROJECT_KEY,
            P.INSTRUCTION_GIVE,
            P.INSTRUCTION_WATCH,
            P.PROJECT_REVIEW,
            P.REGISTER_EXPORT,
            P.REPORT_FREEZE,
            P.SCORE_OVERRIDE,
            P.SCORE_PUBLISH,
            P.SITE_INSPECT,
        }
    ),
    Role.REVIEWER: frozenset({P.CASE_READ, P.CASE_WRITE, P.ENTERPRISE_READ, P.LEAD_REPORT, P.OPINION_GIVE}),
    Role.ADMINISTRATOR: frozenset({P.ADMIN_MANAGE, P.AUDIT_READ, P.LEAD_REPORT, P.SOURCE_MANAGE, P.TASK_MANAGE}),
}
ROLE_SCOPES: dict[Role, Scope] = {
    Role.OFFICER: Scope.OWN_UNIT,
    Role.TEAM_LEAD: Scope.OWN_UNIT,
    Role.REGISTRAR: Scope.ALL,
    Role.RECOGNIZER: Scope.ALL,
    Role.SUPERVISOR: Scope.ALL,
    Role.LEADER: Scope.ALL,
    Role.REVIEWER: Scope.OWN_UNIT,
    Role.ADMINISTRATOR: Scope.NONE,
}


@dataclass(frozen=True, slots=True)
class Post:
    """One role held in one unit; ``covers`` are that unit's id and those below it."""

    role: Role
    unit_id: int
    covers: frozenset[int]
    unit_name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the plain facts that permission decisions need; a token narrows them to ``only`` some."""

    user_id: int
    name: str
    posts: tuple[Post, ...]
    locale: str = "zh"
    only: frozenset[Permission] | None = None

    @property
    def unit_ids(self) -> tuple[int, ...]:
        """Units the person belongs to, main one first."""
        return tuple(dict.fromkeys(post.unit_id for post in self.posts))

    @property
    def unit_names(self) -> dict[int, str]:
        """Names of the units the person belongs to, main one first."""
        return {post.unit_id: post.unit_name for post in self.posts}

    @property
    def roles(self) -> frozenset[Role]:
        """All roles held today."""
        return frozenset(post.role for post in self.posts)

    def may(self, permission: Permission) -> bool:
        """Whether any role grants the permission."""
        if self.only is not None and permission not in self.only:
            return False
        return any(permission in ROLE_PERMISSIONS[role] for role in self.roles)

    def scope(self, permission: Permission) -> frozenset[int] | None:
        """Units whose rows the permission covers; None means all, empty means none."""
        covered: set[int] = set()
        for post in self.posts if self.only is None or permission in self.only else ():
            if permission not in ROLE_PERMISSIONS[post.role]:
                continue
            if ROLE_SCOPES[post.role] is Scope.ALL:
                return None
            covered |= post.covers
        return frozenset(covered)

    def reaches(self, permission: Permission, unit_id: int | None) -> bool:
        """Whether the permission covers rows of this unit."""
        scope = self.scope(permission)
        return scope is None or (unit_id is not None and unit_id in scope)


SYSTEM = Actor(user_id=0, name="系统", posts=())
