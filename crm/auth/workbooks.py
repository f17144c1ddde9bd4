"""Hand out the figures of a page as a workbook: watermarked with who took it, and on record."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, send_file

from crm.auth.identity import current_actor
from crm.auth.models import User
from crm.auth.units import office_name
from crm.core import audit
from crm.core.sheets import watermark
from crm.web import db, timing
from crm.web.grids import workbook

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from config import Settings
    from crm.web.grids import Sheaf

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def hand_out(sheaf: Sheaf, action: str, subject: str, **detail: Any) -> ResponseReturnValue:  # noqa: ANN401 (any JSON value)
    """Answer with the workbook of a page; the audit says what was asked and how many rows were taken."""
    actor, now = current_actor(), timing.now()
    user = db.session().get_one(User, actor.user_id)
    told = cast("Settings", current_app.config["SETTINGS"]).office_name
    office = office_name(db.session(), told)
    made = workbook(sheaf, watermark(user.name, user.username, office, now.astimezone(timing.zone())))
    rows = sum(len(figure.rows) for figure in sheaf.figures)
    with db.writing() as writing:
        audit.record(writing, actor.user_id, action, (subject, None), now=now, rows=rows, **detail)
    return send_file(
        BytesIO(made),
        mimetype=XLSX,
        as_attachment=True,
        download_name=f"{sheaf.name}-{timing.today():%Y%m%d}.xlsx",
    )
