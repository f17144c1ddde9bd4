from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import stack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crm.core.db import Database


@pytest.fixture
def yard(database: Database, tmp_path: Path) -> Iterator[stack.Yard]:
    with stack.yard(tmp_path, database.engine.url.render_as_string(hide_password=False)) as place:
        yield place
