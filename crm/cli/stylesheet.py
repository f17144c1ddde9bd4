"""Cut the vendored style sheet down to what our pages use: ``make stylesheet``.

The whole of Tabler is 630 kB, of which our pages need a small part. A rule stays when every class its selector names
stands as a word somewhere in our templates, scripts or Python files; what is put together at run time (``btn-`` with a
size) is named in :data:`MADE_UP`. Rules for plain elements stay, as do variables that something kept refers to.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CRM = Path(__file__).resolve().parents[1]
STATIC = CRM / "static"
WHOLE = STATIC / "vendor" / "tabler.min.css"
CUT = STATIC / "css" / "tabler.css"
WHERE = (("templates", "*.html"), ("static/js", "*.js"), (".", "*.py"))
MADE_UP = re.compile(r"btn-(sm|lg|primary|secondary|danger|success|warning|outline-[a-z]+|icon|link)$")
WORD = re.compile(r"[A-Za-z_][\w-]*")
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
NEGATED = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
DEFINED = re.compile(r"(?:^|;)(--[\w-]+):([^;]*)")
EMPTY = re.compile(r"(?<=[{}])[^{}]+\{\}")
NESTING = ("@media", "@supports", "@layer", "@container")
HEAD = "/*! Cut from Tabler (MIT, see vendor/) by `make stylesheet`; do not edit. */\n"


def words_of_ours() -> frozenset[str]:
    """Return every word that stands in our templates, scripts and Python files."""
    found: set[str] = set()
    for folder, kind in WHERE:
        for path in sorted((CRM / folder).rglob(kind)):
            if path != Path(__file__).resolve():
                found.update(WORD.findall(path.read_text(encoding="utf-8")))
    return frozenset(found)


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """Split a style sheet into (head, body) pairs; a statement without a body has an empty one."""
    at = 0
    while at < len(css):
        if css.startswith("/*", at):
            at = css.index("*/", at) + 2
            continue
        opening, end = css.find("{", at), css.find(";", at)
        if opening < 0 or -1 < end < opening:
            if end < 0:
                return
            yield css[at : end + 1], ""
            at = end + 1
            continue
        closing = _closing(css, opening)
        yield css[at:opening].strip(), css[opening + 1 : closing]
        at = closing + 1


def _closing(css: str, opening: int) -> int:
    """Return where the brace opened at ``opening`` closes; braces in strings do not count."""
    depth, quote, at = 0, "", opening
    while True:
        char = css[at]
        if char == "\\":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "{}":
            depth += 1 if char == "{" else -1
            if depth == 0:
                return at
        at += 1


def cut(css: str, words: frozenset[str]) -> str:
    """Return the rules whose classes are all among the words."""
    return "".join(_rule(head, body, words) for head, body in blocks(css))


def _rule(head: str, body: str, words: frozenset[str]) -> str:
    if head.startswith(NESTING):
        inner = cut(body, words)
        return f"{head}{{{inner}}}" if inner else ""
    if head.startswith("@"):
        return f"{head}{{{body}}}" if body else head
    kept = [selector for selector in _selectors(head) if _used(selector, words)]
    return f"{','.join(kept)}{{{body}}}" if kept else ""


def _selectors(head: str) -> list[str]:
    """Split a list of selectors at its outer commas."""
    parts, depth = [""], 0
    for char in head:
        depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _used(selector: str, words: frozenset[str]) -> bool:
    named = CLASS.findall(NEGATED.sub("", selector))
    return all(name.replace("\\", "") in words or MADE_UP.match(name) for name in named)


def without_idle_names(css: str, others: str) -> str:
    """Drop variables and key frames that nothing kept, and no style sheet of ours, refers to."""
    defined: dict[str, list[str]] = {}
    for _head, body in _leaves(css):
        for name, value in DEFINED.findall(body):
            defined.setdefault(name, []).append(value)
    plain = re.sub(r"(?<=[{;])--[\w-]+:[^;}]*;?", "", css)
    asked = set(VARIABLE.findall(plain)) | set(re.findall(r"--[\w-]+", others))
    todo = list(asked)
    while todo:
        for value in defined.get(todo.pop(), ()):
            new = set(VARIABLE.findall(value)) - asked
            asked |= new
            todo += new
    css = re.sub(r"(?<=[{;])(--[\w-]+):[^;}]*(?:;|(?=}))", lambda hit: hit[0] if hit[1] in asked else "", css)
    while EMPTY.search(css):
        css = EMPTY.sub("", css)
    animated = "".join(body for head, body in _leaves(css) if not head.startswith("@"))
    return re.sub(
        r"@keyframes ([\w-]+)\{(?:[^{}]*\{[^{}]*\})*\}", lambda hit: hit[0] if hit[1] in animated else "", css
    )


def _leaves(css: str) -> Iterator[tuple[str, str]]:
    for head, body in blocks(css):
        if head.startswith(NESTING):
            yield from _leaves(body)
        else:
            yield head, body


def build() -> str:
    """Return the style sheet that belongs to our pages as they are now."""
    own = [path for path in sorted(STATIC.glob("css/*.css")) if path != CUT]
    others = "".join(path.read_text(encoding="utf-8") for path in own)
    kept = cut(WHOLE.read_text(encoding="utf-8"), words_of_ours())
    return HEAD + without_idle_names(kept, others) + "\n"


def main() -> int:
    """Write the cut style sheet, or only say whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    made = build()
    if parser.parse_args().check:
        return int(CUT.read_text(encoding="utf-8") != made)
    CUT.write_text(made, encoding="utf-8")
    print(f"{CUT.relative_to(CRM.parent)}: {len(made) / 1000:.0f} kB of {WHOLE.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
