"""``assess``: rules and values in, every line of every score out; faults in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from crm.cli.assess import group
from tests.unit.assessment.engine import published

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def call(folder: Path, rules: Any, facts: Any) -> Result:
    for name, content in (("rules", rules), ("facts", facts)):
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    names = ["--rules", "rules", "--facts", "facts", "--out", "out"]
    return CliRunner().invoke(
        group, ["run", *(str(folder / f"{one}.json") if at % 2 else one for at, one in enumerate(names))]
    )


def test_a_published_result_is_written_with_its_lines(tmp_path: Path) -> None:
    done = call(tmp_path, published.CITY, published.CITY_UNITS)
    assert done.exit_code == 0
    out = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [(unit["key"], unit["total"], unit["rank"]) for unit in out["units"]] == [("A", 2.78, 2), ("B", 2.95, 1)]
    assert "2 个单位，6 条规则" in done.stderr


def test_faults_of_both_files_are_told_with_their_places(tmp_path: Path) -> None:
    wrong = call(tmp_path, {"name": "试行", "rules": [{"key": "甲", "kind": "retio"}]}, {"units": []})
    assert wrong.exit_code == 1
    assert "rules[0].kind：“retio”不认识" in wrong.output
    assert "units：要填一个列表" in call(tmp_path, published.CITY, {"units": []}).output


@pytest.mark.parametrize("text", ["{", "[" * 3000, ""])
def test_what_is_no_json_is_told(tmp_path: Path, text: str) -> None:
    assert "不是有效的 JSON" in call(tmp_path, text, {"units": []}).output


def test_a_book_can_be_checked_before_use(tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_text(json.dumps(published.EFFICACY, ensure_ascii=False), encoding="utf-8")
    done = CliRunner().invoke(group, ["check", "--rules", str(tmp_path / "rules.json")])
    assert "需要的指标（values）：到资" in done.output


@pytest.mark.parametrize("which", ["rules", "facts"])
def test_the_schema_is_printed(which: str) -> None:
    assert json.loads(CliRunner().invoke(group, ["schema", which]).output)["properties"]
