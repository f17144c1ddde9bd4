"""Uploaded files: told by their content, kept under their digest outside the web root."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from sqlalchemy import event, select

from crm.core.errors import DomainError, Problem
from crm.core.files import Attachment

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

NAME_LENGTH = 200
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOCX_CODE = "docx"
TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "pdf": ("application/pdf", (".pdf",)),
    "png": ("image/png", (".png",)),
    "jpg": ("image/jpeg", (".jpg", ".jpeg")),
    DOCX_CODE: (DOCX, (".docx",)),
}
MAGIC: tuple[tuple[bytes, str], ...] = ((b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived: the sender's name for it and its bytes."""

    name: str
    data: bytes


def kind_of(data: bytes) -> str | None:
    """Tell pdf, png, jpg or docx by content; None for anything else."""
    for magic, kind in MAGIC:
        if data.startswith(magic):
            return kind
    return DOCX_CODE if _is_docx(data) else None


def mime(kind: str) -> str:
    """Return the media type of a stored kind; unknown ones are plain bytes."""
    return TYPES[kind][0] if kind in TYPES else "application/octet-stream"


def check(upload: Upload, field: str) -> str:
    """Return the kind of a file, or refuse it: empty, not one of the four kinds, name and content apart."""
    if not upload.data:
        raise DomainError(Problem("file.empty", "文件是空的，请重新选择。", field))
    kind = kind_of(upload.data)
    if kind is None or PurePath(upload.name.lower()).suffix not in TYPES[kind][1]:
        text = "只接受 PDF、PNG、JPG、DOCX 文件，而且内容要与扩展名一致。"
        raise DomainError(Problem("file.kind", text, field))
    return kind


def store(
    session: Session, folder: Path, subject: tuple[str, int], upload: Upload, *, by: int, now: datetime
) -> Attachment:
    """Keep a checked file and add its row; the same bytes are kept once."""
    kind = check(upload, "file")
    digest = hashlib.sha256(upload.data).hexdigest()
    _write(folder, digest, upload.data)
    row = Attachment(
        subject_type=subject[0],
        subject_id=subject[1],
        name=clean_name(upload.name),
        content_type=kind,
        size=len(upload.data),
        sha256=digest,
        uploaded_by=by,
        uploaded_at=now,
    )
    session.add(row)
    session.flush()
    return row


def forget(session: Session, folder: Path, row: Attachment) -> None:
    """Delete the row of a file, and its bytes once that is committed, unless another row has the same."""
    session.delete(row)
    session.flush()
    if session.scalar(select(Attachment.id).where(Attachment.sha256 == row.sha256).limit(1)) is None:
        path = path_of(folder, row.sha256)
        event.listen(session, "after_commit", lambda _session: path.unlink(missing_ok=True), once=True)


def path_of(folder: Path, digest: str) -> Path:
    """Return where the bytes of a digest are kept."""
    return folder / digest[:2] / digest


def clean_name(name: str) -> str:
    """Keep the last part of a sender's name, printable, cut to length with its suffix kept."""
    last = PurePath(name.replace("\\", "/")).name
    plain = "".join(char for char in last if char.isprintable()) or "file"
    path = PurePath(plain)
    return path.stem[: NAME_LENGTH - len(path.suffix)] + path.suffix


def _write(folder: Path, digest: str, data: bytes) -> None:
    target = path_of(folder, digest)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(f"{digest}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(target)


def _is_docx(data: bytes) -> bool:
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return False
    return {"[Content_Types].xml", "word/document.xml"} <= names
