"""Which strings are names of whom, what enterprises are called besides, and how names are found."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from crm.enterprises.rules import AliasKind
from crm.linking import automaton
from crm.linking.names import Alias, Names
from crm.linking.tradenames import names_nobody, trade_names
from crm.linking.wordlist import default_words

if TYPE_CHECKING:
    from crm.linking.evidence import Owner


def build(*aliases: Alias, owners: dict[int | str, Owner] | None = None) -> Names:
    return Names.build(aliases, owners or {})


def bearers(names: Names, key: str) -> list[tuple[object, AliasKind]]:
    number = names.number(key)
    assert number is not None
    return [(claim.enterprise_id, claim.kind) for claim in names.claims(number)]


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("鼎岭食品集团股份有限公司", {"鼎岭", "鼎岭集团"}),
        ("广东鼎岭集团股份有限公司", {"鼎岭", "鼎岭集团"}),
        ("广东鼎岭科技股份有限公司", {"鼎岭", "鼎岭科技", "广东鼎岭"}),
        ("鼎岭中国控股有限公司", {"鼎岭"}),
        ("一岭新能源科技股份有限公司", {"一岭", "一岭新能"}),
        ("鼎岭", set()),
        ("novax inc.", set()),
    ],
)
def test_a_full_name_gives_what_people_say(name: str, called: set[str]) -> None:
    assert trade_names(name) == called


@pytest.mark.parametrize(("name", "owners"), [("发展", 1), ("苏州", 1), ("鼎岭", 4), ("天然橡胶", 1)])
def test_a_word_a_place_and_anybodys_name_are_nobodys(name: str, owners: int) -> None:
    assert names_nobody(name, owners, default_words())


def test_a_derived_name_is_marked_and_never_takes_a_given_one() -> None:
    names = build(Alias("鼎岭食品股份有限公司", 1, AliasKind.FULL), Alias("岭云电子有限公司", 2, AliasKind.FULL),
                  Alias("岭云", 3, AliasKind.BRAND))  # fmt: skip
    assert names.claims(names.number("鼎岭") or 0)[0].derived
    assert bearers(names, "岭云") == [(3, AliasKind.BRAND)]


def test_the_stronger_kind_of_two_stands_for_one_enterprise() -> None:
    names = build(Alias("鼎岭云", 1, AliasKind.FORMER), Alias("鼎岭云", 1, AliasKind.BRAND))
    assert bearers(names, "鼎岭云") == [(1, AliasKind.BRAND)]


def test_a_string_of_two_enterprises_keeps_both_and_says_so() -> None:
    names = build(Alias("鼎岭云", 1, AliasKind.BRAND), Alias("鼎岭云", 2, AliasKind.FULL))
    assert bearers(names, "鼎岭云") == [(1, AliasKind.BRAND), (2, AliasKind.FULL)]
    assert all(claim.evidence["shared"] for claim in names.claims(names.number("鼎岭云") or 0))


def test_a_name_knows_the_longer_names_that_begin_with_it() -> None:
    names = build(
        Alias("鼎岭", 1, AliasKind.BRAND),
        Alias("鼎岭汽车", 1, AliasKind.BRAND),
        Alias("鼎岭人寿", 2, AliasKind.TICKER),
    )
    (claim,) = names.claims(names.number("鼎岭") or 0)
    assert claim.evidence["own_longer"] == 1.0
    assert 0 < claim.evidence["extended"] < 1


def test_a_short_latin_name_is_found_only_as_it_is_written() -> None:
    names = build(Alias("NVX", 1, AliasKind.ENGLISH), Alias("Novamax", 2, AliasKind.ENGLISH))
    assert names.wrong_case("nvx", "nvx")
    assert not names.wrong_case("nvx", "NVX")
    assert not names.wrong_case("novamax", "NOVAMAX")


def test_names_of_one_character_and_mere_trades_are_left_out() -> None:
    assert build(Alias("鼎", 1, AliasKind.BRAND), Alias("投资集团", 2, AliasKind.SHORT)).keys == []


KEYS = ["云岭", "云岭电子", "岭电", "nova"]
TEXT = "云岭电子与nova、云岭"


def test_the_compiled_finder_and_the_plain_one_find_the_same() -> None:
    plain = automaton.Plain.of(KEYS)
    assert sorted(automaton.build(KEYS).hits(TEXT)) == sorted(plain.hits(TEXT))
    assert len(plain.hits(TEXT)) == 5  # 云岭 twice, 云岭电子, 岭电, nova
    assert list(automaton.build([]).hits(TEXT)) == []


def test_a_finder_survives_being_pickled() -> None:
    finder = automaton.build(KEYS)
    assert pickle.loads(pickle.dumps(finder)).hits(TEXT) == finder.hits(TEXT)  # noqa: S301 — our own bytes
