"""Forms of a page, read as a browser would fill them in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = {"date": "2026-11-20", "number": "1", "email": "a@b.example", "text": "测试", "search": "", "textarea": "测试"}


@dataclass
class PageForm:
    """One form: where it goes, and its fields with what stands in them."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append(PageForm(given.get("action", "")))
        if not self.forms:
            return
        fields, name = self.forms[-1].fields, given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and given.get("value"):
            fields.setdefault(self._select, given["value"])
        elif tag == "textarea" and name:
            fields.setdefault(name, TYPED["textarea"])
        elif tag in {"input", "button"} and name:
            kind = given.get("type", "text")
            fields.setdefault(name, given.get("value") or TYPED.get(kind, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def forms_of(page: str) -> list[PageForm]:
    """Return the forms of a page, text typed and the first choice chosen."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms
