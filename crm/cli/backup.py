"""Back up and restore: ``python -m crm.cli.backup save`` and ``… restore FILE [--force]``.

One ``tar.gz`` holds the database, the uploaded files and a manifest with a digest of every
table and file. A restore is checked against the manifest before it replaces anything.
"""

from __future__ import annotations

import argparse
import fcntl
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import config
from crm.cli import archive, dumps
from crm.core import clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from config import Settings


class RefusedError(RuntimeError):
    """The command cannot be carried out; the message says why."""


def save(settings: Settings, now: datetime) -> Path:
    """Write a backup into the folder ``backups`` of the data folder and return its path."""
    folder = settings.data_dir / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"yinfeng-{now:%Y%m%d-%H%M%S}.tar.gz"
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        dump = Path(scratch) / archive.DATABASE
        tables = dumps.save(settings.database_url, dump)
        archive.write(target, dump, settings.files_dir, {"created_at": now.isoformat(), "tables": tables})
    return target


def restore(settings: Settings, source: Path, *, force: bool) -> dict[str, dict[str, object]]:
    """Replace database and files by those of a backup; return the digests of its tables."""
    if not force and not dumps.empty(settings.database_url):
        message = "目标数据库不为空；确认覆盖请加 FORCE=1 / the database is not empty, FORCE=1 overwrites it"
        raise RefusedError(message)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with _alone(settings), tempfile.TemporaryDirectory(dir=settings.data_dir) as scratch:
        manifest = archive.unpack(source, Path(scratch))
        dumps.restore(settings.database_url, Path(scratch) / archive.DATABASE, manifest["tables"])
        archive.swap(Path(scratch) / archive.FILES, settings.files_dir)
    tables: dict[str, dict[str, object]] = manifest["tables"]
    return tables


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the lock of the running stack, so that nobody writes meanwhile."""
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    with (settings.run_dir / "stack.lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = "服务正在运行，请先停止 / the service is running, stop it first"
            raise RefusedError(message) from error
        yield


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="backup", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("save")
    back = commands.add_parser("restore")
    back.add_argument("file", type=Path)
    back.add_argument("--force", action="store_true")
    options = parser.parse_args(arguments)
    settings = config.load()
    try:
        if options.command == "save":
            print(f"已备份 / saved: {save(settings, clock.now())}")
        else:
            tables = restore(settings, options.file, force=options.force)
            print(f"已恢复 / restored: {len(tables)} 个数据表 tables")
    except (RefusedError, archive.BrokenError, dumps.DumpError, OSError) as error:
        print(f"未完成 / not done: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
