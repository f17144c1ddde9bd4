"""Ready rules of every kind that published rules hold."""

from __future__ import annotations

from crm.assessment.books.rules import KIND_LABELS
from crm.assessment.books.samples import PLACES, SAMPLES


def test_there_is_a_ready_rule_of_every_kind() -> None:
    assert SAMPLES.keys() == KIND_LABELS.keys() | PLACES.keys()
