"""Tables of the register: relations, profile, posts, history, duplicates, views, imports line by line, staff.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "bulk_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("state", JSON, nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_bulk_run_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
    )
    op.create_table(
        "duplicate_pair",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("low_id", BIG, nullable=False),
        sa.Column("high_id", BIG, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "different", "merged", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", BIG, nullable=True),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_duplicate_pair_order")),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_duplicate_pair_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pair")),
        sa.UniqueConstraint("kind", "low_id", "high_id", name=op.f("uq_duplicate_pair_kind_low_id_high_id")),
    )
    op.create_index(
        op.f("ix_duplicate_pair_state_kind_score_id"), "duplicate_pair", ["state", "kind", "score", "id"], unique=False
    )
    op.create_table(
        "export_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("state", JSON, nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=80), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_export_run_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_run")),
    )
    op.create_index(op.f("ix_export_run_created_by"), "export_run", ["created_by"], unique=False)
    op.create_table(
        "field_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("ref_id", BIG, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", BIG, nullable=True),
        sa.Column(
            "via",
            sa.Enum(
                "form",
                "cell",
                "bulk",
                "import",
                "merge",
                "restore",
                "system",
                name="via",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("run_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_field_change_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_change")),
    )
    op.create_index(op.f("ix_field_change_kind_ref_id_id"), "field_change", ["kind", "ref_id", "id"], unique=False)
    op.create_index(op.f("ix_field_change_run_id"), "field_change", ["run_id"], unique=False)
    op.create_table(
        "import_mapping",
        sa.Column("id", BIG, nullable=False),
        sa.Column("signature", sa.String(length=80), nullable=False),
        sa.Column("headings", JSON, nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_import_mapping_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mapping")),
        sa.UniqueConstraint("signature", name=op.f("uq_import_mapping_signature")),
    )
    op.create_table(
        "merge_log",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("winner_id", BIG, nullable=False),
        sa.Column("loser_id", BIG, nullable=False),
        sa.Column("snapshot", JSON, nullable=False),
        sa.Column("moves", JSON, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", BIG, nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", BIG, nullable=True),
        sa.ForeignKeyConstraint(["by"], ["user_account.id"], name=op.f("fk_merge_log_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["user_account.id"], name=op.f("fk_merge_log_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_log")),
    )
    op.create_index(op.f("ix_merge_log_loser_id"), "merge_log", ["loser_id"], unique=False)
    op.create_index(op.f("ix_merge_log_winner_id"), "merge_log", ["winner_id"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", BIG, nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=True),
        sa.Column(
            "sharing",
            sa.Enum("own", "team", "all", name="sharing", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("state", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_saved_view_owner_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["org_unit.id"], name=op.f("fk_saved_view_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "page", "name", name=op.f("uq_saved_view_owner_id_page_name")),
    )
    op.create_table(
        "staff_skill",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "language",
                "industry",
                "certificate",
                "skill",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_staff_skill_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_skill")),
        sa.UniqueConstraint("user_id", "kind", "name", name=op.f("uq_staff_skill_user_id_kind_name")),
    )
    op.create_table(
        "training",
        sa.Column("id", BIG, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("topic", sa.String(length=200), nullable=True),
        sa.Column("created_by", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("hours IS NULL OR hours > 0", name=op.f("ck_training_hours")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_training_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
    )
    op.create_table(
        "enterprise_relation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("from_id", BIG, nullable=False),
        sa.Column("to_id", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "supplier",
                "customer",
                "competitor",
                "introducer",
                "partner",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_enterprise_relation_itself")),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_enterprise_relation_created_by")),
        sa.ForeignKeyConstraint(
            ["from_id"], ["enterprise.id"], name=op.f("fk_enterprise_relation_from_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["enterprise.id"], name=op.f("fk_enterprise_relation_to_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_relation")),
        sa.UniqueConstraint("from_id", "to_id", "kind", name=op.f("uq_enterprise_relation_from_id_to_id_kind")),
    )
    op.create_index(op.f("ix_enterprise_relation_to_id"), "enterprise_relation", ["to_id"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "create",
                "update",
                "same",
                "queue",
                "refuse",
                "skip",
                name="action",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("enterprise_id", BIG, nullable=True),
        sa.Column("contact_id", BIG, nullable=True),
        sa.Column("candidates", JSON, nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_row_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("run_id", "line", name=op.f("uq_import_row_run_id_line")),
    )
    op.create_index(op.f("ix_import_row_run_id_action_line"), "import_row", ["run_id", "action", "line"], unique=False)
    op.create_table(
        "profile_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column(
            "block",
            sa.Enum(
                "history",
                "culture",
                "scope",
                "reach",
                "plan",
                "news",
                name="block",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_profile_entry_created_by")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_profile_entry_enterprise_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_entry")),
    )
    op.create_index(
        op.f("ix_profile_entry_enterprise_id_block"), "profile_entry", ["enterprise_id", "block"], unique=False
    )
    op.create_table(
        "training_place",
        sa.Column("training_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("result", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training.id"], name=op.f("fk_training_place_training_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_training_place_user_id")),
        sa.PrimaryKeyConstraint("training_id", "user_id", name=op.f("pk_training_place")),
    )
    op.create_table(
        "contact_knower",
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("closeness", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contact_knower_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_contact_knower_user_id")),
        sa.PrimaryKeyConstraint("contact_id", "user_id", name=op.f("pk_contact_knower")),
    )
    op.create_table(
        "contact_post",
        sa.Column("id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=False),
        sa.Column("post", sa.String(length=80), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until IS NULL OR since IS NULL OR until >= since", name=op.f("ck_contact_post_validity")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_contact_post_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["user_account.id"], name=op.f("fk_contact_post_created_by")),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name=op.f("fk_contact_post_enterprise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_post")),
    )
    op.create_index(op.f("ix_contact_post_contact_id"), "contact_post", ["contact_id"], unique=False)
    op.create_index(op.f("ix_contact_post_enterprise_id"), "contact_post", ["enterprise_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_contact_post_enterprise_id"), table_name="contact_post")
    op.drop_index(op.f("ix_contact_post_contact_id"), table_name="contact_post")
    op.drop_table("contact_post")
    op.drop_table("contact_knower")
    op.drop_table("training_place")
    op.drop_index(op.f("ix_profile_entry_enterprise_id_block"), table_name="profile_entry")
    op.drop_table("profile_entry")
    op.drop_index(op.f("ix_import_row_run_id_action_line"), table_name="import_row")
    op.drop_table("import_row")
    op.drop_index(op.f("ix_enterprise_relation_to_id"), table_name="enterprise_relation")
    op.drop_table("enterprise_relation")
    op.drop_table("training")
    op.drop_table("staff_skill")
    op.drop_table("saved_view")
    op.drop_index(op.f("ix_merge_log_winner_id"), table_name="merge_log")
    op.drop_index(op.f("ix_merge_log_loser_id"), table_name="merge_log")
    op.drop_table("merge_log")
    op.drop_table("import_mapping")
    op.drop_index(op.f("ix_field_change_run_id"), table_name="field_change")
    op.drop_index(op.f("ix_field_change_kind_ref_id_id"), table_name="field_change")
    op.drop_table("field_change")
    op.drop_index(op.f("ix_export_run_created_by"), table_name="export_run")
    op.drop_table("export_run")
    op.drop_index(op.f("ix_duplicate_pair_state_kind_score_id"), table_name="duplicate_pair")
    op.drop_table("duplicate_pair")
    op.drop_table("bulk_run")
