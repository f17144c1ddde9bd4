"""Judge candidates by the gold set, and count what a run got right; the counts follow the shared yardstick."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

from crm.linking.matcher import choose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crm.linking.context import Candidate
    from crm.linking.scorer import Scorer

Item = dict[str, Any]
Span = tuple[int, int]
SHINGLE, COPY = 5, 0.3


def overlap(one: Sequence[int], other: Sequence[int]) -> bool:
    """Tell whether two half-open spans share a character."""
    return one[0] < other[1] and other[0] < one[1]


def label(one: Candidate, item: Item, names: Mapping[Any, str]) -> bool | None:
    """Tell whether a candidate is right by the gold set; None where it counts neither way."""
    name = names[one.claim.enterprise_id]
    for mention in item["mentions"]:
        if mention["canonical"] == name and any(overlap(span, one.raw) for span in mention["spans"]):
            return None if mention["role"] == "product_brand" else True
    return False


def training_rows(
    candidates: Iterable[Candidate], item: Item, names: Mapping[Any, str]
) -> list[tuple[Candidate, bool]]:
    """Give the candidates to learn from: a name inside a longer one that is right would never be asked."""
    judged = [(one, label(one, item, names)) for one in candidates]
    return [
        (one, right)
        for one, right in judged
        if right is not None and not any(one.inside(other) and verdict is not False for other, verdict in judged)
    ]


def counts(item: Item, found: Sequence[tuple[Span, str]]) -> Counter[str]:
    """Count one item: right and wrong links strictly and by group, missed ones, false friends linked."""
    tally: Counter[str] = Counter()
    gold = [(span, mention) for mention in item["mentions"] for span in mention["spans"]]
    hit: set[int] = set()
    for span, name in found:
        here = [(at, one) for at, (place, one) in enumerate(gold) if overlap(place, span)]
        right = [(at, one) for at, one in here if one["canonical"] == name]
        hit.update(at for at, _one in right)
        if right:
            tally["group_right"] += 1
            tally["right"] += right[0][1]["role"] != "product_brand"
        else:
            tally["wrong"] += 1
            tally["group_right" if any(one["parent"] == name for _at, one in here) else "group_wrong"] += 1
    for at, (_span, mention) in enumerate(gold):
        if not mention["canonical"].startswith("OUT") and mention["role"] != "product_brand":
            tally["wanted"] += 1
            tally["missed"] += at not in hit
    tally.update(_friends(item, gold, found))
    return tally


def _friends(item: Item, gold: list[tuple[Span, Item]], found: Sequence[tuple[Span, str]]) -> Counter[str]:
    tally: Counter[str] = Counter()
    for friend in item["false_friends"]:
        places, at = [], item["text"].find(friend)
        while at >= 0:
            places.append((at, at + len(friend)))
            at = item["text"].find(friend, at + 1)
        tally["friends"] += 1
        tally["friends_linked"] += any(
            overlap(place, span)
            and not any(mention["canonical"] == name and overlap(right, span) for right, mention in gold)
            for place in places
            for span, name in found
        )
    return tally


def rates(tally: Mapping[str, int]) -> dict[str, float]:
    """Give precision, recall and F1, and precision counting the group."""
    linked, grouped = tally["right"] + tally["wrong"], tally["group_right"] + tally["group_wrong"]
    precision = tally["right"] / linked if linked else 0.0
    recall = 1 - tally["missed"] / tally["wanted"] if tally["wanted"] else 0.0
    both = precision + recall
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / both if both else 0.0,
        "group precision": tally["group_right"] / grouped if grouped else 0.0,
    }


def linked(
    candidates: Sequence[Candidate], scorer: Scorer, names: Mapping[Any, str], threshold: float
) -> list[tuple[Span, str]]:
    """Give what the product would act on."""
    taken = choose(candidates, scorer.judge)
    return [(one.raw, names[one.claim.enterprise_id]) for sure, one in taken if sure >= threshold]


def intervals(tallies: Sequence[Counter[str]], rounds: int = 500) -> dict[str, tuple[float, float]]:
    """Give 95 % bootstrap intervals over items."""
    chance = random.Random(1)  # noqa: S311 — a resample, no secret
    runs = []
    for _ in range(rounds):
        total: Counter[str] = Counter()
        for _item in tallies:
            total.update(tallies[chance.randrange(len(tallies))])
        runs.append(rates(total))
    low, high = int(rounds * 0.025), int(rounds * 0.975)
    ordered = {name: sorted(run[name] for run in runs) for name in runs[0]}
    return {name: (values[low], values[high]) for name, values in ordered.items()}


def copies(texts: Sequence[str]) -> list[int]:
    """Give each text the number of its group: near copies share one, so that no fold tests on a copy."""
    shingles = [{text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)} for text in texts]
    group = list(range(len(texts)))
    for one in range(len(texts)):
        for other in range(one):
            smaller = min(len(shingles[one]), len(shingles[other]))
            if smaller and len(shingles[one] & shingles[other]) / smaller > COPY:
                kept, gone = group[other], group[one]
                group = [kept if number == gone else number for number in group]
    return group
