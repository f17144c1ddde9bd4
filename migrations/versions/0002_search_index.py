"""Full-text side of the search table: FTS5 with triggers, or a generated tsvector.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE_UP = (
    (
        "CREATE VIRTUAL TABLE search_fts USING fts5("
        "grams, content='search_document', content_rowid='id', tokenize='ascii')"
    ),
    (
        "CREATE TRIGGER search_document_ai AFTER INSERT ON search_document BEGIN "
        "INSERT INTO search_fts(rowid, grams) VALUES (new.id, new.grams); END"
    ),
    (
        "CREATE TRIGGER search_document_ad AFTER DELETE ON search_document BEGIN "
        "INSERT INTO search_fts(search_fts, rowid, grams) VALUES ('delete', old.id, old.grams); END"
    ),
    (
        "CREATE TRIGGER search_document_au AFTER UPDATE ON search_document BEGIN "
        "INSERT INTO search_fts(search_fts, rowid, grams) VALUES ('delete', old.id, old.grams); "
        "INSERT INTO search_fts(rowid, grams) VALUES (new.id, new.grams); END"
    ),
)
SQLITE_DOWN = (
    "DROP TRIGGER search_document_au",
    "DROP TRIGGER search_document_ad",
    "DROP TRIGGER search_document_ai",
    "DROP TABLE search_fts",
)
POSTGRESQL_UP = (
    (
        "ALTER TABLE search_document ADD COLUMN tv tsvector "
        "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(NULLIF(grams, ''), ' '))) STORED"
    ),
    "CREATE INDEX ix_search_document_tv ON search_document USING gin (tv)",
)
POSTGRESQL_DOWN = (
    "DROP INDEX ix_search_document_tv",
    "ALTER TABLE search_document DROP COLUMN tv",
)


def upgrade() -> None:
    """Apply."""
    for statement in POSTGRESQL_UP if op.get_bind().dialect.name == "postgresql" else SQLITE_UP:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for statement in POSTGRESQL_DOWN if op.get_bind().dialect.name == "postgresql" else SQLITE_DOWN:
        op.execute(statement)
