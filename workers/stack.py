"""``make run``: the whole service under one supervisor (``python -m workers.stack``)."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from typing import IO, TYPE_CHECKING

import config
from workers import embedded
from workers.supervisor import Program, StartError, StopRequestedError, Supervisor, say, spawner

if TYPE_CHECKING:
    from config import Settings

DEMO_ADDRESS = "127.0.0.1:8765"
ANSWER_SECONDS = 5
LISTEN_BACKLOG = 128


class RefusedError(RuntimeError):
    """The stack cannot start; the message says what to do."""


def main() -> int:
    """Start everything, tell the address, run until a signal; return the exit code."""
    os.umask(0o077)  # database, files and feeds hold contacts: nobody else on this machine reads them
    try:
        settings = config.load()
        lock = _lock(settings)
        listener = _listen(settings)
    except (config.SettingsError, RefusedError) as error:
        say(str(error))
        return 2
    supervisor = Supervisor()
    try:
        Stack(settings, supervisor, listener).start()
        supervisor.run()
    except StopRequestedError:
        pass
    except (StartError, RefusedError) as error:
        say(f"启动失败，原因见上 / could not start: {error}")
        return 1
    finally:
        supervisor.shut_down()
        lock.close()
    say("已停止 / stopped")
    return 0


class Stack:
    """The programs of one office and the order they start in."""

    def __init__(self, settings: Settings, supervisor: Supervisor, listener: socket.socket) -> None:
        """Take over an open listening socket."""
        self.settings = settings
        self.supervisor = supervisor
        self.listener = listener
        self.demo = os.environ.get("DEMO") == "1"
        self.env = dict(os.environ) | {"YINFENG_DATA": str(settings.data_dir), "PYTHONUNBUFFERED": "1"}
        if self.demo:
            allowed = ",".join((*settings.crawl_allow, DEMO_ADDRESS))
            self.env |= {"YINFENG_DEMO_SITE": f"http://{DEMO_ADDRESS}", "YINFENG_CRAWL_ALLOW": allowed}

    def start(self) -> None:
        """Start the queue, prepare the database, wait for the first page, then start the rest."""
        began = time.monotonic()
        self._start_queue()
        gate, opener = os.pipe()
        web = self._start_web(gate)
        try:
            code = self._prepare()
            if self.demo:
                self._load_demo()
                code = self._prepare()
        finally:
            os.close(opener)
        self.supervisor.wait_for(self._answers, needs=web)
        self._greet(code, time.monotonic() - began)
        queues = ("default",) * self.settings.worker_processes
        self._run("fleet", _python("workers.fleet", *queues, "crawl"))

    @property
    def address(self) -> str:
        """Address to open in a browser on this machine."""
        host, port = self.listener.getsockname()[:2]
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 (compared, not bound)

    def _run(self, name: str, argv: list[str], *, pass_fds: tuple[int, ...] = (), last: bool = False) -> Program:
        return self.supervisor.start(Program(name, spawner(argv, self.env, pass_fds), last))

    def _start_queue(self) -> None:
        if os.environ.get("REDIS_URL"):
            return
        path = embedded.binary()
        if path is None:
            raise RefusedError(embedded.INSTALL_HINT)
        place = config.socket_path(self.settings.data_dir)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.parent.chmod(0o700)
        program = self._run("queue", embedded.command(path, place), last=True)
        self.supervisor.wait_for(lambda: embedded.answers(place), needs=program)

    def _start_web(self, gate: int) -> Program:
        """Start the web server; it imports at once and serves when the gate's other end is closed."""
        number = self.listener.fileno()
        self.env["YINFENG_GATE"] = str(gate)
        gunicorn = _python("gunicorn", "--config", "python:workers.gunicorn_conf")
        threads = ["--threads", str(self.settings.web_threads), "--bind", f"fd://{number}"]
        return self._run("web", [*gunicorn, *threads], pass_fds=(number, gate))

    def _prepare(self) -> str | None:
        """Migrate; return the set-up code while nobody can sign in yet."""
        told = self.supervisor.once(_python("workers.prepare"), self.env, pipe=True)
        code: str | None = json.loads(told)["setup_code"]
        return code

    def _load_demo(self) -> None:
        if find_spec("crm.cli.demo"):
            self.supervisor.once(_python("flask", "--app", "wsgi", "demo", "load"), self.env)
        if find_spec("crm.cli.demosite"):
            self._run("demo-site", _python("crm.cli.demosite"))

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.address}/login", timeout=ANSWER_SECONDS).close()  # noqa: S310 (our own address)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def _greet(self, code: str | None, seconds: float) -> None:
        say(f"引凤已启动 / Yinfeng is running: {self.address}  ({seconds:.1f} s)")
        if code:
            say(f"创建首个管理员 / create the first administrator: {self.address}/setup")
            say(f"一次性验证码 / one-time code: {code}")
        say("按 Ctrl+C 停止 / press Ctrl+C to stop")


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _lock(settings: Settings) -> IO[str]:
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    file = (settings.run_dir / "stack.lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"{settings.data_dir} 已有一个实例在运行 / another instance already uses this data folder"
        raise RefusedError(message) from error
    return file


def _listen(settings: Settings) -> socket.socket:
    """Bind before anything starts: a busy port is told at once, and a restarted web server loses no visitor."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(LISTEN_BACKLOG)
    except OSError as error:
        message = (
            f"不能使用 {settings.host}:{settings.port}（{error.strerror}），请换一个端口，例如 PORT=8001 make run\n"
            f"Cannot listen on {settings.host}:{settings.port}: choose another port, for example PORT=8001 make run"
        )
        raise RefusedError(message) from error
    return listener


if __name__ == "__main__":
    sys.exit(main())
