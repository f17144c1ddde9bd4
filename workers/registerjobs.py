"""Jobs of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.imports.runs import run_import

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workers.contract import Context, Payload, Result

IMPORT_SECONDS = 900


def import_list(session: Session, payload: Payload, context: Context) -> Result:
    """Take an uploaded list in; the run and the register change together."""
    return run_import(session, int(payload["run_id"]), context.settings.files_dir, now=context.now)
