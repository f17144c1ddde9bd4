from __future__ import annotations

import pytest

from crm.core.text import fold
from crm.enterprises.lists import identify
from crm.enterprises.rules import AliasKind
from crm.imports.apart import legal_name, surely_apart
from crm.imports.cells import Membership
from crm.imports.matching import Doubt, Register, Subject
from crm.imports.rows import ImportRow

PLACE = (Membership(identify("云岭百强"), 2025, 1),)
ONE_CODE, OTHER_CODE = "91350100M000100Y43", "91350100M000100Y51"


def row(name: str, *, codes: tuple[str, ...] = (), uscc: str | None = None, listed: bool = True) -> ImportRow:
    return ImportRow(
        line=2, name=name, name_en=None, uscc=uscc, codes=codes, industry=None, region=None, revenue=None, names=(),
        memberships=PLACE if listed else (),
    )  # fmt: skip


def firm(name: str, *, codes: tuple[str, ...] = (), uscc: str | None = None, listed: bool = True) -> Subject:
    return Subject(name, 1, uscc, codes, names={fold(name): AliasKind.FULL, "云岭": AliasKind.SHORT}, listed=listed)


@pytest.mark.parametrize(
    ("name", "core", "group"),
    [
        ("云岭电子有限公司", "云岭电子", set()),
        ("云岭控股集团股份有限公司", "云岭", {"控股", "集团"}),
        ("云岭电子（集团）有限责任公司", "云岭电子", {"集团"}),
    ],
)
def test_a_complete_name_is_cut_into_its_parts(name: str, core: str, group: set[str]) -> None:
    found = legal_name(fold(name))
    assert found is not None
    assert (found.core, set(found.group)) == (core, group)


@pytest.mark.parametrize("name", ["云岭集团", "云岭公司", "云岭集团公司", "云岭股份", "集团有限公司", ""])
def test_a_name_without_its_legal_form_is_not_complete(name: str) -> None:
    assert legal_name(fold(name)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (row("云岭控股股份有限公司"), firm("云岭集团有限公司")),
        (row("云岭集团有限公司"), firm("深圳云岭股份有限公司")),
        (row("云岭股份", codes=("600999.SH",)), firm("云岭集团有限公司")),
        (row("云岭", codes=("600999.SH",), listed=False), firm("云岭控股集团有限公司")),
        (row("云岭集团有限公司"), firm("云岭股份", codes=("600999.SH",))),
        (row("云岭股份", codes=("600999.SH",)), firm("云岭集团", codes=("000999.SZ",))),
        (row("云岭有限公司", uscc=ONE_CODE, listed=False), firm("云岭股份有限公司", uscc=OTHER_CODE, listed=False)),
    ],
)
def test_codes_and_complete_public_names_tell_two_firms_apart(one: ImportRow, other: Subject) -> None:
    assert surely_apart(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (row("云岭股份有限公司"), firm("云岭有限公司")),
        (row("云岭集团有限公司"), firm("云岭集团股份有限公司")),
        (row("云岭集团有限公司"), firm("云岭(集团)有限公司")),
        (row("云岭集团"), firm("云岭控股有限公司")),
        (row("云岭股份", codes=("600999.SH",)), firm("云岭控股集团股份有限公司")),
        (row("云岭股份", codes=("600999.SH",)), firm("云岭集团")),
        (row("云岭微", codes=("688999.SH",)), firm("云岭微电子有限公司")),
        (row("云岭股份", codes=("600999.SH",)), firm("云岭电子", codes=("01999.HK", "900999.SH"))),
        (row("云岭有限公司", uscc=ONE_CODE), firm("云岭集团有限公司", uscc=ONE_CODE)),
    ],
)
def test_what_may_be_one_firm_is_left_to_a_person(one: ImportRow, other: Subject) -> None:
    assert not surely_apart(one, other)


def test_names_of_a_ledger_without_codes_prove_nothing() -> None:
    assert not surely_apart(row("云岭集团有限公司", listed=False), firm("云岭有限公司"))
    assert not surely_apart(row("云岭集团有限公司"), firm("云岭有限公司", listed=False))


def test_a_firm_apart_from_all_of_its_name_is_new_and_knows_its_kin() -> None:
    group, share = firm("云岭集团有限公司"), row("云岭股份", codes=("600999.SH",))
    register = Register([group])
    assert (register.find(share), register.kin(share)) == (None, (group,))


def test_a_doubt_offers_only_those_who_may_be_meant() -> None:
    group, maybe = firm("云岭集团有限公司"), firm("云岭股份有限公司")
    maybe.id = 2
    found = Register([group, maybe]).find(row("云岭股份", codes=("600999.SH",)))
    assert isinstance(found, Doubt)
    assert found.candidates == (maybe,)


def test_the_former_name_of_one_share_is_the_name_of_another_firm() -> None:
    renamed = firm("云山新材", codes=("600001.SH",))
    renamed.names[fold("云岭食品")] = AliasKind.FORMER
    register = Register([renamed])
    assert register.find(row("云岭食品", codes=("605001.SH",))) is None
    assert register.find(row("云岭食品")) is renamed
