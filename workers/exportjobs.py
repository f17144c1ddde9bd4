"""Writing exports of the register: the file outside any transaction, the record with its end."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crm.auth.units import office_name
from crm.register import export, export_file
from crm.register.models import ExportRun
from workers import jobnotices

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.register.export import Made
    from workers.contract import Context, Payload, Result

EXPORT_SECONDS = 1800


def write(payload: Payload, context: Context) -> tuple[Made | None, str]:
    """Write the file; return what was written, or why nothing was."""
    settings = context.settings
    run_id = int(payload["run_id"])
    with context.database.reading() as session:
        place = (office_name(session, settings.office_name), ZoneInfo(settings.time_zone))
        run = session.get(ExportRun, run_id)
        if run is None:
            return None, ""
        path = export.path_of(settings.files_dir, run_id)
        try:
            return export_file.write(session, run, path, place, context.now, context.progress), ""
        except export_file.RefusedError as refusal:
            return None, str(refusal)


def record(session: Session, payload: Payload, data: tuple[Made | None, str], context: Context) -> Result:
    """Mark the export done, with the log of contacts shown in full."""
    made, problem = data
    export.finish(session, int(payload["run_id"]), made, problem, now=context.now)
    jobnotices.export_ended(session, int(payload["run_id"]), now=context.now)
    return {"rows": made.rows if made else 0}
