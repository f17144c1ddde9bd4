import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from crm.cli.backtest import group

HEAD = ["Opportunity ID", "Owner", "Source", "Amount", "Created", "Stage Value", "Noise", "IsWon"]


def leads(count: int = 1_200, effect: float = 1.2, seed: int = 3) -> list[list[str]]:
    chance = np.random.default_rng(seed)
    worth = chance.normal(0, effect, 40)
    rows = []
    for number in range(count):
        owner, amount = int(chance.integers(0, 40)), float(np.exp(chance.normal(5, 1)))
        won = chance.random() < 1 / (1 + np.exp(-worth[owner]))
        source = ["web", "fair", "Select", "partner"][number % 4]
        day = 736_000 + number // 6
        noise = f"{chance.normal():.2f}"
        rows.append(
            [str(number), str(owner), source, f"{amount:.0f}", str(day), "9" if won else "0", noise, str(int(won))]
        )
    return rows


def written(folder: Path, rows: list[list[str]], head: list[str] = HEAD, **ways: str) -> Path:
    path = folder / "leads.csv"
    with path.open("w", encoding=ways.pop("encoding", "utf-8"), newline="") as lines:
        csv.writer(lines, delimiter=ways.pop("delimiter", ",")).writerows([head, *rows])
    return path


def run(source: Path, *options: str, target: str = "IsWon") -> Result:
    out = str(source.parent / "report.json")
    return CliRunner().invoke(group, ["backtest", "--in", str(source), "--target", target, "--out", out, *options])


