"""Pre-admission review, approval chain, leader instructions.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = (
    "instruction_reply",
    "instruction",
    "readiness_check",
    "consultation",
    "clause_finding",
    "incentive_clause",
    "approval_step",
    "approval",
    "case_decision",
    "board_vote",
    "board_recusal",
    "score_line",
    "opinion_answer",
    "opinion_notice",
    "opinion",
    "review_case",
    "board_member",
)

ROLES = ("officer", "team_lead", "registrar", "recognizer", "supervisor", "leader", "administrator")
REVIEWER = "reviewer"


def set_roles(*roles: str) -> None:
    """Let the roster know these roles; SQLite builds the table anew, because it cannot change a CHECK."""
    rule = "role IN ({})".format(", ".join(f"'{role}'" for role in roles))
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_roster_role"), "roster")
        op.create_check_constraint(op.f("ck_roster_role"), "roster", rule)
        return
    op.create_table(
        "roster_new",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(rule, name=op.f("ck_roster_role")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_roster_validity")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_roster_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_roster_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster")),
    )
    op.execute("INSERT INTO roster_new SELECT id, user_id, unit_id, role, valid_from, valid_to FROM roster")
    op.drop_table("roster")
    op.rename_table("roster_new", "roster")
    op.create_index(op.f("ix_roster_unit_id"), "roster", ["unit_id"])
    op.create_index(op.f("ix_roster_user_id"), "roster", ["user_id"])
    unique = ["user_id", "unit_id", "role", "valid_from"]
    op.create_index("uq_roster_user_id_unit_id_role_valid_from", "roster", unique, unique=True)


def upgrade() -> None:
    """Build it."""
    set_roles(*ROLES, REVIEWER)
    op.create_table(
        "board_member",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("chair", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("added_by", BIG, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_board_member_validity")),
        sa.ForeignKeyConstraint(["added_by"], ["user_account.id"], name=op.f("fk_board_member_added_by")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_board_member_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_member")),
        sa.UniqueConstraint("user_id", "valid_from", name=op.f("uq_board_member_user_id_valid_from")),
    )
    op.create_table(
        "review_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "passed", "failed", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("sitting", sa.Integer(), nullable=False),
        sa.Column("decision_due", sa.Date(), nullable=False),
        sa.Column("annual_tax", sa.BigInteger(), nullable=True),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("opened_by", BIG, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_id", BIG, nullable=True),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_review_case_closed_at")),
        sa.CheckConstraint("(state = 'open') = (review_id IS NULL)", name=op.f("ck_review_case_review")),
        sa.CheckConstraint("annual_tax IS NULL OR annual_tax >= 0", name=op.f("ck_review_case_annual_tax")),
        sa.CheckConstraint("sitting > 0", name=op.f("ck_review_case_sitting")),
        sa.ForeignKeyConstraint(["opened_by"], ["user_account.id"], name=op.f("fk_review_case_opened_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_review_case_project_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_case_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_case")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_review_case_project_id_number")),
        sa.UniqueConstraint("review_id", name=op.f("uq_review_case_review_id")),
    )
    op.create_index(op.f("ix_review_case_state_decision_due"), "review_case", ["state", "decision_due"], unique=False)
    op.create_index(
        "uq_review_case_open",
        "review_case",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "opinion",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("department_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_by", BIG, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "dimension IN ('law', 'industry_policy', 'admission', 'planning', 'environment', 'economy')",
            name=op.f("ck_opinion_dimension"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], name=op.f("fk_opinion_asked_by")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_opinion_case_id")),
        sa.ForeignKeyConstraint(["department_id"], ["org_unit.id"], name=op.f("fk_opinion_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("case_id", "dimension", name=op.f("uq_opinion_case_id_dimension")),
        sa.UniqueConstraint("id", "dimension", name=op.f("uq_opinion_id_dimension")),
    )
    op.create_index(op.f("ix_opinion_department_id_due_on"), "opinion", ["department_id", "due_on"], unique=False)
    op.create_table(
        "opinion_notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("opinion_id", BIG, nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "official",
                "in_person",
                "phone",
                "system",
                name="way",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_opinion_notice_by")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_opinion_notice_opinion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_notice")),
        sa.UniqueConstraint("id", "opinion_id", name=op.f("uq_opinion_notice_id_opinion_id")),
    )
    op.create_index(op.f("ix_opinion_notice_opinion_id"), "opinion_notice", ["opinion_id"], unique=False)
    op.create_table(
        "opinion_answer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("opinion_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "pass",
                "fail",
                "conditional",
                "deemed",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("responsible_id", BIG, nullable=True),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(verdict = 'deemed') = (notice_id IS NOT NULL)", name=op.f("ck_opinion_answer_notice")),
        sa.CheckConstraint(
            "(verdict = 'deemed') = (responsible_id IS NOT NULL)", name=op.f("ck_opinion_answer_responsible")
        ),
        sa.CheckConstraint(
            "verdict <> 'conditional' OR conditions IS NOT NULL", name=op.f("ck_opinion_answer_conditions")
        ),
        sa.CheckConstraint(
            "verdict <> 'deemed' OR dimension NOT IN ('law', 'planning', 'environment')",
            name=op.f("ck_opinion_answer_never_statutory"),
        ),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_opinion_answer_by")),
        sa.ForeignKeyConstraint(
            ["notice_id", "opinion_id"],
            ["opinion_notice.id", "opinion_notice.opinion_id"],
            name=op.f("fk_opinion_answer_notice_id_opinion_id"),
        ),
        sa.ForeignKeyConstraint(
            ["opinion_id", "dimension"],
            ["opinion.id", "opinion.dimension"],
            name=op.f("fk_opinion_answer_opinion_id_dimension"),
        ),
        sa.ForeignKeyConstraint(["responsible_id"], ["user_account.id"], name=op.f("fk_opinion_answer_responsible_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_answer")),
    )
    op.create_index(op.f("ix_opinion_answer_opinion_id_id"), "opinion_answer", ["opinion_id", "id"], unique=False)
    op.create_table(
        "score_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("criterion", sa.String(length=40), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_score_line_points")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_score_line_by")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_score_line_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_line")),
    )
    op.create_index(op.f("ix_score_line_case_id_criterion"), "score_line", ["case_id", "criterion"], unique=False)
    op.create_table(
        "board_recusal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_board_recusal_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_board_recusal_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_recusal")),
        sa.UniqueConstraint("case_id", "user_id", name=op.f("uq_board_recusal_case_id_user_id")),
    )
    op.create_table(
        "board_vote",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("sitting", sa.Integer(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column(
            "ballot",
            sa.Enum(
                "agree", "disagree", "abstain", name="ballot", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_board_vote_case_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_board_vote_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_vote")),
        sa.UniqueConstraint("case_id", "sitting", "user_id", name=op.f("uq_board_vote_case_id_sitting_user_id")),
    )
    op.create_table(
        "case_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("sitting", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("pass", "fail", "defer", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("minutes_no", sa.String(length=80), nullable=False),
        sa.Column("minutes_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("override", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("tally", JSON, nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(outcome = 'defer') = (due_on IS NOT NULL)", name=op.f("ck_case_decision_due_on")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_case_decision_by")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_case_decision_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_decision")),
        sa.UniqueConstraint("case_id", "sitting", name=op.f("uq_case_decision_case_id_sitting")),
    )
    op.create_table(
        "approval",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "full",
                "policy",
                "investment",
                "land",
                "framework",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("framework", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("running", "done", "withdrawn", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "station",
            sa.Enum(
                "legality",
                "fair",
                "consult",
                "readiness",
                "soe_board",
                "invest_board",
                "city",
                "standing",
                "committee",
                "land_board",
                name="station_key",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("station_since", sa.Date(), nullable=False),
        sa.Column("chain", JSON, nullable=False),
        sa.Column("checklist", JSON, nullable=False),
        sa.Column("started_by", BIG, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'running') = (closed_at IS NULL)", name=op.f("ck_approval_closed_at")),
        sa.CheckConstraint("(state = 'running') = (station IS NOT NULL)", name=op.f("ck_approval_station")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_approval_project_id")),
        sa.ForeignKeyConstraint(["started_by"], ["user_account.id"], name=op.f("fk_approval_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_approval_project_id_number")),
    )
    op.create_index(
        op.f("ix_approval_state_station_since_id"), "approval", ["state", "station_since", "id"], unique=False
    )
    op.create_index(
        "uq_approval_running",
        "approval",
        ["project_id", "framework"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "approval_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("approval_id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column(
            "station",
            sa.Enum(
                "legality",
                "fair",
                "consult",
                "readiness",
                "soe_board",
                "invest_board",
                "city",
                "standing",
                "committee",
                "land_board",
                name="station",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "result",
            sa.Enum("passed", "returned", name="result", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "back_to",
            sa.Enum(
                "legality",
                "fair",
                "consult",
                "readiness",
                "soe_board",
                "invest_board",
                "city",
                "standing",
                "committee",
                "land_board",
                name="back_to_key",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("minutes_no", sa.String(length=80), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(result = 'returned') = (back_to IS NOT NULL)", name=op.f("ck_approval_step_back_to")),
        sa.CheckConstraint(
            "station NOT IN ('soe_board', 'invest_board', 'city', 'standing', 'committee', 'land_board')"
            " OR minutes_no IS NOT NULL",
            name=op.f("ck_approval_step_minutes_no"),
        ),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_approval_step_approval_id")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_approval_step_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_approval_step_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_step")),
        sa.UniqueConstraint(
            "project_id",
            "station",
            "year",
            "minutes_no",
            name=op.f("uq_approval_step_project_id_station_year_minutes_no"),
        ),
    )
    op.create_index(op.f("ix_approval_step_approval_id_id"), "approval_step", ["approval_id", "id"], unique=False)
    op.create_table(
        "incentive_clause",
        sa.Column("id", BIG, nullable=False),
        sa.Column("approval_id", BIG, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_incentive_clause_approval_id")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_incentive_clause_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incentive_clause")),
    )
    op.create_index(op.f("ix_incentive_clause_approval_id"), "incentive_clause", ["approval_id"], unique=False)
    op.create_table(
        "clause_finding",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clause_id", BIG, nullable=False),
        sa.Column(
            "finding",
            sa.Enum(
                "ok",
                "not_allowed",
                "needs_change",
                "struck",
                name="finding",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_clause_finding_by")),
        sa.ForeignKeyConstraint(["clause_id"], ["incentive_clause.id"], name=op.f("fk_clause_finding_clause_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause_finding")),
    )
    op.create_index(op.f("ix_clause_finding_clause_id_id"), "clause_finding", ["clause_id", "id"], unique=False)
    op.create_table(
        "consultation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("approval_id", BIG, nullable=False),
        sa.Column("department_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_by", BIG, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "stance",
            sa.Enum("agree", "suggest", "object", name="stance", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("answered_by", BIG, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(stance IS NULL) = (answered_at IS NULL)", name=op.f("ck_consultation_answered_at")),
        sa.CheckConstraint("(stance IS NULL) = (answered_by IS NULL)", name=op.f("ck_consultation_answered_by")),
        sa.ForeignKeyConstraint(["answered_by"], ["user_account.id"], name=op.f("fk_consultation_answered_by")),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_consultation_approval_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], name=op.f("fk_consultation_asked_by")),
        sa.ForeignKeyConstraint(["department_id"], ["org_unit.id"], name=op.f("fk_consultation_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("approval_id", "department_id", name=op.f("uq_consultation_approval_id_department_id")),
    )
    op.create_table(
        "readiness_check",
        sa.Column("id", BIG, nullable=False),
        sa.Column("approval_id", BIG, nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column(
            "readiness",
            sa.Enum(
                "ready", "not_needed", "open", name="readiness", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_readiness_check_approval_id")),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_readiness_check_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_check")),
    )
    op.create_index(op.f("ix_readiness_check_approval_id_id"), "readiness_check", ["approval_id", "id"], unique=False)
    op.create_table(
        "instruction",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=True),
        sa.Column("enterprise_id", BIG, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "urgency",
            sa.Enum("normal", "urgent", "top", name="urgency", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("paper_no", sa.String(length=80), nullable=True),
        sa.Column("leader_id", BIG, nullable=False),
        sa.Column("given_by", BIG, nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "reported", "closed", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_instruction_closed_at")),
        sa.CheckConstraint("(project_id IS NULL) <> (enterprise_id IS NULL)", name=op.f("ck_instruction_subject")),
        sa.CheckConstraint("given_by = leader_id OR paper_no IS NOT NULL", name=op.f("ck_instruction_paper_no")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_instruction_enterprise_id")),
        sa.ForeignKeyConstraint(["given_by"], ["user_account.id"], name=op.f("fk_instruction_given_by")),
        sa.ForeignKeyConstraint(["leader_id"], ["user_account.id"], name=op.f("fk_instruction_leader_id")),
        sa.ForeignKeyConstraint(["person_id"], ["user_account.id"], name=op.f("fk_instruction_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_instruction_project_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_instruction_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction")),
    )
    op.create_index(op.f("ix_instruction_enterprise_id"), "instruction", ["enterprise_id"], unique=False)
    op.create_index(op.f("ix_instruction_project_id"), "instruction", ["project_id"], unique=False)
    op.create_index(op.f("ix_instruction_state_due_on_id"), "instruction", ["state", "due_on", "id"], unique=False)
    op.create_index(op.f("ix_instruction_unit_id_state"), "instruction", ["unit_id", "state"], unique=False)
    op.create_table(
        "instruction_reply",
        sa.Column("id", BIG, nullable=False),
        sa.Column("instruction_id", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "progress",
                "done",
                "accepted",
                "refused",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_instruction_reply_by")),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["instruction.id"], name=op.f("fk_instruction_reply_instruction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction_reply")),
    )
    op.create_index(
        op.f("ix_instruction_reply_instruction_id_id"), "instruction_reply", ["instruction_id", "id"], unique=False
    )


def downgrade() -> None:
    """Take it away."""
    for table in TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM roster WHERE role = 'reviewer'")
    set_roles(*ROLES)
