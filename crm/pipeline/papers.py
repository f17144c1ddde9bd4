"""Papers that come with a form, and how they are sent out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Response, current_app, send_file

from crm.core import filestore
from crm.core.errors import NotFoundError, Problem
from crm.core.filestore import Upload

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.datastructures import FileStorage

    from config import Settings
    from crm.core.files import Attachment

ABSENT = Problem("file.absent", "没有这个文件。")


def folder() -> Path:
    """Return where papers are kept."""
    return cast("Settings", current_app.config["SETTINGS"]).files_dir


def upload(paper: FileStorage | None) -> Upload | None:
    """Return the uploaded file, None when no file was chosen."""
    if paper is None or not paper.filename:
        return None
    return Upload(paper.filename, paper.read())


def send(row: Attachment | None) -> Response:
    """Send a paper under its sender's name; never shown inside our pages."""
    path = filestore.path_of(folder(), row.sha256) if row else None
    if row is None or path is None or not path.is_file():
        raise NotFoundError(ABSENT)
    return send_file(path, filestore.mime(row.content_type), as_attachment=True, download_name=row.name)
