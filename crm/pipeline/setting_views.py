"""What the office decides about its pipeline: one page that leads to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from crm.auth.rules import Permission
from crm.pipeline.sections import SETTINGS
from crm.web.access import requires

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

bp = Blueprint("pipeline_settings", __name__, url_prefix="/projects/settings")


@bp.get("")
@requires(Permission.PIPELINE_CONFIGURE)
def index() -> ResponseReturnValue:
    """List the pages of settings."""
    return render_template("pipeline/settings.html", settings=SETTINGS)
