import hashlib
import json
import re
from pathlib import Path

CRM = Path(__file__).resolve().parents[3] / "crm"
STATIC = CRM / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted((CRM / "templates").rglob("*.html"))
OWN_ASSETS = sorted([*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js"), *STATIC.glob("img/*.svg")])
LOADS = re.compile(
    r"""(?:src|srcset|data|action)\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|<(?:link|use|image)\b[^>]*href\s*=\s*["']?\s*(?:https?:)?//"""
    r"""|url\(\s*["']?\s*(?:https?:)?//|@import|fetch\(\s*["'`](?:https?:)?//""",
    re.IGNORECASE,
)
INLINE = re.compile(r"<[a-z][^>{}]*\s(?:style|on[a-z]+)\s*=", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>", re.IGNORECASE)
ICON = re.compile(r"""\b(?:icon|empty_state|stream_item)\(\s*["']([a-z0-9-]+)["']""")


def names_of(pattern: re.Pattern[str], text: str) -> set[str]:
    return set(pattern.findall(text))


def test_every_vendored_file_still_has_the_hash_it_was_recorded_with() -> None:
    records = json.loads((VENDOR / "VENDORED.json").read_text(encoding="utf-8"))
    found = {r["file"]: hashlib.sha256((VENDOR / r["file"]).read_bytes()).hexdigest() for r in records}
    assert found == {r["file"]: r["sha256"] for r in records}


def test_no_file_lies_in_the_vendor_folder_unrecorded() -> None:
    records = json.loads((VENDOR / "VENDORED.json").read_text(encoding="utf-8"))
    present = {path.name for path in VENDOR.iterdir()} - {"VENDORED.json"}
    assert present == {r["file"] for r in records if not r["file"].startswith("../")}


def test_pages_load_nothing_from_another_host() -> None:
    faults = [
        f"{path.relative_to(CRM)}: {hit.group()}"
        for path in (*TEMPLATES, *OWN_ASSETS)
        for hit in LOADS.finditer(path.read_text(encoding="utf-8"))
    ]
    assert faults == []


def test_templates_keep_to_the_content_security_policy() -> None:
    faults = [
        f"{path.relative_to(CRM)}: {hit.group()}"
        for path in TEMPLATES
        for hit in INLINE.finditer(path.read_text(encoding="utf-8"))
    ]
    scripts = [
        f"{path.relative_to(CRM)}: {attributes}"
        for path in TEMPLATES
        for attributes in SCRIPT.findall(path.read_text(encoding="utf-8"))
        if "src=" not in attributes and "application/json" not in attributes
    ]
    assert faults + scripts == []


def test_the_icon_sprite_holds_exactly_the_listed_icons() -> None:
    sprite = (STATIC / "icons.svg").read_text(encoding="utf-8")
    listed = (STATIC / "icons.txt").read_text(encoding="utf-8").split()
    assert re.findall(r'id="i-([a-z0-9-]+)"', sprite) == listed


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    listed = set((STATIC / "icons.txt").read_text(encoding="utf-8").split())
    missing = {
        str(path.relative_to(CRM)): names_of(ICON, path.read_text(encoding="utf-8")) - listed for path in TEMPLATES
    }
    assert {path: names for path, names in missing.items() if names} == {}
