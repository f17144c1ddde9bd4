"""The supervisor behind ``make run``, started for real in a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.stack import ROOT, alive, descendants, kill
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.jobs
START_SECONDS = 60
PROCESSES = 8  # queue, web master and worker, fleet, relay, scheduler, two workers
REFUSED = 2


def launch(folder: Path, **env: str) -> subprocess.Popen[str]:
    inherited = {key: value for key, value in os.environ.items() if key not in {"REDIS_URL", "DATABASE_URL", "DEMO"}}
    return subprocess.Popen(
        [sys.executable, "-m", "workers.stack"],
        cwd=ROOT,
        env={**inherited, "YINFENG_DATA": str(folder), "PORT": "0", **env},
        stderr=subprocess.PIPE,
        text=True,
    )


def greeting(process: subprocess.Popen[str]) -> str:
    said = ""
    assert process.stderr is not None
    for line in process.stderr:
        said += line
        if "Ctrl+C" in line:
            return said
    pytest.fail(said)


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = launch(folder)
    try:
        said = greeting(process)
        wait_until(lambda: len(descendants(process.pid)) >= PROCESSES, START_SECONDS)
        yield process, said
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def test_the_stack_tells_its_address_and_set_up_code_and_refuses_a_twin(tmp_path: Path) -> None:
    with running(tmp_path) as (_, said):
        assert re.search(r"http://127\.0\.0\.1:\d+/setup", said)
        assert re.search(r"one-time code: [A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", said)
        assert (tmp_path / "run").stat().st_mode & 0o077 == 0
        assert (tmp_path / "yinfeng.db").stat().st_mode & 0o077 == 0
        twin = launch(tmp_path)
        _, told = twin.communicate(timeout=START_SECONDS)
        assert twin.returncode == REFUSED
        assert "已有一个实例在运行" in told


def test_killing_the_supervisor_leaves_no_process(tmp_path: Path) -> None:
    with running(tmp_path) as (process, _):
        below = descendants(process.pid)
        process.kill()
        process.wait()
        wait_until(lambda: not any(map(alive, below)), START_SECONDS)


def test_a_killed_child_is_started_again_and_a_stop_signal_ends_everything(tmp_path: Path) -> None:
    with running(tmp_path) as (process, _):
        before = descendants(process.pid)
        for pid in before[:1]:
            kill(pid)
        wait_until(lambda: len(set(descendants(process.pid)) - set(before)) >= 1, START_SECONDS)
        below = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert not any(map(alive, below))


def test_a_busy_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = launch(tmp_path, PORT=str(taken.getsockname()[1]))
        _, told = process.communicate(timeout=START_SECONDS)
    assert process.returncode == REFUSED
    assert "请换一个端口" in told


def test_a_wrong_setting_is_told_in_one_line(tmp_path: Path) -> None:
    process = launch(tmp_path, PORT="eighty")
    _, told = process.communicate(timeout=START_SECONDS)
    assert process.returncode == REFUSED
    assert "PORT must be a whole number" in told
    assert "Traceback" not in told


def test_an_unreachable_database_is_told_and_nothing_keeps_running(tmp_path: Path) -> None:
    process = launch(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    _, told = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert "请检查 DATABASE_URL" in told
    assert "Traceback" not in told
