"""What the processes of one test run make once for all of them."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all processes of this run see."""
    own = factory.getbasetemp()
    found = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    found.mkdir(exist_ok=True)
    return found


def once(path: Path, make: Callable[[Path], None]) -> Path:
    """Return a file that the first process to ask makes, beside its place; the others wait for it."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            part = path.with_suffix(".part")
            make(part)
            part.replace(path)
    return path
