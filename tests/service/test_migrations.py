from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import inspect, text

from crm.cli.database import alembic_config
from crm.registry import metadata

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from crm.core.db import Database


def config_for(connection: Connection) -> Config:
    configuration = alembic_config()
    configuration.attributes["connection"] = connection
    return configuration


def test_the_schema_goes_down_and_up_again(database: Database) -> None:
    with database.engine.begin() as connection:
        command.downgrade(config_for(connection), "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    with database.engine.begin() as connection:
        command.upgrade(config_for(connection), "head")
    assert set(metadata.tables) <= set(inspect(database.engine).get_table_names())


def test_the_schema_equals_the_models(database: Database) -> None:
    with database.engine.begin() as connection:
        command.check(config_for(connection))


def test_named_rules_of_the_models_are_rules_of_the_database(database: Database) -> None:
    inspector = inspect(database.engine)
    for table in metadata.sorted_tables:
        wanted = {str(rule.name) for rule in table.constraints if type(rule).__name__ == "CheckConstraint"}
        found = {rule["name"] for rule in inspector.get_check_constraints(table.name)}
        assert wanted <= found, table.name


def test_the_search_index_follows_its_rows(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO search_document (id, kind, ref_id, body, grams) VALUES (1, 'x', 1, 'ab', 'ab b')")
        )
        connection.execute(text("UPDATE search_document SET grams = 'cd d' WHERE id = 1"))
        if connection.dialect.name == "sqlite":
            count = connection.scalar(text("SELECT count(*) FROM search_fts WHERE search_fts MATCH 'cd'"))
        else:
            count = connection.scalar(text("SELECT count(*) FROM search_document WHERE tv @@ 'cd'::tsquery"))
    assert count == 1
