"""The score on public sets: quality beside simple rivals, cold start and speed, each bound with pass or fail.

    python -m benchmarks.scoring --data ../shared/data/scoring [--sets olist xedu] [--draws 20] [--json FILE]

The folder holds the csv files named in `benchmarks/scoringdata.py`; without it only the speed is measured. LightGBM
is asked only where it is installed (`pip install --group bench`). Five folds are stratified, and drawn four times for
small sets, because there the fold matters more than the model; the split by time trains on the first three quarters.
Spread: standard deviation over the folds. Speed is processor time.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scoringcold import ENOUGH, MARGIN, Cold, cold
from benchmarks.scoringdata import Data, sets
from benchmarks.scoringexperts import TABLES
from benchmarks.scoringmonths import months
from benchmarks.scoringrivals import LIGHTGBM, LIGHTGBM_NAMES, has_lightgbm, rivals
from benchmarks.scoringspeed import speed
from crm.scoring.model.trial import BASE, BAYES, CARD, Leads, Protocol, Trial, trial

HEAD = ("auc", "pr_auc", "log_loss", "brier", "ece", "lift")
AGAINST_BAYES = {"xedu": 0.85, "olist": 0.97}
ORACLE_MARGIN, SMALL = 0.003, 10_000
TREES_MARGIN, ECE_FOLDS, ECE_TIME, NULL_MARGIN = 0.015, 0.03, 0.05, 0.001
SINGLE_MS, MILLION_S, RETRAIN_S, PUBLISHED_S, ARTEFACT_KB = 0.05, 10.0, 5.0, 30.0, 100.0


@dataclass(frozen=True)
class Bound:
    """One thing that must hold; `met` is None where it could not be measured."""

    text: str
    found: str
    met: bool | None


def main() -> int:
    """Measure everything and print it."""
    options = _options()
    bounds: list[Bound] = []
    kept: dict[str, Any] = {}
    if options.data.is_dir():
        bounds += _quality(options, kept)
    else:
        print(f"no folder {options.data}: quality and cold start are skipped, see the module's first lines")
    bounds += _speed(kept)
    print("\nbounds")
    for bound in bounds:
        print(f"  {'skip' if bound.met is None else 'pass' if bound.met else 'FAIL'}  {bound.text}: {bound.found}")
    if options.json:
        kept["bounds"] = [asdict(bound) for bound in bounds]
        options.json.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    return int(any(bound.met is False for bound in bounds))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/scoring"))
    parser.add_argument("--sets", nargs="*", help="only these: olist xedu bank bank-no-macro maven")
    parser.add_argument("--draws", type=int, default=20, help="draws of the cold start")
    parser.add_argument("--repeats", type=int, default=4, help="times the folds are drawn for sets below 10,000 rows")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _quality(options: argparse.Namespace, kept: dict[str, Any]) -> list[Bound]:
    if not has_lightgbm():
        print("LightGBM is not installed: its rows and bounds are skipped (pip install --group bench)")
    bounds: list[Bound] = []
    for data in sets(options.data):
        if options.sets and data.key not in options.sets:
            continue
        repeats = options.repeats if len(data.won) < SMALL else 1
        tries = [
            trial(Leads(data.frame, data.won), seed=options.seed + number, rivals=rivals()) for number in range(repeats)
        ]
        tried = replace(tries[0], folds=Protocol(tuple(part for one in tries for part in one.folds.parts)))
        _print_trial(data, tried, signal=tries[0].has_signal)
        kept[data.key] = {"folds": _numbers(tried.folds), "time": _numbers(tried.time)}
        bounds += _bounds(data, tried, signal=any(one.has_signal for one in tries))
        if data.key in TABLES:
            bounds += _cold(data, options.draws, kept)
        if data.key == "olist":
            bounds.append(_hazard(options.data, kept))
    return bounds


def _print_trial(data: Data, tried: Trial, *, signal: bool) -> None:
    columns = len(data.frame.columns)
    print(f"\n{data.title}: {data.frame.rows} rows, {np.mean(data.won):.1%} won, {columns} features")
    for title, protocol in ((f"5 folds x {len(tried.folds.parts) // 5}", tried.folds), ("time", tried.time)):
        print(
            f"  {title:28s}"
            + "".join(f"{name:>10}" for name in HEAD)
            + ("   AUC sd" if len(protocol.parts) > 1 else "")
        )
        parts = protocol.by_part()
        for name, measured in protocol.metrics().items():
            row = "".join(f"{getattr(measured, column):>10.4f}" for column in HEAD)
            spread = f"{np.std([part.auc for part in parts[name]]):>9.4f}" if len(protocol.parts) > 1 else ""
            print(f"  {name:28s}{row}{spread}")
    gate = tried.final.gate
    print(f"  gate: better in {gate.share:.1%} of resamples; {'signal' if signal else 'no signal'}")


def _bounds(data: Data, tried: Trial, *, signal: bool) -> list[Bound]:
    folds, timed = tried.folds.metrics(), tried.time.metrics()
    card, found = folds[CARD], []
    if not data.signal:
        gap = card.log_loss - folds[BASE].log_loss
        later = timed[CARD].log_loss - timed[BASE].log_loss
        text = f"{data.key}: log loss <= base + {NULL_MARGIN}, folds and time"
        found.append(Bound(text, f"{gap:+.5f}, {later:+.5f}", max(gap, later) <= NULL_MARGIN))
        return [*found, Bound(f"{data.key}: says no signal", "signal" if signal else "no signal", not signal)]
    trees = [folds[name].auc for name in (LIGHTGBM, LIGHTGBM_NAMES) if name in folds]
    gap = card.auc - max(trees) if trees else 0.0
    text = f"{data.key}: CV AUC >= the better LightGBM - {TREES_MARGIN}"
    found.append(Bound(text, f"{gap:+.4f}" if trees else "not installed", gap >= -TREES_MARGIN if trees else None))
    if data.key in AGAINST_BAYES:
        most, ratio = AGAINST_BAYES[data.key], card.log_loss / folds[BAYES].log_loss
        found.append(Bound(f"{data.key}: log loss <= {most} x naive Bayes", f"{ratio:.3f}", ratio <= most))
    found.append(Bound(f"{data.key}: ECE <= {ECE_FOLDS} in CV", f"{card.ece:.4f}", card.ece <= ECE_FOLDS))
    if data.stable:
        later = timed[CARD].ece
        found.append(Bound(f"{data.key}: ECE <= {ECE_TIME} out of time", f"{later:.4f}", later <= ECE_TIME))
    return found


def _cold(data: Data, draws: int, kept: dict[str, Any]) -> list[Bound]:
    """Count the test by time where the base rate is stable, else a test quarter drawn by chance."""
    bounds = []
    ways = [("by time", cold(data, draws))]
    if not data.stable:
        ways.append(("by chance", cold(data, draws, shuffled=True)))
    ways.append(("by time, 30 % of the experts' signs wrong", cold(data, draws, flipped=0.3)))
    for place, (way, rows) in enumerate(ways):
        print(f"  cold start, test quarter {way} ({draws} draws)")
        for row in rows:
            losses = f"expert {row.expert:.4f}  card {row.card:.4f}"
            print(f"    n {row.n:>4} wins {row.wins:>6.1f}  {losses}  kept {row.kept:.0%}")
        kept[f"{data.key} cold {way}"] = [asdict(row) for row in rows]
        if place == (0 if data.stable else 1):
            bounds.append(_kept(data.key, way, rows))
        elif place == 0:
            bounds.append(replace(_kept(data.key, f"{way} (not counted: the base rate drifts)", rows), met=None))
    return bounds


def _hazard(folder: Path, kept: dict[str, Any]) -> Bound:
    found = months(folder)
    kept["olist hazard"] = asdict(found)
    print(f"  decided on a day: naive {found.naive:.4f}  hazard {found.hazard:.4f}  oracle {found.oracle:.4f}", end="")
    print(f"  predicted:actual {found.ratio:.2f}")
    gap = found.hazard - found.oracle
    return Bound(f"olist: hazard <= oracle + {ORACLE_MARGIN} log loss", f"{gap:+.4f}", gap <= ORACLE_MARGIN)


def _kept(key: str, way: str, rows: list[Cold]) -> Bound:
    worst = min(rows, key=lambda row: row.kept)
    text = f"{key}: n <= 400 not worse than the experts by > {MARGIN} in >= {ENOUGH:.0%} of draws, test {way}"
    return Bound(text, f"at worst {worst.kept:.0%} at n = {worst.n}", worst.kept >= ENOUGH)


def _speed(kept: dict[str, Any]) -> list[Bound]:
    found = speed()
    kept["speed"] = asdict(found)
    limits = (
        ("score and all reasons of one lead, ms", found.single_ms, SINGLE_MS),
        ("1,000,000 leads with reasons, s", found.million_s, MILLION_S),
        ("retrain 43,000 x 14, s", found.retrain_s, RETRAIN_S),
        ("retrain with calibration and gate, s", found.published_s, PUBLISHED_S),
        ("artefact, kB", found.artefact_bytes / 1_000, ARTEFACT_KB),
    )
    return [Bound(f"{text} <= {most:g}", f"{value:.4g}", value <= most) for text, value, most in limits]


def _numbers(protocol: Protocol) -> dict[str, dict[str, float]]:
    return {name: measured.as_json() for name, measured in protocol.metrics().items()}


if __name__ == "__main__":
    sys.exit(main())
