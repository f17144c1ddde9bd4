"""Field codes of a template: only those that read nothing but the paper itself and do not change with the day. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CODE = (f"{W}instrText", f"{W}delInstrText")
ALLOWED = frozenset(
    {"PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "STYLEREF", "SEQ", "TOC", "SYMBOL", "EQ", "="}
)
CHANGING = frozenset({"DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME"})
NAME = re.compile(r"\s*(=|[A-Za-z]+)")
WITHIN = re.compile(r'\s*HYPERLINK\s+\\l\s+"[^"\\]*"(\s+\\[hno])*\s*', re.IGNORECASE)  # to a bookmark of the paper
LONGEST_SHOWN = 20


def refused(root: etree._Element) -> str | None:
    """Name the first field of a part that may not stand in a template; None where all may."""
    return next((_name(code) for code in codes(root) if not allowed(code)), None)


def changes(name: str) -> bool:
    """Whether a field shows another thing every day."""
    return name in CHANGING


def allowed(code: str) -> bool:
    """Whether a field may stand in a template."""
    return _name(code) in ALLOWED or WITHIN.fullmatch(code) is not None


def codes(root: etree._Element) -> Iterator[str]:
    """Yield the code of each field, put together from the runs it stands in; what is no field of its own comes last.

    A code between the end of another and its result belongs to that other; one outside of any stands for itself.
    """
    open_codes: list[list[str]] = []
    shown: list[bool] = []
    stray: list[str] = []
    for element in root.iter(*CODE, f"{W}fldChar", f"{W}fldSimple"):
        if element.tag == f"{W}fldSimple":
            yield element.get(f"{W}instr", "")
        elif element.tag in CODE:
            inside = bool(open_codes) and not shown[-1]
            (open_codes[-1] if inside else stray).append(element.text or "")
        elif element.get(f"{W}fldCharType") == "begin":
            open_codes.append([])
            shown.append(False)
        elif element.get(f"{W}fldCharType") == "separate" and shown:
            shown[-1] = True
        elif element.get(f"{W}fldCharType") == "end" and open_codes:
            yield "".join(open_codes.pop())
            shown.pop()
    yield from ("".join(one) for one in open_codes)
    if "".join(stray).strip():
        yield "".join(stray)


def _name(code: str) -> str:
    found = NAME.match(code)
    return found.group(1).upper() if found else code.strip()[:LONGEST_SHOWN]
