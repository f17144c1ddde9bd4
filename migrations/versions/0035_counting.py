"""What counting rules ask of a project and an agreement, and what they decided; the same paper is used once.

What the check of a template found is kept with it.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
AREAS = "'abroad', 'other_province', 'other_city', 'other_county', 'local'"
RULES = "source local fiscal branch extraction estate retail phase relocation floor late unregistered unreported rush"
PAPER_INDEX = "uq_capital_voucher_paper"
UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
BLANKS = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164") | {chr(one) for one in range(0xFE00, 0xFE10)}
BEFORE = ("open", "same", "different", "expansion")
AFTER = (*BEFORE, "upgrade", "owner")
TABLES = ("counting_edition", "counting_ruling", "counting_mark")


def upgrade() -> None:
    """Build it."""
    _counting_edition_up()
    _counting_ruling_up()
    _counting_mark_up()
    check = f"CONSTRAINT ck_agreement_source_area CHECK (source_area IN ({AREAS}))"
    op.execute(f"ALTER TABLE agreement ADD COLUMN source_area VARCHAR(40) {check}")
    live = sa.text("state IN ('waiting', 'recognised')")
    for column in ("number_key", "payer_key"):
        op.add_column("capital_voucher", sa.Column(column, sa.String(200), nullable=False, server_default=""))
    _fold_vouchers()
    paper = ["number_key", "arrived_on", "payer_key"]
    op.create_index(PAPER_INDEX, "capital_voucher", paper, unique=True, sqlite_where=live, postgresql_where=live)
    op.add_column("office_template", sa.Column("checked", JSON))
    _states(BEFORE, AFTER)


def downgrade() -> None:
    """Take it away; rulings of the new kinds become those of another project."""
    op.execute("UPDATE project_repeat SET state = 'different' WHERE state IN ('upgrade', 'owner')")
    _states(AFTER, BEFORE)
    op.execute("ALTER TABLE office_template DROP COLUMN checked")
    op.drop_index(PAPER_INDEX, "capital_voucher")
    for column in ("payer_key", "number_key"):
        op.execute(f"ALTER TABLE capital_voucher DROP COLUMN {column}")
    op.execute("ALTER TABLE agreement DROP COLUMN source_area")
    for table in reversed(TABLES):
        op.drop_table(table)


def _fold_vouchers() -> None:
    """Fold what is there; where a paper was used twice already, both stay and the earlier one keeps its key."""
    text, ident = sa.String(), sa.BigInteger()
    voucher = sa.table(
        "capital_voucher",
        *(sa.column(name, text) for name in ("number", "payer", "number_key", "payer_key", "state")),
        sa.column("id", ident),
        sa.column("arrived_on", sa.Date()),
    )
    shown = voucher.c
    rows = sa.select(shown.id, shown.number, shown.payer, shown.arrived_on, shown.state).order_by(shown.id)
    taken: set[tuple[object, ...]] = set()
    found = []
    for row in op.get_bind().execute(rows).all():
        number, payer = _folded(row.number), _folded(row.payer)
        if row.state in {"waiting", "recognised"}:
            key = (number, payer, row.arrived_on)
            number = f"{number[:180]}#{row.id}" if key in taken else number
            taken.add(key)
        found.append({"of": row.id, "its_number": number, "its_payer": payer})
    if found:
        change = sa.update(voucher).where(shown.id == sa.bindparam("of"))
        change = change.values(number_key=sa.bindparam("its_number"), payer_key=sa.bindparam("its_payer"))
        op.get_bind().execute(change, found)


def _folded(text: str) -> str:
    """As vouchers are folded when they are reported."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    shown = "".join(_plain(one) for one in plain if unicodedata.category(one) not in UNSEEN and one not in BLANKS)
    if shown.isdecimal():
        shown = shown.lstrip("0") or "0"
    return shown[:200]


def _plain(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return "-" if unicodedata.category(char) == "Pd" else char


def _counting_edition_up() -> None:
    op.create_table(
        "counting_edition",
        sa.Column("id", BIG, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", BIG, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_counting_edition_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counting_edition")),
    )
    op.create_index(op.f("ix_counting_edition_effective_on"), "counting_edition", ["effective_on"])


def _counting_ruling_up() -> None:
    op.create_table(
        "counting_ruling",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("rule", _enum("rule", RULES), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", BIG, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_counting_ruling_made_by")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_counting_ruling_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counting_ruling")),
    )
    op.create_index(op.f("ix_counting_ruling_project_id"), "counting_ruling", ["project_id"])


def _counting_mark_up() -> None:
    op.create_table(
        "counting_mark",
        sa.Column("id", BIG, nullable=False),
        sa.Column("project_id", BIG, nullable=False),
        sa.Column("agreement_id", BIG),
        sa.Column("rule", _enum("rule", RULES), nullable=False),
        sa.Column("ruled", sa.Boolean(), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("from_at", MOMENT),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("lifted_at", MOMENT),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_counting_mark_agreement_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_counting_mark_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counting_mark")),
    )
    op.create_index(op.f("ix_counting_mark_agreement_id"), "counting_mark", ["agreement_id"])
    op.create_index("ix_counting_mark_project_id", "counting_mark", ["project_id", "noted_at"])


def _enum(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)


def _states(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change which rulings on likely repeats there are."""
    table, name = "project_repeat", "ck_project_repeat_state"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"state IN ({_quoted(after)})")
        return
    change = "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = :name"
    op.execute("PRAGMA writable_schema = ON")
    told = {"before": f"state IN ({_quoted(before)})", "after": f"state IN ({_quoted(after)})", "name": table}
    op.get_bind().execute(sa.text(change), told)
    op.execute("PRAGMA writable_schema = RESET")


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
