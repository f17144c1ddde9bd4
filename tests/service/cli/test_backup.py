from __future__ import annotations

import os
import tarfile
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from crm.cli import archive, backup, dumps
from crm.core.tasks import Task, enqueue
from tests.support import builders, postgres

if TYPE_CHECKING:
    from pathlib import Path

    from config import Settings
    from crm.core.db import Database

NOTE = "走访纪要：苏州锐进精密制造（样例）"


@pytest.fixture(autouse=True)
def matching_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = postgres.tools()
    if tools is not None:
        monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def saved(settings: Settings, database: Database) -> Path:
    with database.transaction() as session:
        enqueue(session, "test", {"note": NOTE}, now=builders.NOW)
    settings.files_dir.mkdir()
    (settings.files_dir / "aa").write_bytes(b"first")
    return backup.save(settings, builders.NOW)


def payloads(database: Database) -> list[object]:
    with database.reading() as session:
        return [task.payload for task in session.scalars(select(Task))]


def test_a_restore_brings_back_rows_and_files_as_they_were(settings: Settings, database: Database, saved: Path) -> None:
    with database.transaction() as session:
        session.execute(delete(Task))
    (settings.files_dir / "aa").write_bytes(b"second")
    (settings.files_dir / "bb").write_bytes(b"later")
    database.dispose()
    backup.restore(settings, saved, force=True)
    assert payloads(database) == [{"note": NOTE}]
    assert {path.name: path.read_bytes() for path in settings.files_dir.iterdir()} == {"aa": b"first"}


def test_a_restore_refuses_a_database_in_use_unless_forced(settings: Settings, database: Database, saved: Path) -> None:
    with pytest.raises(backup.RefusedError, match="FORCE=1"):
        backup.restore(settings, saved, force=False)
    assert payloads(database) == [{"note": NOTE}]


def test_a_backup_is_readable_by_its_owner_only(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0


def test_an_archive_cut_short_changes_nothing(settings: Settings, database: Database, saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-200])
    with pytest.raises(archive.BrokenError):
        backup.restore(settings, saved, force=True)
    assert payloads(database) == [{"note": NOTE}]
    assert (settings.files_dir / "aa").read_bytes() == b"first"


def test_tables_that_differ_from_the_manifest_are_named(settings: Settings, saved: Path, tmp_path: Path) -> None:
    archive.unpack(saved, tmp_path / "x")
    with pytest.raises(dumps.DumpError, match="task"):
        dumps.restore(settings.database_url, tmp_path / "x" / "database", {"task": {"rows": 2, "sha256": ""}})


def test_a_member_outside_the_folder_is_refused(settings: Settings, saved: Path, tmp_path: Path) -> None:
    forged = tmp_path / "forged.tar.gz"
    text = b'{"format": 1, "tables": {}, "members": {"files/../../evil": "00"}}'
    manifest = tmp_path / "manifest.json"
    manifest.write_bytes(text)
    with tarfile.open(forged, "w:gz") as tar:
        tar.add(manifest, arcname="manifest.json")
        tar.add(saved, arcname="files/../../evil")
    with pytest.raises(archive.BrokenError, match="refused member"):
        backup.restore(settings, forged, force=True)
    assert not (settings.data_dir.parent / "evil").exists()


def test_the_command_says_where_it_saved_and_what_it_refused(
    settings: Settings, saved: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YINFENG_DATA", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    assert backup.main(["save"]) == 0
    assert "已备份" in capsys.readouterr().out
    assert backup.main(["restore", str(saved)]) == 1
    assert "FORCE=1" in capsys.readouterr().err