def report(source: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((source.parent / "report.json").read_text(encoding="utf-8"))
    return found


def test_a_file_with_signal_is_measured_by_both_protocols(tmp_path: Path) -> None:
    source = written(tmp_path, leads())
    result = run(source, "--time", "Created")
    assert result.exit_code == 0, result.output
    found = report(source)
    assert found["signal"]
    assert found["data"]["time"] == "Created"
    assert {one["key"]: one["reason"] for one in found["left_out"]} == {
        "Opportunity ID": "id", "Stage Value": "leak_auc",
    }  # fmt: skip
    for protocol in found["protocols"].values():
        measured = protocol["models"]
        assert set(measured) == {"card", "fitted", "naive_bayes", "base_rate"}
        assert measured["card"]["auc"] > 0.68
        assert measured["card"]["log_loss"] < measured["base_rate"]["log_loss"]
    assert "有信号 signal" in result.output
    assert "Stage Value" in result.output


def test_noise_is_called_no_signal(tmp_path: Path) -> None:
    source = written(tmp_path, leads(effect=0.0))
    result = run(source, "--exclude", "Stage Value")
    assert "没有信号 no signal" in result.output
    assert not report(source)["signal"]
    assert "按行的先后 by row order" in result.output


def test_named_columns_are_left_out_one_by_one_or_by_commas(tmp_path: Path) -> None:
    source = written(tmp_path, leads())
    assert run(source, "--exclude", "Stage Value,Noise", "--exclude", "Amount").exit_code == 0
    left_out = [one["key"] for one in report(source)["left_out"] if one["reason"] == "named"]
    assert sorted(left_out) == ["Amount", "Noise", "Stage Value"]


def test_an_experts_table_is_prior_and_rival(tmp_path: Path) -> None:
    source = written(tmp_path, leads())
    table = tmp_path / "experts.json"
    features = [{"key": "Source", "levels": {"fair": 5}}, {"key": "Amount", "bins": [[0, -3], [200, 4]]}]
    table.write_text(json.dumps({"features": features}), encoding="utf-8")
    result = run(source, "--expert", str(table), "--exclude", "Stage Value")
    assert result.exit_code == 0, result.output
    assert "expert" in report(source)["protocols"]["time"]["models"]


def test_open_leads_and_broken_rows_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = leads()
    rows[5][-1] = "Open"
    rows[6] = rows[6][:3]
    source = written(tmp_path, rows)
    assert run(source).exit_code == 0
    data = report(source)["data"]
    assert (data["rows"], data["rows_unused"], data["rows_broken"]) == (1_198, 1, 1)


@pytest.mark.parametrize(("encoding", "delimiter"), [("gb18030", ";"), ("utf-8-sig", "\t")])
def test_usual_encodings_and_delimiters_are_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [["是" if row[-1] == "1" else "否", *row[1:5]] for row in leads(600)]
    source = written(
        tmp_path, rows, ["签约", "来源人", "渠道", "金额", "日期序号"], encoding=encoding, delimiter=delimiter
    )
    result = run(source, target="签约")
    assert result.exit_code == 0, result.output


def test_batches_are_told_and_kept_together(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    rows = []
    for batch in range(500):
        won = chance.random() < 0.5
        rows += [[f"p{batch % 71}", str(batch // 3), str(chance.integers(0, 9)), str(int(won))] for _row in range(4)]
    source = written(tmp_path, rows, ["Owner", "Day", "Grade", "IsWon"])
    assert "--group Day,Owner" in run(source, "--time", "Day").output
    assert "grouped by" in run(source, "--time", "Day", "--group", "Day,Owner").output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--time", "When"], "没有列“When”"),
        (["--exclude", "Nothing"], "没有列“Nothing”"),
        (["--time", "Source"], "读不出日期或数"),
        (["--won", "won"], "--won"),
        (["--exclude", "Owner,Source,Amount,Created,Stage Value,Noise"], "没有可用的列"),
    ],
)
def test_what_is_wrong_is_said_in_words(tmp_path: Path, options: list[str], words: str) -> None:
    result = run(written(tmp_path, leads(200)), *options)
    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize(
    ("rows", "head", "words"),
    [
        ([["1", "0"]] * 5, ["a", "IsWon"], "至少要 20 行"),
        ([["1", "0"]] * 30, ["IsWon", "IsWon"], "列名重复"),
        ([["1"]] * 30, ["IsWon"], "列名"),
        ([["x", "1"]] * 30 + [["x", "0"]] * 3, ["a", "IsWon"], "各要至少"),
        ([["x", "7"]] * 30, ["a", "IsWon"], "现有：7"),
        ([], [], "列名"),
    ],
)
def test_files_that_cannot_be_tried_are_refused_in_words(
    tmp_path: Path, rows: list[list[str]], head: list[str], words: str
) -> None:
    result = run(written(tmp_path, rows, head))
    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize(
    "text", ["{", "[1, 2]", '{"features": [{"levels": {}}]}', '{"features": [{"key": "Gone", "levels": {}}]}']
)
def test_a_strange_experts_table_is_refused_in_words(tmp_path: Path, text: str) -> None:
    table = tmp_path / "experts.json"
    table.write_text(text, encoding="utf-8")
    result = run(written(tmp_path, leads(200)), "--expert", str(table))
    assert result.exit_code == 1
    assert "Error: " in result.output


def test_a_binary_file_is_refused_in_words(tmp_path: Path) -> None:
    source = tmp_path / "leads.csv"
    source.write_bytes(b"PK\x03\x04\0\0\0" * 40)
    assert "请另存为 csv" in run(source).output


def test_fewer_batches_than_folds_are_refused(tmp_path: Path) -> None:
    result = run(written(tmp_path, leads()), "--group", "Source", "--exclude", "Stage Value")
    assert result.exit_code == 1
    assert "只分出 4 批" in result.output


def test_columns_that_sound_like_the_end_are_told(tmp_path: Path) -> None:
    head = [{"Noise": "Days to close"}.get(name, name) for name in HEAD]
    result = run(written(tmp_path, leads(), head))
    assert "late names: Days to close " in result.output


def test_why_no_column_is_left_is_said(tmp_path: Path) -> None:
    source = written(tmp_path, [["same", str(number % 2)] for number in range(60)], ["Country", "IsWon"])
    assert "Country（只有一种取值 constant）" in run(source).output
