"""Train the weights of linking from the judged sample, and say by cross-validation what they are worth.

    python -m benchmarks.train_linker [--shared ../shared] [--register DIR] [--write] [--judged FILE]

Only numbers of generic properties are written (``crm/linking/data/weights.json``). Folds keep near copies together; no
figure is of an item that was trained on. ``--judged`` adds rows judged in the unjudged news: where they are and the
verdict, no text (``benchmarks/data/judged_mentions.tsv``).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import linkdata
from benchmarks.linkfit import STRENGTH, Row, fit
from benchmarks.linkjudged import judged_rows
from benchmarks.linkjudging import copies, counts, intervals, linked, rates, training_rows
from crm.linking.thresholds import LINK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm.linking.context import Candidate
    from crm.linking.scorer import Scorer

FOLDS, SEEDS, SHARE = 10, (0, 1, 2, 3), 0.6
THRESHOLDS = (0.5, 0.55, LINK, 0.62, 0.65)
WEIGHTS = Path(__file__).resolve().parent.parent / "crm/linking/data/weights.json"
JUDGED = Path(__file__).resolve().parent / "data/judged_mentions.tsv"


@dataclass(frozen=True)
class Sample:
    """The gold items with their candidates, the group of each item, and rows judged elsewhere."""

    items: list[dict[str, Any]]
    candidates: list[list[Candidate]]
    groups: list[int]
    names: Mapping[Any, str]
    more: list[Row]

    def rows(self, chosen: Sequence[int]) -> list[Row]:
        """Give the rows to learn from in some items, and all rows judged elsewhere."""
        own = (pair for at in chosen for pair in training_rows(self.candidates[at], self.items[at], self.names))
        return [*((one.evidence, right, 1.0) for one, right in own), *self.more]


def cross_validated(sample: Sample, seed: int, strength: float = STRENGTH) -> list[Scorer]:
    """Give for each item a scorer that has seen neither it nor a near copy of it."""
    groups = sorted(set(sample.groups))
    random.Random(seed).shuffle(groups)  # noqa: S311 — folds, no secret
    fold = {group: at % FOLDS for at, group in enumerate(groups)}
    own = [fold[group] for group in sample.groups]
    scorers = [fit(sample.rows([at for at, its in enumerate(own) if its != held]), strength) for held in range(FOLDS)]
    return [scorers[its] for its in own]


def tallies(sample: Sample, scorers: Sequence[Scorer], threshold: float) -> list[Counter[str]]:
    """Count each item with its scorer."""
    rows = zip(sample.items, sample.candidates, scorers, strict=True)
    return [counts(item, linked(found, scorer, sample.names, threshold)) for item, found, scorer in rows]


def total(parts: Sequence[Counter[str]]) -> Counter[str]:
    """Add counts up."""
    whole: Counter[str] = Counter()
    for part in parts:
        whole.update(part)
    return whole


def load(shared: Path, register: Path, judged: Path | None = JUDGED) -> Sample:
    """Read the sample through the index of a database filled by the product's own import."""
    items = linkdata.gold(shared)
    index, names = linkdata.load(linkdata.register(shared, register))
    more = []
    if judged is not None and judged.exists() and linkdata.news(shared).exists():
        more = [(one.evidence, right, SHARE) for one, right in judged_rows(judged, linkdata.news(shared), index, names)]
    candidates = [index.candidates(item["text"]) for item in items]
    return Sample(items, candidates, copies([item["text"] for item in items]), names, more)


def report(sample: Sample, strength: float = STRENGTH) -> None:
    """Print the figures of several cross-validations."""
    runs = [cross_validated(sample, seed, strength) for seed in SEEDS]
    for threshold in THRESHOLDS:
        found = [total(tallies(sample, run, threshold)) for run in runs]
        values = {name: np.mean([rates(one)[name] for one in found]) for name in rates(found[0])}
        friends = np.mean([one["friends_linked"] for one in found])
        shown = "  ".join(f"{name} {value:.3f}" for name, value in values.items())
        mark = " <- LINK" if threshold == LINK else ""
        sys.stdout.write(f"at {threshold:.2f}: {shown}  false friends {friends:.1f} of {found[0]['friends']}{mark}\n")
    for name, (low, high) in intervals(tallies(sample, runs[0], LINK)).items():
        sys.stdout.write(f"95 % interval of {name} at {LINK}: {low:.3f} to {high:.3f}\n")


def main() -> int:
    """Train, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--register", type=Path, default=Path("/tmp/yinfeng-linking"))  # noqa: S108 — rebuilt at will
    parser.add_argument("--judged", type=Path, default=JUDGED)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if not linkdata.gold(options.shared):
        sys.stdout.write(f"No gold set under {options.shared}: nothing trained.\n")
        return 0
    sample = load(options.shared, options.register, options.judged)
    report(sample)
    if options.write:
        rows = sample.rows(range(len(sample.items)))
        scorer = fit(rows)
        note = f"Logistic regression (C {STRENGTH}) on {len(rows)} judged candidates; made by benchmarks.train_linker."
        table = {"note": note, "bias": scorer.bias, "weights": dict(sorted(scorer.weights.items()))}
        WEIGHTS.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{len(rows)} rows, {len(scorer.weights)} weights written to {WEIGHTS}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
