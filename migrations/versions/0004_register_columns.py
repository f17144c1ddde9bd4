"""New columns of enterprises and contacts; phone and mail are sealed on the way.

Columns with a reference or a CHECK are added in plain SQL, because SQLite cannot add a constraint later.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

import config
from crm.core import vault
from crm.core.text import fold_company

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = {"sqlite": "INTEGER", "postgresql": "BIGINT"}
INSTANT = {"sqlite": "DATETIME", "postgresql": "TIMESTAMP WITH TIME ZONE"}
FLAG = {"sqlite": "BOOLEAN DEFAULT '0' NOT NULL", "postgresql": "BOOLEAN DEFAULT '0' NOT NULL"}
KNOWN = ", ".join(f"'{key}'" for key in ("kin", "chamber", "introducer", "event", "visit", "public", "other"))
TAIL, BATCH = 4, 500

# One index for each kind: a frequent pair of characters is met in one kind only. Names by their beginning.
SEARCH_UP = (
    "DROP INDEX ix_search_document_tv",
    *(
        f"CREATE INDEX ix_search_document_tv_{kind} ON search_document USING gin (tv) WHERE kind = '{kind}'"
        for kind in ("enterprise", "contact", "project")
    ),
    "CREATE INDEX ix_enterprise_alias_folded_pattern ON enterprise_alias (folded text_pattern_ops)",
)
SEARCH_DOWN = (
    "DROP INDEX ix_enterprise_alias_folded_pattern",
    *(f"DROP INDEX ix_search_document_tv_{kind}" for kind in ("enterprise", "contact", "project")),
    "CREATE INDEX ix_search_document_tv ON search_document USING gin (tv)",
)

COLUMNS: dict[str, dict[str, str | dict[str, str]]] = {
    "contact": {
        "phone_sealed": "TEXT",
        "phone_key": "VARCHAR(40)",
        "phone_tail": "VARCHAR(40)",
        "email_sealed": "TEXT",
        "email_key": "VARCHAR(40)",
        "known_through": f"VARCHAR(40) CONSTRAINT ck_contact_known_through CHECK (known_through IN ({KNOWN}))",
        "introducer": "VARCHAR(80)",
        "hometown": "VARCHAR(80)",
        "notice_on": "DATE",
        "retain_until": "DATE",
        "updated_at": INSTANT,
        "version": "INTEGER DEFAULT '1' NOT NULL",
        "erased_at": INSTANT,
        "merged_into_id": BIG,
    },
    "enterprise": {
        "industry_code": "VARCHAR(40)",
        "region_code": "VARCHAR(40)",
        "site_domain": "VARCHAR(200)",
        "stem": "VARCHAR(200) DEFAULT '' NOT NULL",
        "registered_capital": "BIGINT",
        "revenue": "BIGINT",
        "investment_plan": "BIGINT",
        "land_plan": "BIGINT",
        "source_kind": "VARCHAR(40)",
        "source_org": "VARCHAR(200)",
        "last_touch_at": INSTANT,
        "deleted_at": INSTANT,
        "deleted_by": BIG,
        "merged_into_id": BIG,
    },
    "enterprise_alias": {"run_id": BIG},
    "list_entry": {"run_id": BIG},
    "import_run": {
        "position": "INTEGER DEFAULT '0' NOT NULL",
        "cancel": FLAG,
        "started_at": INSTANT,
        "undone_at": INSTANT,
        "undone_by": BIG,
    },
}
REFERENCES = {
    ("contact", "merged_into_id"): "contact",
    ("enterprise", "deleted_by"): "user_account",
    ("enterprise", "merged_into_id"): "enterprise",
    ("import_run", "undone_by"): "user_account",
}
INDEXES = {
    "contact": ("phone_key", "phone_tail", "email_key", "retain_until", "merged_into_id"),
    "enterprise": (
        "industry_code", "region", "region_code", "site_domain", "stem",
        "last_touch_at", "deleted_at", "merged_into_id",
    ),
    "enterprise_alias": ("run_id",),
    "list_entry": ("run_id",),
    "project": ("created_at",),
    "touch": ("occurred_at",),
    "touch_contact": ("contact_id",),
}  # fmt: skip


def upgrade() -> None:
    """Apply."""
    dialect = op.get_bind().dialect.name
    for table, columns in COLUMNS.items():
        for column, kind in columns.items():
            text = kind if isinstance(kind, str) else kind[dialect]
            target = REFERENCES.get((table, column))
            if target:
                text += f" CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {text}")
    for table, indexed in INDEXES.items():
        for column in indexed:
            op.create_index(f"ix_{table}_{column}", table, [column])
    op.drop_index("ix_project_stage", "project")
    op.create_index("ix_project_stage", "project", ["stage", "stage_since", "id"])
    _seal()
    _fill()
    op.drop_column("contact", "email")
    op.drop_column("contact", "phone")
    if dialect == "postgresql":
        for statement in SEARCH_UP:
            op.execute(statement)


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        for statement in SEARCH_DOWN:
            op.execute(statement)
    op.add_column("contact", sa.Column("phone", sa.String(40)))
    op.add_column("contact", sa.Column("email", sa.String(200)))
    _unseal()
    op.drop_index("ix_project_stage", "project")
    op.create_index("ix_project_stage", "project", ["stage", "exit_kind"])
    for table, indexed in INDEXES.items():
        for column in indexed:
            op.drop_index(f"ix_{table}_{column}", table)
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _vault() -> vault.Vault:
    try:
        return vault.current()
    except vault.VaultError:
        vault.use(config.load().data_key)
        return vault.current()


def _pages(statement: str) -> list[list[Any]]:
    rows = list(op.get_bind().execute(sa.text(statement)))
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]


def _seal() -> None:
    for rows in _pages("SELECT id, phone, email FROM contact WHERE phone IS NOT NULL OR email IS NOT NULL"):
        keeper = _vault()
        values = []
        for number, phone, email in rows:
            digits = _digits(str(phone or ""))
            values.append(
                {
                    "id": number,
                    "phone": keeper.seal(str(phone)) if phone else None,
                    "phone_key": keeper.blind(digits) if digits else None,
                    "tail": digits[-TAIL:] or None,
                    "email": keeper.seal(str(email)) if email else None,
                    "email_key": keeper.blind(str(email).strip().lower()) if email else None,
                }
            )
        op.get_bind().execute(
            sa.text(
                "UPDATE contact SET phone_sealed = :phone, phone_key = :phone_key, phone_tail = :tail, "
                "email_sealed = :email, email_key = :email_key WHERE id = :id"
            ),
            values,
        )


def _digits(phone: str) -> str:
    """Digits without the country code, as crm.enterprises.reach had them at this revision."""
    digits = "".join(char for char in phone if char.isascii() and char.isdigit())
    digits = digits.removeprefix("00") if digits.startswith("0086") else digits
    return digits[2:] if digits.startswith("86") and len(digits) >= 12 else digits  # noqa: PLR2004 (86 and ten digits)


def _unseal() -> None:
    for rows in _pages(
        "SELECT id, phone_sealed, email_sealed FROM contact WHERE phone_sealed IS NOT NULL OR email_sealed IS NOT NULL"
    ):
        keeper = _vault()
        values = [
            {
                "id": number,
                "phone": keeper.open(str(phone)) if phone else None,
                "email": keeper.open(str(email)) if email else None,
            }
            for number, phone, email in rows
        ]
        op.get_bind().execute(sa.text("UPDATE contact SET phone = :phone, email = :email WHERE id = :id"), values)


def _fill() -> None:
    """Fill what follows from older columns: stem, site, last touch, the post each contact holds."""
    for rows in _pages("SELECT id, name, website FROM enterprise"):
        values = [
            {"id": number, "stem": fold_company(str(name))[:200], "site": _site(website)}
            for number, name, website in rows
        ]
        op.get_bind().execute(sa.text("UPDATE enterprise SET stem = :stem, site_domain = :site WHERE id = :id"), values)
    op.execute(
        "UPDATE enterprise SET last_touch_at = (SELECT max(occurred_at) FROM touch "
        "WHERE touch.enterprise_id = enterprise.id AND touch.voided_at IS NULL)"
    )
    op.execute(
        "INSERT INTO contact_post (contact_id, enterprise_id, post, created_by, created_at) "
        "SELECT id, enterprise_id, post, created_by, created_at FROM contact"
    )


def _site(website: object) -> str | None:
    try:
        host = urlsplit(str(website or "")).hostname
    except ValueError:
        return None
    return host.removeprefix("www.")[:200] if host else None
