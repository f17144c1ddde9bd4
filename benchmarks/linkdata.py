"""The judged sample for linking, and a database filled by the product's own import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from crm.enterprises.models import Enterprise
from crm.linking import queries

if TYPE_CHECKING:
    from crm.linking.matcher import AliasIndex

ROOT = Path(__file__).resolve().parent.parent
DONE = "imported"


def gold(shared: Path) -> list[dict[str, Any]]:
    """Read the judged sample; nothing when it is absent."""
    path = shared / "data/signals/dev.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def news(shared: Path) -> Path:
    """Where the unjudged news texts are."""
    return shared / "data/newstext/business_news.jsonl.gz"


def register(shared: Path, folder: Path) -> Path:
    """Fill a database in a folder as an office would, by ``enterprises import``; a filled one is used again."""
    if not (folder / DONE).exists():
        folder.mkdir(parents=True, exist_ok=True)
        flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
        source = str(shared / "data/enterprises/entities_master.csv")
        given = [["db", "upgrade"], ["enterprises", "import", source, "--list", "X", "--edition", "2025"]]
        for command in given:
            environment = {**os.environ, "YINFENG_DATA": str(folder)}
            subprocess.run([*flask, *command], cwd=ROOT, env=environment, check=True, capture_output=True)  # noqa: S603 — own command
        (folder / DONE).touch()
    return folder / "yinfeng.db"


def load(database: Path) -> tuple[AliasIndex, dict[Any, str]]:
    """Read the index of names and what enterprises are called."""
    with Session(create_engine(f"sqlite:///{database}")) as session:
        index = queries.alias_index(session)
        return index, dict(session.execute(select(Enterprise.id, Enterprise.name)).tuples().all())
