"""Measure where an event is read to be, against a gold set kept outside the repository.

    python -m benchmarks.places [GOLD.jsonl ...] [--shared ../shared] [--errors 0]

The yardstick counts labelled places of all texts, but a place is printed on a signal only, and a fifth of the labelled
places stands in texts without one. So this reads the place out of every text, as the figures of other readers of places
were measured (recall over labelled places at the level of country, province or city), and then says what such a
reading costs: how many of the places read are right, and in how many texts without a labelled place one is read.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.signals import RESAMPLES, held_out, say, yardstick
from crm.cli.analyse import findings
from crm.linking.folding import fold_article
from crm.linking.matcher import AliasIndex
from crm.linking.namefile import read_names
from crm.signals.facts.found import event_places
from crm.signals.facts.places import BESIDE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

Item = dict[str, Any]
WANTED = 0.88


@dataclass(frozen=True, slots=True)
class Count:
    """What one text adds: places labelled, found, read, right among the read; ``false_name``: 合作 as a town.

    ``unsure`` marks a text whose labeller could not tell whether it has a place (``skip_place``).
    """

    wanted: int
    found: int
    read: int
    right: int
    false_name: bool
    on_signal: int
    unsure: bool = False


def places_of(index: AliasIndex, text: str) -> tuple[list[str], list[str]]:
    """The places read from a whole text, and those on the signals that are printed."""
    folded = fold_article(text)
    known = [mention for mention in index.find(text, folded) if mention.sure]
    printed = [signal["place"] for signal in findings(index, {}, text)["signals"] if signal["place"]]
    return _apart([*event_places(text, known, folded), *printed]), _apart(printed)


def _apart(places: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(one for place in places for one in place.split(BESIDE)))


def count(tool: ModuleType, item: Item, read: Sequence[str], printed: Sequence[str]) -> Count:
    """Compare the places read from a text with the labelled ones, as the yardstick does."""

    def facts(places: Sequence[str]) -> Any:  # noqa: ANN401 — a counter of the yardstick
        return tool.facts(item, {"signals": [{"place": place, "amount": None} for place in places]})

    all_of_them = facts(read)
    right = sum(facts([place])["ptp"] > 0 for place in read)
    found, unsure = all_of_them["ptp"], bool(item.get("skip_place"))
    return Count(all_of_them["pn"], found, len(read), right, all_of_them["hezuo"], len(printed), unsure)


def recall(counts: Sequence[Count]) -> float:
    """Share of the labelled places that were read."""
    wanted = sum(one.wanted for one in counts)
    return sum(one.found for one in counts) / wanted if wanted else 0.0


def report(counts: Sequence[Count]) -> None:
    """Print the figures of a part with the interval of the recall."""
    chance = random.Random(1)  # noqa: S311 — resampling
    samples = sorted(recall([chance.choice(counts) for _ in counts]) for _ in range(RESAMPLES))
    low, high = samples[RESAMPLES // 40], samples[-RESAMPLES // 40 - 1]
    there = [one for one in counts if one.wanted]
    none = [one for one in counts if not one.wanted and not one.unsure]
    read = sum(one.read for one in there)
    wanted = sum(one.wanted for one in counts)
    say(f"  places read  {recall(counts):.3f}  [{low:.3f}, {high:.3f}]  of {wanted}, wanted {WANTED}")
    say(f"  right among the read, in texts with a labelled place  {sum(one.right for one in there) / max(read, 1):.3f}")
    say(f"  texts without a labelled place  {len(none)}; one is read in {sum(bool(one.read) for one in none)},")
    say(f"  and printed on a signal in {sum(bool(one.on_signal) for one in none)}")
    say(f"  false 合作 places  {sum(one.false_name for one in counts)}, wanted 0")


def main() -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", nargs="*", type=Path)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--errors", type=int, default=0)
    options = parser.parse_args()
    dev = options.shared / "data/signals/dev.jsonl"
    if not dev.exists():
        say(f"No gold set at {dev}: nothing measured.")
        return 0
    tool = yardstick(options.shared / "tools/evaluate_signals.py")
    index = AliasIndex.build(read_names(options.shared / "data/enterprises/entities_master.csv"))
    for path in options.gold or [dev]:
        items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        counted = [(item, count(tool, item, *places_of(index, item["text"]))) for item in items]
        parts = {"read while writing": False, "held out": True} if path == dev else {path.name: None}
        for name, wanted in parts.items():
            part = [one for item, one in counted if wanted is None or held_out(item) is wanted]
            say(f"{name}: {len(part)} texts")
            report(part)
        _errors(index, [item for item, _ in counted if path != dev or not held_out(item)], options.errors)
    return 0


def _errors(index: AliasIndex, items: Sequence[Item], most: int) -> None:
    """Print texts with a labelled place beside what was read; never those held out."""
    for item in [item for item in items if item["places"]][:most]:
        say(f"  {item['id']} {item['places']} read {places_of(index, item['text'])[0]}: {item['text'][:90]}")


if __name__ == "__main__":
    sys.exit(main())
