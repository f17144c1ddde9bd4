from __future__ import annotations

from crm.cli import stylesheet

SHEET = """@charset "UTF-8";:root{--a:red;--b:var(--c);--c:1px;--idle:2px}
.btn{color:var(--a);--own:1;padding:var(--b)}.btn-close,.card>.btn:not(.gone){margin:0}
.unused{color:red}.unused .btn{color:red}h1,h2{margin:0}
@media (min-width:600px){.card{width:1px}.unused{width:2px}}@media print{.unused{width:3px}}
@keyframes spin{0%{left:0}}@keyframes rest{to{left:1px}}.card:before{content:"}";animation:spin 1s}"""


def test_rules_of_classes_nobody_uses_are_cut_and_the_rest_stays() -> None:
    kept = stylesheet.cut(SHEET, frozenset({"btn", "card"}))
    assert ".unused" not in kept
    assert ".btn-close" not in kept
    assert ".card>.btn:not(.gone){margin:0}" in kept
    assert "@media (min-width:600px){.card{width:1px}}" in kept
    assert "print" not in kept
    assert 'content:"}"' in kept
    assert "h1,h2{margin:0}" in kept


def test_variables_and_movements_nobody_asks_for_are_cut() -> None:
    kept = stylesheet.without_idle_names(stylesheet.cut(SHEET, frozenset({"btn", "card"})), "")
    assert all(name in kept for name in ("--a:red", "--b:var(--c)", "--c:1px", "spin"))
    assert not any(name in kept for name in ("--idle", "--own", "rest"))
    assert "--own" in stylesheet.without_idle_names(SHEET, "a { width: var(--own) }")


def test_the_style_sheet_fits_the_pages_as_they_are() -> None:
    found = stylesheet.CUT.read_text(encoding="utf-8")
    assert found == stylesheet.build(), "the pages changed: run `make stylesheet`"
    assert found.count("{") == found.count("}")
