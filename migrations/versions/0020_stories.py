"""What a piece is to its story, what it brings, what a roundup holds, and earlier texts of a page.

Columns are added in plain SQL, because SQLite cannot add a constraint later.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
RELATION = (
    "VARCHAR(40) DEFAULT 'first' NOT NULL CONSTRAINT ck_article_relation "
    "CHECK (relation IN ('first', 'repost', 'update'))"
)
LATER = "UPDATE article SET relation = 'repost' WHERE id NOT IN (SELECT min(id) FROM article GROUP BY cluster_id)"


def upgrade() -> None:
    """Build it; of the articles of a story the first one counts as the first report."""
    whole, json = ("INTEGER", "JSON") if op.get_bind().dialect.name == "sqlite" else ("BIGINT", "JSONB")
    op.execute(f"ALTER TABLE article ADD COLUMN relation {RELATION}")
    op.execute(f"ALTER TABLE article ADD COLUMN fresh {json} DEFAULT '[]' NOT NULL")
    op.execute(LATER)
    follows = "CONSTRAINT fk_article_cluster_follows_id REFERENCES article_cluster (id)"
    op.execute(f"ALTER TABLE article_cluster ADD COLUMN follows_id {whole} {follows}")
    op.create_index("ix_article_cluster_follows_id", "article_cluster", ["follows_id"])
    _containments()
    _revisions()


def downgrade() -> None:
    """Take it away."""
    op.drop_table("article_revision")
    op.drop_table("article_containment")
    op.drop_index("ix_article_cluster_follows_id", "article_cluster")
    op.execute("ALTER TABLE article_cluster DROP COLUMN follows_id")
    op.execute("ALTER TABLE article DROP COLUMN fresh")
    op.execute("ALTER TABLE article DROP COLUMN relation")


def _containments() -> None:
    op.create_table(
        "article_containment",
        sa.Column("roundup_id", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_article_containment_share")),
        sa.CheckConstraint("roundup_id <> article_id", name=op.f("ck_article_containment_other")),
        _of_article("article_containment", "roundup_id"),
        _of_article("article_containment", "article_id"),
        sa.PrimaryKeyConstraint("roundup_id", "article_id", name="pk_article_containment"),
    )
    op.create_index("ix_article_containment_article_id", "article_containment", ["article_id"])


def _revisions() -> None:
    op.create_table(
        "article_revision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("article_id", BIG, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(80), nullable=False),
        sa.Column("page_sha256", sa.String(80), nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=False),
        _of_article("article_revision", "article_id"),
        sa.PrimaryKeyConstraint("id", name="pk_article_revision"),
        sa.UniqueConstraint("article_id", "text_hash", name="uq_article_revision_article_id_text_hash"),
    )


def _of_article(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["article.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")
