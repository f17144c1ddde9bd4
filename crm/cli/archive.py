"""The file format of a backup: ``manifest.json``, one database dump, the uploaded files."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files"
FORMAT = 1
CHUNK = 1024 * 1024


class BrokenError(RuntimeError):
    """The archive is not a whole backup of ours."""


def write(target: Path, dump: Path, files: Path, manifest: dict[str, Any]) -> None:
    """Pack everything; the archive appears under its name only when it is whole."""
    members = {DATABASE: dump} | {
        f"{FILES}/{path.relative_to(files).as_posix()}": path for path in sorted(files.rglob("*")) if path.is_file()
    }
    listed = {**manifest, "format": FORMAT, "members": {name: _digest(path) for name, path in members.items()}}
    part = target.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as tar:
        text = json.dumps(listed, ensure_ascii=False, indent=1).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size = len(text)
        tar.addfile(head, io.BytesIO(text))
        for name, path in members.items():
            tar.add(path, arcname=name, recursive=False)
    part.replace(target)


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Write the members the manifest lists below ``folder``, checking each; return the manifest."""
    try:
        with tarfile.open(source, "r:gz") as tar:
            manifest = json.loads(_member(tar, MANIFEST).read())
            if manifest.get("format") != FORMAT:
                message = f"unknown format {manifest.get('format')!r}"
                raise BrokenError(message)
            for name, digest in manifest["members"].items():
                _write(_member(tar, name), folder / _safe(name), digest)
    except (tarfile.TarError, EOFError, ValueError, KeyError) as error:
        message = f"{source.name}: {error}"
        raise BrokenError(message) from error
    return dict(manifest)


def swap(restored: Path, files: Path) -> None:
    """Put the restored files in place of the present ones."""
    restored.mkdir(exist_ok=True)
    old = files.with_name(f"{files.name}.old")
    if files.exists():
        files.rename(old)
    restored.rename(files)
    shutil.rmtree(old, ignore_errors=True)


def _member(tar: tarfile.TarFile, name: str) -> Any:  # noqa: ANN401 (a readable file of tarfile)
    file = tar.extractfile(tar.getmember(name))
    if file is None:
        message = f"{name} is not a file"
        raise BrokenError(message)
    return file


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or path.parts[0] not in {DATABASE, FILES}:
        message = f"refused member name {name!r}"
        raise BrokenError(message)
    return path


def _write(source: Any, target: Path, digest: str) -> None:  # noqa: ANN401 (a readable file of tarfile)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, CHUNK)
    if _digest(target) != digest:
        message = f"{target.name} differs from its digest"
        raise BrokenError(message)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
