"""Alembic environment: one connection, given by the caller or opened from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from alembic import context
from sqlalchemy import JSON

import config as settings_module
from crm.core import vault
from crm.core.db import make_engine
from crm.core.types import UtcDateTime, Wan
from crm.core.vault import Sealed
from crm.registry import metadata

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from sqlalchemy import Connection
    from sqlalchemy.schema import SchemaItem

OWN_TABLES_PREFIX = "search_fts"
DATABASE_ONLY = {
    ("search_document", "tv"),
    *(("search_document", f"ix_search_document_tv_{kind}") for kind in ("enterprise", "contact", "project")),
    ("enterprise_alias", "ix_enterprise_alias_folded_pattern"),
}


def include(item: SchemaItem, name: str | None, kind: str, _reflected: bool, _other: SchemaItem | None) -> bool:  # noqa: FBT001 (signature set by Alembic)
    """Leave out what exists in the database only: the full-text side tables, column and indexes."""
    if kind == "table":
        return not (name or "").startswith(OWN_TABLES_PREFIX)
    table = getattr(getattr(item, "table", None), "name", None)
    return (table, name) not in DATABASE_ONLY


def render(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as the plain types they store."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Sealed):
        return "sa.Text()"
    if kind == "type" and isinstance(item, Wan):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')"
    return False


def run(connection: Connection) -> None:
    """Run the migrations on an open connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=include,
        render_item=render,
        render_as_batch=False,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    settings = settings_module.load()
    vault.use(settings.data_key)
    engine = make_engine(settings.database_url)
    with engine.connect() as opened:
        run(opened)
        opened.commit()
    engine.dispose()
