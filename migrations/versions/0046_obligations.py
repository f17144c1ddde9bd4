"""Obligations that are measured, payouts, letters to investors, exit cases, carriers offered again.

Revision ID: 0046
Revises: 0045
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = (
    "obligation_term",
    "payout_need",
    "obligation_record",
    "payout",
    "delivery_letter",
    "exit_case",
    "exit_step",
    "exit_reversal",
    "carrier_reoffer",
)
DUTIES = "capital intensity start production output tax jobs land utilities payout other"
STEPS = "remind rectify propose return terminate resolve"
RULES = (
    "source", "local", "fiscal", "branch", "extraction", "estate", "retail", "phase", "relocation", "floor", "late",
    "unregistered", "unreported", "rush",
)  # fmt: skip
COUNTED = ("counting_ruling", "counting_mark")


def upgrade() -> None:
    """Build it."""
    _obligation_up()
    _letter_up()
    _exit_up()
    _reoffer_up()
    for table in COUNTED:
        _rules(table, RULES, (*RULES, "ended"))


def downgrade() -> None:
    """Take it away; marks and rulings of the new rule go with it."""
    op.execute("DELETE FROM counting_mark WHERE rule = 'ended'")
    op.execute("DELETE FROM counting_ruling WHERE rule = 'ended'")
    for table in COUNTED:
        _rules(table, (*RULES, "ended"), RULES)
    for table in reversed(TABLES):
        op.drop_table(table)


def _rules(table: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change which rules the CHECK knows, on SQLite by its documented way for a CHECK."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(f"ck_{table}_rule"), table)
        op.create_check_constraint(op.f(f"ck_{table}_rule"), table, f"rule IN ({_quoted(after)})")
        return
    change = "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :table"
    op.execute("PRAGMA writable_schema = ON")
    values = {"before": f"({_quoted(before)})", "after": f"({_quoted(after)})", "table": table}
    op.get_bind().execute(sa.text(change), values)
    op.execute("PRAGMA writable_schema = RESET")


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)


def _who(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f(f"fk_{table}_by"))


def _obligation_up() -> None:
    op.create_table(
        "obligation_term",
        sa.Column("obligation_id", BIG, nullable=False, autoincrement=False),
        sa.Column("kind", _enum("kind", DUTIES), nullable=False),
        sa.Column("amount", sa.BigInteger()),
        sa.Column("currency", sa.String(40), nullable=False, server_default="CNY"),
        sa.Column("original_amount", sa.BigInteger()),
        sa.Column("rate", sa.BigInteger()),
        sa.Column("rate_on", sa.Date()),
        sa.Column("rate_source", sa.String(200)),
        sa.Column("clause_id", BIG),
        sa.Column("met_on", sa.Date()),
        sa.CheckConstraint("amount IS NULL OR amount > 0", name=op.f("ck_obligation_term_amount")),
        sa.CheckConstraint("(currency = 'CNY') = (rate IS NULL)", name=op.f("ck_obligation_term_rate")),
        sa.CheckConstraint(
            "(rate IS NULL) = (original_amount IS NULL) AND (rate IS NULL) = (rate_on IS NULL) "
            "AND (rate IS NULL) = (rate_source IS NULL)",
            name=op.f("ck_obligation_term_rate_used"),
        ),
        sa.CheckConstraint("kind = 'payout' OR clause_id IS NULL", name=op.f("ck_obligation_term_clause")),
        sa.ForeignKeyConstraint(["clause_id"], ["policy_clause.id"], name=op.f("fk_obligation_term_clause_id")),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name=op.f("fk_obligation_term_obligation_id")),
        sa.PrimaryKeyConstraint("obligation_id", name=op.f("pk_obligation_term")),
    )
    op.create_index(op.f("ix_obligation_term_clause_id"), "obligation_term", ["clause_id"])
    op.create_table(
        "payout_need",
        sa.Column("payout_id", BIG, nullable=False, autoincrement=False),
        sa.Column("needs_id", BIG, nullable=False, autoincrement=False),
        sa.CheckConstraint("payout_id <> needs_id", name=op.f("ck_payout_need_itself")),
        sa.ForeignKeyConstraint(["needs_id"], ["obligation.id"], name=op.f("fk_payout_need_needs_id")),
        sa.ForeignKeyConstraint(["payout_id"], ["obligation.id"], name=op.f("fk_payout_need_payout_id")),
        sa.PrimaryKeyConstraint("payout_id", "needs_id", name=op.f("pk_payout_need")),
    )
    op.create_index(op.f("ix_payout_need_needs_id"), "payout_need", ["needs_id"])
    op.create_table(
        "obligation_record",
        sa.Column("id", BIG, nullable=False),
        sa.Column("obligation_id", BIG, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("value", sa.BigInteger()),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("value IS NULL OR value >= 0", name=op.f("ck_obligation_record_value")),
        _who("obligation_record"),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name=op.f("fk_obligation_record_obligation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation_record")),
    )
    op.create_index("ix_obligation_record_obligation_id", "obligation_record", ["obligation_id", "id"])
    op.create_table(
        "payout",
        sa.Column("id", BIG, nullable=False),
        sa.Column("obligation_id", BIG, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("voucher", sa.String(80), nullable=False),
        sa.Column("needs_met_on", sa.Date(), nullable=False),
        sa.Column("review_basis", sa.Text(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payout_amount")),
        sa.CheckConstraint("paid_on >= needs_met_on", name=op.f("ck_payout_unlocked")),
        _who("payout"),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligation.id"], name=op.f("fk_payout_obligation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("voucher", name=op.f("uq_payout_voucher")),
    )
    op.create_index("ix_payout_obligation_id", "payout", ["obligation_id", "id"])


def _letter_up() -> None:
    op.create_table(
        "delivery_letter",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", "deposit capital remind rectify terminate"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("addressee", sa.String(200), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_delivery_letter_seq")),
        sa.CheckConstraint('due_on IS NULL OR due_on > "on"', name=op.f("ck_delivery_letter_due")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_delivery_letter_digest")),
        _who("delivery_letter"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_delivery_letter_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_letter")),
        sa.UniqueConstraint("year", "seq", name=op.f("uq_delivery_letter_year_seq")),
    )
    op.create_index("ix_delivery_letter_project_id", "delivery_letter", ["project_id", "id"])


def _exit_up() -> None:
    op.create_table(
        "exit_case",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("cause", _enum("cause", "deposit milestone"), nullable=False),
        sa.Column("grounds", JSON, nullable=False),
        sa.Column("last", _enum("last", STEPS), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("opened_by", BIG, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("proposed_by", BIG),
        sa.Column("signed_by", BIG),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("signed_by IS NULL OR signed_by <> proposed_by", name=op.f("ck_exit_case_second")),
        sa.CheckConstraint("last <> 'terminate' OR signed_by IS NOT NULL", name=op.f("ck_exit_case_signed")),
        sa.CheckConstraint(
            "(last IN ('terminate', 'resolve')) = (closed_on IS NOT NULL)", name=op.f("ck_exit_case_closed")
        ),
        *(
            sa.ForeignKeyConstraint([name], ["user_account.id"], name=op.f(f"fk_exit_case_{name}"))
            for name in ("opened_by", "proposed_by", "signed_by")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_exit_case_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exit_case")),
    )
    op.create_index(op.f("ix_exit_case_project_id"), "exit_case", ["project_id"])
    op.create_index("ix_exit_case_closed_on_id", "exit_case", ["closed_on", "id"])
    op.create_index(
        "uq_exit_case_open",
        "exit_case",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "exit_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", STEPS), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("letter_id", BIG),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _who("exit_step"),
        sa.ForeignKeyConstraint(["case_id"], ["exit_case.id"], name=op.f("fk_exit_step_case_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["delivery_letter.id"], name=op.f("fk_exit_step_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exit_step")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_exit_step_letter_id")),
    )
    op.create_index("ix_exit_step_case_id", "exit_step", ["case_id"])
    op.create_table(
        "exit_reversal",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("kind", _enum("kind", "contract capital stage"), nullable=False),
        sa.Column("ref_id", BIG, nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("amount", sa.BigInteger()),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["exit_case.id"], name=op.f("fk_exit_reversal_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exit_reversal")),
    )
    op.create_index("ix_exit_reversal_case_id", "exit_reversal", ["case_id"])


def _reoffer_up() -> None:
    op.create_table(
        "carrier_reoffer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("carrier_id", BIG, nullable=False),
        sa.Column("hold_id", BIG, nullable=False),
        sa.Column("area", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("taken_on", sa.Date()),
        sa.Column("by", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("area > 0", name=op.f("ck_carrier_reoffer_area")),
        _who("carrier_reoffer"),
        sa.ForeignKeyConstraint(["carrier_id"], ["carrier.id"], name=op.f("fk_carrier_reoffer_carrier_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["carrier_hold.id"], name=op.f("fk_carrier_reoffer_hold_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_reoffer")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_carrier_reoffer_hold_id")),
    )
    op.create_index("ix_carrier_reoffer_carrier_id", "carrier_reoffer", ["carrier_id", "taken_on"])
