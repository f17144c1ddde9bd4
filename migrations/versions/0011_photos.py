"""Photos of touches; letters, mails and WeChat notes are kinds of their own.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = ("visit", "reception", "inspection", "negotiation", "call", "message")
AFTER = ("visit", "reception", "inspection", "negotiation", "call", "letter", "mail", "wechat")
# What was 函件微信 becomes what its note speaks of; without a word of it, a WeChat note.
SPLIT = (
    "CASE WHEN kind <> 'message' THEN kind WHEN summary LIKE '%邮件%' OR summary LIKE '%邮箱%' THEN 'mail' "
    "WHEN summary LIKE '%函%' OR summary LIKE '%寄%' THEN 'letter' ELSE 'wechat' END"
)
JOIN = "CASE WHEN kind IN ('letter', 'mail', 'wechat') THEN 'message' ELSE kind END"


def rule(kinds: tuple[str, ...]) -> str:
    """Write the CHECK of the kinds as SQLAlchemy writes it."""
    return "kind IN ({})".format(", ".join(f"'{kind}'" for kind in kinds))


def set_kinds(before: tuple[str, ...], after: tuple[str, ...], kind: str) -> None:
    """Turn the kinds of all touches; SQLite builds the table anew, because it cannot change a CHECK."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_touch_kind"), "touch")
        op.execute(f"UPDATE touch SET kind = {kind}")  # noqa: S608 (constants of this file)
        op.create_check_constraint(op.f("ck_touch_kind"), "touch", rule(after))
        return
    bind = op.get_bind()
    made = str(bind.scalar(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'touch'")))
    own = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'touch' AND sql IS NOT NULL"
    indexes = bind.scalars(sa.text(own)).all()
    names = [row.name for row in bind.execute(sa.text("PRAGMA table_info(touch)"))]
    columns = ", ".join(names)
    values = ", ".join(kind if name == "kind" else name for name in names)
    # Dropping a table empties it first, and what points at it with CASCADE with it.
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE touch_contact_kept AS SELECT touch_id, contact_id FROM touch_contact")
    op.execute(made.replace("touch", "touch_new", 1).replace(rule(before), rule(after)))
    op.execute(f"INSERT INTO touch_new ({columns}) SELECT {values} FROM touch")  # noqa: S608 (names of the schema)
    op.execute("DROP TABLE touch")
    op.rename_table("touch_new", "touch")
    for index in indexes:
        op.execute(index)
    op.execute("INSERT INTO touch_contact (touch_id, contact_id) SELECT touch_id, contact_id FROM touch_contact_kept")
    op.execute("DROP TABLE touch_contact_kept")


def upgrade() -> None:
    """Build it."""
    set_kinds(BEFORE, AFTER, SPLIT)
    op.create_table(
        "touch_photo",
        sa.Column("id", BIG, nullable=False),
        sa.Column("touch_id", BIG, nullable=False),
        sa.Column("client_id", sa.String(80), nullable=False),
        sa.Column("picture_id", BIG, nullable=False),
        sa.Column("thumbnail_id", BIG, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("located", sa.Boolean(), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_touch_photo_size")),
        sa.ForeignKeyConstraint(["touch_id"], ["touch.id"], name="fk_touch_photo_touch_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["picture_id"], ["attachment.id"], name="fk_touch_photo_picture_id"),
        sa.ForeignKeyConstraint(["thumbnail_id"], ["attachment.id"], name="fk_touch_photo_thumbnail_id"),
        sa.PrimaryKeyConstraint("id", name="pk_touch_photo"),
        sa.UniqueConstraint("touch_id", "client_id", name="uq_touch_photo_touch_id_client_id"),
        sa.UniqueConstraint("picture_id", name="uq_touch_photo_picture_id"),
        sa.UniqueConstraint("thumbnail_id", name="uq_touch_photo_thumbnail_id"),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("touch_photo")
    set_kinds(AFTER, BEFORE, JOIN)
