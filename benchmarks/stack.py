"""Start the whole stack twice in a throw-away data folder; print start times and idle memory.

Run it as ``python -m benchmarks.stack``.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

IDLE_SECONDS = 6
ADDRESS = re.compile(r"http://[\d.]+:\d+")


def tree(root: int) -> list[int]:
    """Return the process ids of ``root`` and all its descendants."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [root]
    for pid in found:
        found.extend(parents.get(pid, []))
    return found


def pss(pid: int) -> int:
    """Return the proportional set size of a process in kB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])  # type: ignore[index]  # the kernel always writes it


def name(pid: int) -> str:
    """Return a short name for a process."""
    words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").split()
    return " ".join(Path(word).name for word in words[:4])


def measure(env: dict[str, str], label: str) -> None:
    """Start once, wait for the greeting, let it idle, print memory, stop."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "workers.stack"], env=env, stderr=subprocess.PIPE, text=True)
    for line in process.stderr or ():
        if ADDRESS.search(line):
            break
    print(f"{label}: first page after {time.monotonic() - began:.2f} s")
    threading.Event().wait(IDLE_SECONDS)
    sizes = {pid: pss(pid) for pid in tree(process.pid)}
    for pid, size in sizes.items():
        print(f"  {size / 1024:7.1f} MB  {name(pid)}")
    print(f"  {sum(sizes.values()) / 1024:7.1f} MB  PSS of {len(sizes)} processes")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait()
    print(f"  stopped in {time.monotonic() - began:.2f} s")


def main() -> None:
    """Measure a cold and a second start."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "YINFENG_DATA": folder, "PORT": "0"}
        measure(env, "cold start")
        measure(env, "second start")


if __name__ == "__main__":
    main()
