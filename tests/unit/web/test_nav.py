from __future__ import annotations

from pathlib import Path

from crm.nav import NEW_VISIT, PHONE_ORDER, RAIL

SPRITE = Path(__file__).resolve().parents[3] / "crm" / "static" / "icons.svg"


def test_every_entry_of_the_rail_has_its_icon_in_the_sprite() -> None:
    sprite = SPRITE.read_text(encoding="utf-8")
    for item in (*RAIL, NEW_VISIT):
        assert f'id="i-{item.icon}"' in sprite, item.icon


def test_pages_of_the_register_light_its_entry() -> None:
    register = next(item for item in RAIL if item.key == "enterprises")
    assert {"/recycle", "/lists", "/imports", "/exports", "/duplicates"} <= set(register.also)


def test_the_phone_bar_holds_five_entries_with_the_visit_in_the_middle() -> None:
    assert len(PHONE_ORDER) == 5
    assert PHONE_ORDER[2] == NEW_VISIT.key
    assert {item.key for item in (*RAIL, NEW_VISIT) if item.phone} == set(PHONE_ORDER)
