from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.scoring.models import EnterpriseScore
from tests.support import builders, feeds

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

TEXT = "云岭电子股份有限公司拟投资12亿元在云溪县新建智能终端工厂。"


def run(app: Flask, *words: str, rows: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    lines = "".join(json.dumps(row) + "\n" for row in rows or [])
    result = app.test_cli_runner().invoke(args=list(words), input=lines)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_extract_reads_html_and_files_beside_the_input(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(feeds.page().encode("gb18030"))
    rows = [{"id": 1, "html": feeds.page(), "url": ""}, {"id": 2, "path": "a.html"}, {"id": 3, "path": "b.html"}]
    given, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    run(app, "extract", "--in", str(given), "--out", str(out))
    first, second, third = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert (first["id"], second["id"]) == (1, 2)
    assert first["text"] == second["text"] == "\n".join(feeds.STORY)
    assert first["published_at"] == "2026-11-18T09:30:00+08:00"
    assert first["source"] == "云岭日报"
    assert (third["error"], third["text"]) == ("no_page", "")


def test_a_line_that_is_no_object_is_named_and_passed_over(app: Flask) -> None:
    for line in ("nonsense\n", "[1]\n", '{"html": ""}\n'):
        result = app.test_cli_runner().invoke(args=["extract"], input=line + '{"id": 2, "html": "<p>好</p>"}\n')
        assert result.exit_code == 0
        assert "第1行" in result.stderr
        assert "读入2行，写出1行，无法处理1行" in result.stderr
        assert json.loads(result.stdout)["id"] == 2


def test_analyse_names_enterprises_of_the_register(app: Flask, session: Session) -> None:
    builders.enterprise(session, "云岭电子股份有限公司")
    session.commit()
    (own,) = run(app, "analyse", rows=[{"id": "x", "text": TEXT}])
    mention = own["mentions"][0]
    assert (mention["start"], mention["end"]) == (0, 10)
    assert mention["enterprise"] == mention["surface"] == "云岭电子股份有限公司"
    (signal,) = own["signals"]
    assert signal["kind"] == "CAPX"
    assert (signal["amount"]["value"], signal["amount"]["currency"]) == (1200000000.0, "CNY")
    assert signal["quote"] in TEXT


def test_cluster_names_the_first_text_of_each_story(app: Flask) -> None:
    rows = [{"id": "a", "text": TEXT}, {"id": "b", "text": "茶叶节开幕"}, {"id": "c", "text": TEXT + "！"}]
    assert run(app, "cluster", rows=rows) == [
        {"id": "a", "cluster": "a"}, {"id": "b", "cluster": "b"}, {"id": "c", "cluster": "a"},
    ]  # fmt: skip


def test_rescore_scores_one_or_all_and_says_what_is_missing(app: Flask, session: Session) -> None:
    firm = builders.enterprise(session)
    builders.signal(session, firm)
    session.commit()
    runner = app.test_cli_runner()
    one = runner.invoke(args=["rescore", "--enterprise", str(firm.id)])
    assert "“资本扩张”动态1条" in one.output
    assert runner.invoke(args=["rescore", "--all"]).exit_code == 0
    assert runner.invoke(args=["rescore", "--enterprise", "999"]).exit_code == 1
    assert runner.invoke(args=["rescore"]).exit_code == 2
    assert session.scalars(select(EnterpriseScore.points)).one() > 50


def test_crawl_says_how_to_name_a_source(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["crawl"]).exit_code == 2
    unknown = runner.invoke(args=["crawl", "--source", "没有"])
    assert unknown.exit_code == 1
    assert "--url" in unknown.output
