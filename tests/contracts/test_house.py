"""Promises about the tree itself: no foreign addresses, no open ends, languages complete."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
WITH_CONTEXT = re.compile(r"pgettext\(.*?\)")
PARAGRAPH = re.compile(r"<p(?: [^>]*)?>((?:(?!</p>).)*)", re.DOTALL)
BLOCK = re.compile(r"<(?:form|div|ul|ol|table|p)\b|post_button\(")
LITERAL = re.compile(r"""(_\(\s*)?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def tracked(*patterns: str) -> list[Path]:
    """Files of the checkout; a plain folder without git is walked instead."""
    listed = subprocess.run(  # noqa: S603 (fixed arguments)
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],  # noqa: S607 (git from PATH)
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_locks_name_no_index_and_pin_every_file_by_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        content = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in content, name
        assert "--index-url" not in content, name
        for block in re.split(r"\n(?=[a-z0-9])", content):
            if re.match(r"[a-z0-9][\w.-]*==", block):
                assert "--hash=sha256:" in block, block.splitlines()[0]


def test_every_package_marker_is_empty() -> None:
    for path in tracked("crm/**/__init__.py", "crm/__init__.py"):
        assert path.read_text(encoding="utf-8") == "", path


def test_no_open_ends_in_the_code() -> None:
    words = re.compile("TODO|FIXME|NotImplementedError|敬请期待|暂未实现")
    for path in tracked("crm/*.py", "workers/*.py", "scrapers/*.py", "crm/templates/*.html"):
        assert not words.search(path.read_text(encoding="utf-8")), path


def test_no_paragraph_holds_a_form_or_a_block_because_a_browser_would_end_it_there() -> None:
    for path in tracked("crm/templates/*.html"):
        for inside in PARAGRAPH.findall(path.read_text(encoding="utf-8")):
            assert not BLOCK.search(inside), f"{path.name}: {inside.strip()[:80]}"


def test_templates_leave_no_chinese_word_untranslated() -> None:
    bare: list[str] = []
    for path in tracked("crm/templates/*.html"):
        content = path.read_text(encoding="utf-8")
        outside = EXPRESSION.sub("", content)
        bare += [f"{path.name}: {line.strip()}" for line in outside.splitlines() if CHINESE.search(line)]
        for block in EXPRESSION.findall(content):
            if block.startswith("{#"):
                continue
            for marker, literal in LITERAL.findall(WITH_CONTEXT.sub("", block)):
                if CHINESE.search(literal) and not marker and literal != '"中文"':  # a language's own name
                    bare.append(f"{path.name}: {literal}")
    assert bare == []
