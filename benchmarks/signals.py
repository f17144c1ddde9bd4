"""Measure kinds of signal, their facts and denials against a gold set kept outside the repository.

    python -m benchmarks.signals [--shared ../shared] [--errors 0] [--out outputs.jsonl]

The rules were written by people who read two thirds of the gold set. The other third (sha256 of the id, modulo 3, is 0)
was not read while writing and is printed apart. Prints a message and succeeds when the gold set is absent.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.denials import measure as measure_denials
from crm.cli.analyse import findings
from crm.linking.matcher import AliasIndex
from crm.linking.namefile import read_names
from crm.signals.reading import read
from crm.signals.rules import find_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

RESAMPLES = 300
ARTICLE = 700
WANTED = {
    "signal_micro_f1": 0.84,
    "signal_macro_f1": 0.80,
    "lead_vs_none_f1": 0.92,
    "amount_p": 0.94,
    "amount_r": 0.85,
    "place_recall": 0.88,
}
Item = dict[str, Any]


def held_out(item: Item) -> bool:
    """Tell the third of the gold set that nobody read while writing rules."""
    return int(hashlib.sha256(item["id"].encode()).hexdigest(), 16) % 3 == 0


def yardstick(path: Path) -> ModuleType:
    """Load the shared evaluation script as a module."""
    spec = importlib.util.spec_from_file_location("evaluate_signals", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score(tool: ModuleType, items: Sequence[Item], outputs: Sequence[Item]) -> None:
    """Print every row of the table with its interval."""
    counted = [
        (tool.links(item, out)[0], tool.facts(item, out), tool.kinds(item, out))
        for item, out in zip(items, outputs, strict=True)
    ]
    result = tool.report(counted)
    chance = random.Random(1)  # noqa: S311 — resampling
    samples = [tool.report([counted[chance.randrange(len(counted))] for _ in counted]) for _ in range(RESAMPLES)]
    for name, least in WANTED.items():
        values = sorted(sample[name] for sample in samples)
        low, high = values[RESAMPLES // 40], values[-RESAMPLES // 40 - 1]
        say(f"  {name:20} {result[name]:.3f}  [{low:.3f}, {high:.3f}]  wanted {least}")
    say(f"  {'by kind':20} " + "  ".join(f"{kind} {value:.2f}" for kind, value in result["signal_f1"].items()))
    say(f"  {'places with a signal':20} {_places_of_signals(items, outputs):.3f}  (other items print no place)")
    say(f"  {'false 合作 places':20} {result['hezuo_errors']}")


def _places_of_signals(items: Sequence[Item], outputs: Sequence[Item]) -> float:
    right = wanted = 0
    for item, out in zip(items, outputs, strict=True):
        if item["signals"] == ["none"]:
            continue
        said = "".join(signal["place"] or "" for signal in out["signals"])
        wanted += len(item["places"])
        right += sum(place[-2:] in said or place[:2] in said for place in item["places"])
    return right / wanted if wanted else 0.0


def errors(items: Sequence[Item], outputs: Sequence[Item], most: int) -> None:
    """Print wrong items of the part that may be read."""
    shown = 0
    for item, out in zip(items, outputs, strict=True):
        gold, got = set(item["signals"]) - {"none"}, {signal["kind"] for signal in out["signals"]}
        if gold != got and shown < most and not held_out(item):
            shown += 1
            say(f"  {item['id']} missing {sorted(gold - got)} wrong {sorted(got - gold)}: {item['text'][:90]}")


def speed(index: AliasIndex, items: Sequence[Item]) -> None:
    """Print processor time on articles of 700 characters joined from the texts."""
    joined = "\n".join(item["text"] for item in items)
    articles = [joined[at : at + ARTICLE] for at in range(0, len(joined), ARTICLE)] * 3

    def mean(work: Callable[[str], object]) -> float:
        started = time.process_time()
        for article in articles:
            work(article)
        return (time.process_time() - started) / len(articles) * 1000

    say(f"  finding kinds {mean(read):.2f} ms, with facts {mean(find_signals):.2f} ms an article")
    both = mean(lambda text: findings(index, {}, text))
    say(f"  linking and classifying {both:.2f} ms an article, {1000 / both:.0f} articles/s on one core")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--errors", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    say("denials and terminated plans, invented")
    measure_denials(say)
    gold = options.shared / "data/signals/dev.jsonl"
    if not gold.exists():
        say(f"No gold set at {gold}: nothing else measured.")
        return 0
    tool = yardstick(options.shared / "tools/evaluate_signals.py")
    index = AliasIndex.build(read_names(options.shared / "data/enterprises/entities_master.csv"))
    items = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    outputs = [{"id": item["id"], **findings(index, {}, item["text"])} for item in items]
    if options.out:
        options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in outputs), "utf-8")
    for name, wanted in (("read while writing", False), ("held out", True)):
        part = [(item, out) for item, out in zip(items, outputs, strict=True) if held_out(item) is wanted]
        say(f"{name}: {len(part)} texts")
        score(tool, [item for item, _ in part], [out for _, out in part])
    errors(items, outputs, options.errors)
    say(f"speed, {ARTICLE} characters")
    speed(index, items)
    return 0


if __name__ == "__main__":
    sys.exit(main())
