"""Texts full of names: the work is bounded, and what is found of them is what it was."""

from __future__ import annotations

from itertools import product

from crm.enterprises.rules import AliasKind
from crm.linking.context import FEW, _holders
from crm.linking.evidence import Owner, of_owner
from crm.linking.guards import Place
from crm.linking.matcher import MOST, Alias, AliasIndex

NAMES = ["".join(parts) + "股份" for parts in product("云岭华鼎新海天宏", "瑞金泰盛远达科信")]


def test_a_text_of_one_name_over_and_over_is_looked_at_up_to_a_bound() -> None:
    index = AliasIndex.build([Alias("华鼎新材", 1, AliasKind.FULL)])
    assert len(index.find("华鼎新材、" * (MOST + 10))) == MOST


def test_every_one_of_many_different_names_is_found() -> None:
    index = AliasIndex.build([Alias(name, number, AliasKind.FULL) for number, name in enumerate(NAMES)])
    assert len(NAMES) > FEW
    assert [one.surface for one in index.find("、".join(NAMES))] == NAMES


def test_longer_names_are_told_by_their_parts() -> None:
    found = _holders(["华鼎", "华鼎科技", "新华鼎", "云岭"])
    assert sorted(found["华鼎"]) == ["华鼎科技", "新华鼎"]
    assert found["华鼎科技"] == found["云岭"] == []


def test_a_word_of_the_owner_is_looked_for_once_in_a_text() -> None:
    said: dict[str, bool] = {}
    owner = Owner(trade="电池", seat="浙江")
    place = Place("浙江的华鼎造电池", 3, 5)
    assert of_owner(place, owner, said) == {"trade": 1.0, "seat": 1.0}
    assert said == {"电池": True, "浙江": True}
    assert of_owner(place, owner, {"电池": False, "浙江": False}) == {}
