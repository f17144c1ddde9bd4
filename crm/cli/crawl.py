"""``flask --app wsgi crawl``: crawl sources now and wait until their signals are scored."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from crm.core import clock, jobs
from crm.core.errors import DomainError
from crm.core.tasks import Task, TaskState
from crm.news import queries, services
from crm.news.models import CrawlRun, RunState
from crm.news.sources import FAILURE_LABELS, SourceDraft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from crm.core.db import Database

ROOT = Path(__file__).resolve().parents[2]
CHAIN = (jobs.CRAWL, jobs.INGEST, jobs.ANALYSE, jobs.RESCORE)
OPEN = (TaskState.NEW, TaskState.SENT, TaskState.RUNNING)
PATIENCE_SECONDS = 4.0
POLL_SECONDS = 0.3


@click.command("crawl")
@click.option("--source", "name", help="信源名称")
@click.option("--all", "everything", is_flag=True, help="抓取全部启用的信源")
@click.option("--url", help="信源不存在时按此网址新建")
@click.option("--kind", type=click.Choice(["rss", "sitemap", "list", "json"]), help="新建信源的类型")
@click.option("--link-css", default="", help="列表页：文章链接选择器")
@click.option("--next-css", default="", help="列表页：下一页选择器")
@click.option("--allow", multiple=True, metavar="HOST:PORT", help="允许访问的内网地址")
@click.option("--delay", type=float, help="两次请求之间的秒数")
@click.option("--max-pages", type=int, help="最多抓取的页数")
@click.option("--max-items", type=int, help="最多取回的文章数")
@click.option("--timeout", default=1800, show_default=True, help="最多等待的秒数")
@click.option("--json", "as_json", is_flag=True, help="只输出一行 JSON")
@with_appcontext
def command(  # noqa: PLR0913 (one argument per option)
    *,
    name: str | None,
    everything: bool,
    url: str | None,
    kind: str | None,
    link_css: str,
    next_css: str,
    allow: tuple[str, ...],
    delay: float | None,
    max_pages: int | None,
    max_items: int | None,
    timeout: int,
    as_json: bool,
) -> None:
    """Crawl one source or all of them, and wait for articles, signals and scores."""
    if bool(name) == everything:
        message = "请用 --source 名称 指定一个信源，或用 --all 抓取全部"
        raise click.UsageError(message)
    options: dict[str, Any] = {
        "link_css": link_css, "next_css": next_css, "allow": list(allow), "max_pages": max_pages, "max_items": max_items
    }  # fmt: skip
    given = {key: value for key, value in options.items() if value} | ({} if delay is None else {"delay": delay})
    draft = SourceDraft(name or "", kind or "", url or "", 60, given)
    database = cast("Database", current_app.extensions["database"])
    begun = time.monotonic()
    try:
        with database.transaction() as session:
            runs = _request(session, draft, everything=everything)
    except DomainError as error:
        raise click.ClickException("；".join(problem.message % problem.params for problem in error.problems)) from error
    finished = _wait(database, runs, time.monotonic() + timeout, quiet=as_json)
    with database.reading() as session:
        report = [_figures(session, run_id) for run_id in runs]
    seconds = round(time.monotonic() - begun, 1)
    _show(report, seconds, as_json=as_json)
    if not finished or any(row["state"] != RunState.DONE.value for row in report):
        sys.exit(1)


def _request(session: Session, draft: SourceDraft, *, everything: bool) -> list[int]:
    now = clock.now()
    if everything:
        wanted = [row for row in queries.sources(session) if row.enabled]
    else:
        known = queries.source_by_name(session, draft.name)
        if known is None and not (draft.url and draft.kind):
            message = f"没有名为“{draft.name}”的信源；要新建请同时给出 --url 和 --kind"
            raise click.ClickException(message)
        wanted = [known or services.save_source(session, None, draft, now=now)]
    runs = [services.request_crawl(session, None, row.id, now=now) or _waiting_run(session, row.id) for row in wanted]
    return [run.id for run in runs]


def _waiting_run(session: Session, source_id: int) -> CrawlRun:
    """Join the crawl that already waits for this source."""
    return queries.runs(session, source_id, 1)[0]


def _wait(database: Database, runs: Sequence[int], deadline: float, *, quiet: bool) -> bool:
    """Wait for every task of these runs; help out in a child process when no worker takes them."""
    helper: subprocess.Popen[bytes] | None = None
    idle_since, shown = time.monotonic(), ""
    try:
        while time.monotonic() < deadline:
            with database.reading() as session:
                left = _open_tasks(session, runs)
            if not left:
                return True
            words = "、".join(f"{kind} {sum(row.kind == kind for row in left)}" for kind in CHAIN if _has(left, kind))
            if words != shown and not quiet:
                click.echo(f"等待：{words}")
            shown = words
            if any(row.state is TaskState.RUNNING for row in left):
                idle_since = time.monotonic()
            if time.monotonic() - idle_since > PATIENCE_SECONDS and (helper is None or helper.poll() is not None):
                command = [sys.executable, "-m", "workers.inline"]
                helper = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)  # noqa: S603 (our own module)
                idle_since = time.monotonic()
            time.sleep(POLL_SECONDS)
        return False
    finally:
        if helper is not None:
            with suppress(subprocess.TimeoutExpired):
                helper.wait(timeout=10)
            helper.terminate()


def _has(tasks: Sequence[Task], kind: str) -> bool:
    return any(task.kind == kind for task in tasks)


def _open_tasks(session: Session, runs: Sequence[int]) -> list[Task]:
    """Tasks that still stand between these runs and their scores."""
    statement = select(Task).where(Task.kind.in_(CHAIN), Task.state.in_(OPEN)).order_by(Task.id)
    return [
        task for task in session.scalars(statement) if task.kind == jobs.RESCORE or task.payload.get("run_id") in runs
    ]


def _figures(session: Session, run_id: int) -> dict[str, Any]:
    run = queries.run(session, run_id)
    return {
        "source": queries.source(session, run.source_id).name,
        "run": run.id,
        "state": run.state.value,
        "error": run.error,
        "fetched": run.fetched,
        "stored": run.stored,
        "known": run.known,
        "failed": run.failed,
        "failures": queries.failure_counts(session, [run.id]),
        "signals": run.signals,
        "crawl_seconds": run.stats.get("seconds"),
        "crawl_memory_kb": run.stats.get("peak_memory_kb"),
    }


def _show(report: Sequence[Mapping[str, Any]], seconds: float, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"seconds": seconds, "runs": report}, ensure_ascii=False))
        return
    for row in report:
        reasons = "，".join(f"{FAILURE_LABELS.get(key, key)} {number}" for key, number in row["failures"].items())
        click.echo(
            f"{row['source']}：取回{row['fetched']}页，新入库{row['stored']}，已有{row['known']}，"
            f"失败{row['failed']}{f'（{reasons}）' if reasons else ''}，新动态{row['signals']}条"
        )
        if row["error"]:
            click.echo(f"  未完成：{FAILURE_LABELS.get(row['error'], row['error'])}")
    click.echo(f"用时 {seconds} 秒")
