"""Try the card on a table of closed leads: five folds and a split by time, beside simple rivals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from crm.scoring.model.bayes import NaiveBayes
from crm.scoring.model.binning import cut, quintiles
from crm.scoring.model.expertise import with_expert
from crm.scoring.model.fitting import Choice, shifted
from crm.scoring.model.gate import decide
from crm.scoring.model.metrics import Metrics, mean, measure
from crm.scoring.model.publishing import Published, publish
from crm.scoring.model.splits import by_time, folds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crm.scoring.model.arrays import Codes, Flags, Floats
    from crm.scoring.model.binning import Cuts
    from crm.scoring.model.expertise import Expertise
    from crm.scoring.model.frame import Frame
    from crm.scoring.model.gate import Gate

    Rival = Callable[[Frame, Flags, Frame], Floats]

CARD, FITTED, EXPERT, BAYES, BASE = "card", "fitted", "expert", "naive_bayes", "base_rate"
FOLDS = 5


@dataclass(frozen=True)
class Leads:
    """Closed leads: features, outcomes [n], times [n] (None: the order of the rows), batches [n]."""

    frame: Frame
    won: Flags
    when: Floats | None = None
    groups: Codes | None = None
    expertise: Expertise | None = None
    base_rate: float | None = None

    @property
    def order(self) -> Floats:
        """The time of each row, or its place."""
        return np.arange(len(self.won), dtype=np.float64) if self.when is None else self.when

    def take(self, rows: Codes) -> Leads:
        """Give some of the leads."""
        when = None if self.when is None else self.when[rows]
        groups = None if self.groups is None else self.groups[rows]
        return Leads(self.frame.take(rows), self.won[rows], when, groups, self.expertise, self.base_rate)


@dataclass(frozen=True)
class Part:
    """One train-and-test: outcomes of the test rows, chances by model, and whether the gate opened."""

    rows: Codes
    won: Flags
    chance: Mapping[str, Floats]
    published: bool


@dataclass(frozen=True)
class Protocol:
    """All parts of one protocol."""

    parts: tuple[Part, ...]

    @property
    def won(self) -> Flags:
        """Outcomes of all tested rows."""
        return np.concatenate([part.won for part in self.parts])

    def chance(self, model: str) -> Floats:
        """Chances of all tested rows by one model."""
        return np.concatenate([part.chance[model] for part in self.parts])

    def by_part(self) -> dict[str, list[Metrics]]:
        """Measures of each model in each part."""
        names = self.parts[0].chance
        return {name: [measure(part.won, part.chance[name]) for part in self.parts] for name in names}

    def metrics(self) -> dict[str, Metrics]:
        """Measures of each model, averaged over the parts."""
        return {name: mean(parts) for name, parts in self.by_part().items()}

    def gate(self, challenger: str = FITTED, champion: str = BASE) -> Gate:
        """Compare two models on the tested rows."""
        return decide(self.won, self.chance(challenger), self.chance(champion))


@dataclass(frozen=True)
class Trial:
    """Both protocols, and the table fitted to all rows."""

    folds: Protocol
    time: Protocol
    final: Published
    cuts: Cuts
    notes: tuple[str, ...] = field(default=())

    @property
    def has_signal(self) -> bool:
        """Whether the card beats the base rate: on all rows out of fold, and on the later ones."""
        return self.final.has_signal and self.folds.gate().publish


def trial(
    leads: Leads,
    *,
    seed: int = 1,
    rivals: Mapping[str, Rival] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Trial:
    """Run both protocols; `rivals` are further models that train on (frame, won) and predict a frame."""
    say = progress or (lambda _text: None)
    fold, parts = folds(leads.won, FOLDS, seed, leads.groups), []
    for number in range(FOLDS):
        used, held = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        parts.append(part(leads, used, held, rivals=rivals, in_time=False))
        say(f"fold {number + 1}/{FOLDS}")
    early, late = by_time(leads.order)
    timed = part(leads, early, late, rivals=rivals, in_time=True)
    say("time")
    published, cuts = train(leads, in_time=True)
    return Trial(Protocol(tuple(parts)), Protocol((timed,)), published, cuts)


def part(leads: Leads, used: Codes, held: Codes, *, rivals: Mapping[str, Rival] | None = None, in_time: bool) -> Part:
    """Train on some rows and predict others, by the card and its rivals."""
    past, now = leads.take(used), leads.take(held)
    published, cuts = train(past, in_time=in_time)
    codes, plain = cuts.codes(now.frame), quintiles(past.frame)
    bayes = NaiveBayes.fit(plain.codes(past.frame), plain.levels.sizes, past.won)
    chance = {
        CARD: published.card.probability(codes),
        FITTED: published.fitted.probability(codes),
        BAYES: bayes.probability(plain.codes(now.frame)),
        BASE: np.full(len(held), float(np.mean(past.won))),
    }
    if past.expertise:
        levels = with_expert(cuts, past.expertise)
        chance[EXPERT] = shifted(cuts.codes(past.frame), levels, past.won).probability(codes)
    for name, rival in (rivals or {}).items():
        chance[name] = rival(past.frame, past.won, now.frame)
    return Part(held, now.won, chance, published.has_signal)


def train(leads: Leads, *, in_time: bool) -> tuple[Published, Cuts]:
    """Fit the card to some leads; `in_time` lets the calibration follow the latest of them."""
    cuts = cut(leads.frame, also=leads.expertise.thresholds if leads.expertise else None)
    levels = with_expert(cuts, leads.expertise) if leads.expertise else cuts.levels
    when = leads.order if in_time else None
    choice = Choice(base_rate=leads.base_rate)
    return publish(cuts.codes(leads.frame), levels, leads.won, groups=leads.groups, when=when, choice=choice), cuts
