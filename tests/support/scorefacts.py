"""Invented facts for the rules of scores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from crm.scoring.expert import EXPERT_TABLE
from crm.scoring.facts import Fact, ScoreFacts, from_raw
from crm.scoring.rules import Score, score

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def ago(days: float) -> datetime:
    """Give the moment some days before now."""
    return NOW - timedelta(days=days)


def facts_of(*facts: Fact, as_of: datetime = NOW) -> ScoreFacts:
    """Build what is known at a moment under the table of the experts."""
    return from_raw(facts, as_of, EXPERT_TABLE)


def score_of(*facts: Fact) -> Score:
    """Score facts now under the table of the experts."""
    return score(facts_of(*facts))


moments = st.floats(-30, 2000).map(ago)
kinds = st.sampled_from(["RELO", "CAPX", "SUPP", "NEG", "COOP", "unheard"])
signals = st.builds(
    Fact, st.just("signal"), kinds, st.integers(1, 99), moments, st.none(), st.floats(0.1, 1.0, allow_nan=False)
)
touches = st.builds(
    Fact,
    st.just("touch"),
    st.sampled_from(["visit", "inspection", "negotiation"]),
    st.integers(1, 99),
    moments,
    level=st.integers(1, 4),
)
intentions = st.builds(
    Fact,
    st.just("intention"),
    st.sampled_from(["unwilling", "watching", "interested", "strong"]),
    st.integers(1, 99),
    moments,
)
others = st.builds(Fact, st.sampled_from(["reply", "refusal", "dropped"]), st.just(""), st.integers(1, 99), moments)
places = st.builds(
    Fact,
    st.just("list"),
    st.sampled_from(["fortune_global_500", "china_500", "listed", "of_our_own"]),
    st.integers(1, 9),
    moments,
    level=st.integers(0, 500),
)
standing = st.builds(
    Fact,
    st.sampled_from(["relation", "contact", "block", "high"]),
    st.just(""),
    st.integers(1, 99),
    moments,
    st.none() | moments,
)
codes = st.one_of(
    st.builds(Fact, st.just("industry"), st.sampled_from(["outside", "lead", "odd"]), st.just(1), moments),
    st.builds(Fact, st.just("region"), st.just("assigned"), st.just(1), moments),
    st.builds(Fact, st.just("chain"), st.sampled_from(["fill", "extend"]), st.integers(1, 9), moments),
)
histories = st.lists(
    st.one_of(signals, touches, intentions, others, places, standing, codes),
    max_size=40,
    unique_by=lambda fact: (fact.kind, fact.source_id, fact.key),
)
