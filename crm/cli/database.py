"""``flask --app wsgi db …``: the schema of the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from alembic import command
from alembic.config import Config
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from crm.core.db import Database

ROOT = Path(__file__).resolve().parents[2]


def alembic_config() -> Config:
    """Return Alembic's configuration for this checkout."""
    return Config(str(ROOT / "alembic.ini"))


def migrate(database: Database) -> None:
    """Bring the schema to the newest revision, in one transaction."""
    configuration = alembic_config()
    with database.engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")


@click.group("db")
def group() -> None:
    """Manage the schema of the database."""


@group.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the schema to the newest version."""
    migrate(cast("Database", current_app.extensions["database"]))
    click.echo("数据库结构已是最新 / schema is up to date")
