"""Browsers and reads that the pages of intake are tried with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conftest import Browser

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from crm.auth.models import User


def one(session: Session, statement: Select[Any]) -> Any:
    """Read one value and let the database go, for the page that writes next."""
    found = session.scalars(statement.execution_options(populate_existing=True)).one()
    session.commit()
    return found


def signed_in(app: Flask, person: User) -> Browser:
    return Browser(app.test_client()).sign_in(person.username)
