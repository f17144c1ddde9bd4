"""English and Traditional-Chinese news are read in the same way. All names and texts are invented."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from crm.signals.rules import Signal, find_signals

SAMPLE = [
    (row["text"], row["kinds"])
    for row in map(json.loads, (Path(__file__).parent / "tongues.jsonl").read_text(encoding="utf-8").splitlines())
]


def sure(text: str) -> list[Signal]:
    return [signal for signal in find_signals(text, published=date(2026, 11, 20)) if signal.sure]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Northwind breaks ground on a battery plant.", "CAPX"),
        ("Northwind acquires a start-up for $700 million.", "CAPX"),
        ("Northwind will relocate production from Osaka to Kansas.", "RELO"),
        ("Northwind signed a supply agreement with Alder Motors.", "SUPP"),
        ("Northwind is closing a factory and cutting 1,500 jobs.", "NEG"),
        ("Northwind was fined 1.2 billion euros.", "NEG"),
        ("Northwind named Jane Doe as chief financial officer.", "EXEC"),
        ("Northwind and Alder formed a strategic partnership.", "COOP"),
        ("Northwind received an environmental permit.", "LAND"),
        ("Northwind won a $300 million contract.", "ORDR"),
        ("銀杉電子將於匈牙利投資73億歐元興建電池廠。", "CAPX"),
        ("銀杉電子竹北廠將遷往越南。", "RELO"),
        ("銀杉電子打入車廠供應鏈。", "SUPP"),
        ("銀杉電子宣布關閉新加坡廠。", "NEG"),
        ("銀杉電子與雲頂簽署合作備忘錄。", "COOP"),
        ("銀杉電子董事長辭職。", "EXEC"),
        ("銀杉電子標得工業區土地。", "LAND"),
        ("銀杉電子取得伺服器訂單。", "ORDR"),
    ],
)
def test_each_kind_is_found(text: str, kind: str) -> None:
    assert kind in {signal.kind.value for signal in sure(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Shares of Northwind rose 3% after analysts raised their target.",
        "Northwind said quarterly profit fell 12%.",
        "銀杉電子股價上漲，成交量放大。",
    ],
)
def test_the_noise_of_the_market_is_no_lead(text: str) -> None:
    assert sure(text) == []


def test_facts_are_read_too() -> None:
    (signal,) = sure(
        "Northwind will invest $1.5 billion in a new electric vehicle plant in Hungary by the end of 2028."
    )
    assert signal.amount is not None
    assert (int(signal.amount.value), signal.amount.currency) == (1_500_000_000, "USD")
    assert (signal.place, signal.event_date, signal.industry) == ("匈牙利", date(2028, 12, 31), "C36")


def test_an_english_sentence_ends_at_its_full_stop_and_not_at_inc() -> None:
    text = "Northwind Inc. opened a plant in Ohio. It was fined in May."
    quotes = {signal.quote for signal in sure(text)}
    assert quotes == {"Northwind Inc. opened a plant in Ohio.", "It was fined in May."}


@pytest.mark.parametrize(("text", "kinds"), SAMPLE)
def test_exactly_the_kinds_of_a_text_are_found(text: str, kinds: list[str]) -> None:
    assert sorted({signal.kind.value for signal in sure(text)}) == kinds


def test_the_sample_has_all_kinds_and_none_in_both_tongues() -> None:
    for tongue in (True, False):
        texts = [kinds for text, kinds in SAMPLE if text.isascii() is tongue or (tongue and "€" in text)]
        assert len({kind for kinds in texts for kind in kinds}) == 8
        assert sum(not kinds for kinds in texts) >= 7
