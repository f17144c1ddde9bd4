"""Steps of an import as tests take them: through the services, or through the pages; jobs run in this process."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from unittest.mock import patch

from sqlalchemy import select
from xlsxwriter import Workbook

from crm.core import clock
from crm.imports import kinds, runs
from crm.imports.models import ImportRow
from crm.imports.rules import MappingChoices
from tests.support.builders import NOW
from workers import inline

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from config import Settings
    from crm.auth.rules import Actor
    from crm.core.db import Database
    from crm.imports.kinds import Kind
    from crm.imports.models import ImportRun
    from tests.conftest import Browser

LEDGER = "企业名称,统一社会信用代码,注册资本（万元）,联系人,职务,手机,邮箱\n"


def xlsx(*rows: tuple[object, ...]) -> bytes:
    """Write a workbook of one sheet."""
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for index, row in enumerate(rows):
        sheet.write_row(index, 0, row)
    book.close()
    return buffer.getvalue()


def work(database: Database, settings: Settings) -> int:
    """Do all background work that is due."""
    with patch.object(clock, "now", lambda: NOW):
        return inline.drain(database, settings)


def upload(browser: Browser, data: bytes, name: str = "台账.csv") -> TestResponse:
    """Upload a file through the page."""
    return browser.post("/imports", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


class Importer:
    """Imports files through the services as one person, with the jobs in this process."""

    def __init__(self, database: Database, settings: Settings, actor: Actor) -> None:
        """Remember who and where."""
        self.database, self.settings, self.actor = database, settings, actor

    def check(self, data: bytes | str, kind: Kind = kinds.LIST, **said: Any) -> int:
        """Upload and check a file; return the number of the run."""
        raw = data.encode() if isinstance(data, str) else data
        place, keeper = self.settings.files_dir, self.actor.unit_ids[0]
        with self.database.transaction() as session:
            run = runs.upload(session, self.actor, "台账.csv", raw, place, now=NOW, kind=kind)
            columns = {int(index): value for index, value in run.options["columns"].items()}
            units = {int(index): unit for index, unit in run.options["units"].items()}
            choices = MappingChoices(**{"columns": columns, "units": units, "unit_id": keeper, **said})
            runs.remap(session, self.actor, run.id, choices, place, now=NOW)
            runs.start_check(session, self.actor, run.id, now=NOW)
            run_id = run.id
        work(self.database, self.settings)
        return run_id

    def apply(self, run_id: int) -> dict[str, int]:
        """Write a checked run; return its counts."""
        with self.database.transaction() as session:
            runs.start_apply(session, self.actor, run_id, now=NOW)
        work(self.database, self.settings)
        return self.run(run_id).counts

    def take(self, data: bytes | str, kind: Kind = kinds.LIST, **said: Any) -> tuple[int, dict[str, int]]:
        """Import a file from beginning to end."""
        run_id = self.check(data, kind, **said)
        return run_id, self.apply(run_id)

    def undo(self, run_id: int) -> ImportRun:
        """Take a run back."""
        with self.database.transaction() as session:
            runs.start_undo(session, self.actor, run_id, now=NOW)
        work(self.database, self.settings)
        return self.run(run_id)

    def run(self, run_id: int) -> ImportRun:
        """The run as it stands."""
        with self.database.reading() as session:
            return runs.get_run(session, run_id)

    def rows(self, run_id: int) -> dict[int, ImportRow]:
        """Its lines by number."""
        with self.database.reading() as session:
            found = session.scalars(select(ImportRow).where(ImportRow.run_id == run_id).order_by(ImportRow.line))
            return {row.line: row for row in found}

    def write(self) -> Session:
        """Open a writing session of the test's own."""
        return self.database.session()
