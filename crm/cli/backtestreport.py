"""The report of a backtest, as JSON and as lines of text."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from crm.cli.backtestinput import REASONS
from crm.scoring.model.leaks import sounds_late
from crm.scoring.model.metrics import reliability
from crm.scoring.model.trial import BASE, BAYES, CARD, EXPERT, FITTED

if TYPE_CHECKING:
    from crm.cli.backtestinput import Asked, Prepared
    from crm.scoring.model.frame import Column
    from crm.scoring.model.trial import Protocol, Trial

NAMES = {
    CARD: "评分卡（过门槛后）card", FITTED: "评分卡（未设门槛）fitted", EXPERT: "专家表 expert",
    BAYES: "朴素贝叶斯 naive_bayes", BASE: "基准率 base_rate",
}  # fmt: skip
ROW_ORDER = "row order"
EARNED = 40
HEAD = ("auc", "pr_auc", "log_loss", "brier", "ece", "lift")
TITLES = {"folds": "五折交叉 5-fold CV", "time": "按时间：前75%训练，后25%检验 time split"}


def as_json(asked: Asked, prepared: Prepared, tried: Trial, seed: int) -> dict[str, Any]:
    """Give everything as plain numbers and words."""
    leads, card = prepared.leads, tried.final.fitted.as_json()
    gates = {"folds": tried.folds.gate(), "time": tried.time.gate(), "all_rows": tried.final.gate}
    return {
        "data": {
            "file": asked.source.name,
            "target": asked.target,
            "time": asked.moment or ROW_ORDER,
            "group": list(asked.grouped),
            "seed": seed,
            "rows": len(leads.won),
            "won": int(leads.won.sum()),
            "rows_broken": prepared.broken,
            "rows_unused": prepared.unused,
        },
        "columns": [_column(column) for column in leads.frame.columns],
        "left_out": [asdict(one) for one in leads.frame.left_out],
        "singles": [{**asdict(one), "leak": one.leaks, "suspect": one.suspect} for one in prepared.singles],
        "batches": [asdict(one) for one in prepared.batches],
        "protocols": {"folds": _protocol(tried.folds), "time": _protocol(tried.time)},
        "gate": {key: asdict(gate) for key, gate in gates.items()},
        "signal": tried.has_signal,
        "publish": tried.final.gate.publish,
        "card_bytes": len(json.dumps(card, ensure_ascii=False).encode()),
        "card": card,
    }


def print_report(report: dict[str, Any]) -> None:
    """Print what a person wants to know first."""
    data = report["data"]
    click.echo(
        f"数据 data: {data['rows']} 行，成 {data['won']}（{data['won'] / data['rows']:.1%}），"
        f"没有结果或时间而不用 {data['rows_unused']} 行，格数不对略去 {data['rows_broken']} 行"
    )
    kinds = [column["kind"] for column in report["columns"]]
    click.echo(f"用 {len(kinds)} 列 features：数 {kinds.count('number')}，类 {kinds.count('category')}")
    for one in report["left_out"]:
        click.echo(f"  不用 left out: {one['key']}（{REASONS[one['reason']]}）")
    _print_protocols(report)
    _print_warnings(report)
    gate = report["gate"]["all_rows"]
    verdict = "过 passed" if gate["publish"] else "未过 not passed"
    click.echo(f"发布门槛 publish gate: 配对自助 {gate['share']:.1%} 的重抽样更好（须 ≥ 95%）：{verdict}")
    click.echo("结论：有信号 signal" if report["signal"] else "结论：没有信号 no signal，只能说基准率")


def _print_protocols(report: dict[str, Any]) -> None:
    for key, protocol in report["protocols"].items():
        where = f"（{report['data']['time']}）" if key == "time" else ""
        if key == "folds" and report["data"]["group"]:
            where = f"（同批不拆 grouped by {'、'.join(report['data']['group'])}）"
        if report["data"]["time"] == "row order" and key == "time":
            where = "（没有 --time，按行的先后 by row order）"
        click.echo(f"{TITLES[key]}{where}")
        click.echo("  " + "".join(f"{name:>10}" for name in HEAD))
        for name, measured in protocol["models"].items():
            row = "".join(f"{measured[column]:>10.4f}" for column in HEAD)
            spread = f"  AUC ±{measured['auc_sd']:.4f}" if "auc_sd" in measured else ""
            click.echo(f"  {row}  {NAMES.get(name, name)}{spread}")


def _print_warnings(report: dict[str, Any]) -> None:
    data = report["data"]
    rarer = min(data["won"], data["rows"] - data["won"])
    if rarer < EARNED:
        click.echo(f"  提醒 few: 较少的一方只有 {rarer} 条，不到 {EARNED} 条，上面的数只作参考，概率不宜公布")
    for one in report["singles"]:
        if one["suspect"] and not one["leak"]:
            click.echo(
                f"  提醒 leak warning: {one['key']} 单列 AUC {one['auc']:.3f}，缺失率 成 {one['missing_won']:.0%}"
                f" / 不成 {one['missing_lost']:.0%}：请确认是结果出来之前写的，否则 --exclude"
            )
    late = [column["key"] for column in report["columns"] if sounds_late(column["key"])]
    if late:
        click.echo(f"  提醒 late names: {'、'.join(late)} 听起来是结束时才填的：是的话请 --exclude，否则检验会高估")
    for one in report["batches"][:3]:
        click.echo(
            f"  提醒 batches: {one['share']:.0%} 的行与别的行同一时间、同一 {one['key']}，"
            f"两两结果相同 {one['alike']:.0%}（平时 {one['usual']:.0%}）；五折会高估，"
            f"可加 --group {data['time']},{one['key']}"
        )


def _protocol(protocol: Protocol) -> dict[str, Any]:
    spread = {name: [part.auc for part in parts] for name, parts in protocol.by_part().items()}
    models = {
        name: {**measured.as_json(), **({"auc_sd": float(np.std(spread[name]))} if len(protocol.parts) > 1 else {})}
        for name, measured in protocol.metrics().items()
    }
    curves = {name: [asdict(point) for point in reliability(protocol.won, protocol.chance(name))] for name in models}
    published = [part.published for part in protocol.parts]
    return {"models": models, "reliability": curves, "published": published}


def _column(column: Column) -> dict[str, Any]:
    distinct = len(np.unique(column.values[~column.missing]))
    return {"key": column.key, "kind": column.kind.value, "values": distinct, "missing": int(column.missing.sum())}
