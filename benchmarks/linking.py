"""Measure linking and signals against a gold set kept outside the repository.

    python -m benchmarks.linking [--shared ../shared] [--out outputs.jsonl] [--errors 0]

Prints a message and succeeds when the gold set is absent.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crm.signals.matcher import AliasIndex
from crm.signals.namefile import read_names
from crm.signals.rules import find_evidence


def analyse(index: AliasIndex, item: dict[str, str]) -> dict[str, object]:
    """Give one output row of the evaluation format."""
    text = item["text"]
    mentions = [{"start": m.start, "end": m.end, "enterprise": m.enterprise_id} for m in index.find(text)]
    signals = [
        {
            "kind": found.kind.value,
            "amount": {"value": float(found.amount.value), "currency": found.amount.currency} if found.amount else None,
            "place": None,
        }
        for found in find_evidence(text)
    ]
    return {"id": item["id"], "mentions": mentions, "signals": signals}


def main() -> int:
    """Run the measurement and hand the outputs to the evaluation script."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--errors", type=int, default=0)
    options = parser.parse_args()
    gold = options.shared / "data/signals/dev.jsonl"
    if not gold.exists():
        sys.stdout.write(f"No gold set at {gold}: nothing measured.\n")
        return 0
    started = time.process_time()
    index = AliasIndex.build(read_names(options.shared / "data/enterprises/entities_master.csv"))
    built = time.process_time()
    items = [json.loads(line) for line in gold.read_text(encoding="utf-8").splitlines()]
    outputs = [analyse(index, item) for item in items]
    size = sum(len(item["text"].encode()) for item in items)
    spent = time.process_time() - built
    sys.stdout.write(f"{len(index.entries)} names in {built - started:.2f} s, {size / spent / 1e6:.2f} MB/s\n")
    sys.stdout.flush()
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as handle:
        handle.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in outputs)
        handle.flush()
        script = options.shared / "tools/evaluate_signals.py"
        command = [sys.executable, str(script), str(gold), handle.name]
        return subprocess.call([*command, "--errors", str(options.errors)])  # noqa: S603 — own script


if __name__ == "__main__":
    sys.exit(main())
