"""The contacts a row names: one, several in columns of their own (联系人1, 联系人2), or several in one cell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.enterprises.rules import EMAIL, PHONE, SHORT
from crm.imports.rules import BAD, DOUBT, Column, problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.imports.columns import Mapping
    from crm.imports.reading import Row

KINDS = (Column.POST, Column.PHONE, Column.EMAIL, Column.NOTE)
JOINTS = re.compile(r"[—–－]|\s*(?:转|分机|ext\.?)[:：]?\s*", re.IGNORECASE)
BETWEEN = re.compile(r"[、|｜/;；，\n]+")
BETWEEN_PHONES = re.compile(r"[、|｜/;；，,\n]+|或|(?<=\d{11})\s+(?=1\d{10})")
WITH_POST = re.compile(r"([^()]{1,20})\(([^()]{1,20})\)")
LONGEST_NAME = 20
NAMELESS = "有电话或邮箱而没有联系人姓名，这一行的联系人不导入。"
BAD_PHONE = "电话“%(value)s”只能有数字、空格、括号、加号和横线，至少 5 位。"
BAD_EMAIL = "邮箱“%(value)s”写法不对，例如 name@example.com。"
MORE_PHONES = "这一格有几个号码，联系人只记第一个“%(first)s”；其余的请导入后补登记。"


@dataclass(frozen=True, slots=True)
class Person:
    """A contact named in a row; None for what the row does not say."""

    name: str
    post: str | None = None
    phone: str | None = None
    email: str | None = None
    note: str | None = None


def read_people(mapping: Mapping, row: Row) -> tuple[tuple[Person, ...], list[dict[str, Any]]]:
    """Read the contacts of a row, and say what is wrong with their cells."""
    found: list[Person] = []
    problems: list[dict[str, Any]] = []
    for places in _groups(mapping):
        found += _read(places, row, problems)
    return tuple(found), problems


def _groups(mapping: Mapping) -> list[dict[Column, Sequence[int]]]:
    """The columns of each contact: as many of a kind as there are contacts, or those that follow its name."""
    names = mapping.places.get(Column.CONTACT, ())
    if len(names) < 2:  # noqa: PLR2004 (one contact has every column)
        return [{kind: mapping.places.get(kind, ()) for kind in (Column.CONTACT, *KINDS)}]
    groups: list[dict[Column, Sequence[int]]] = []
    for number, name in enumerate(names):
        last = number == len(names) - 1
        group: dict[Column, Sequence[int]] = {Column.CONTACT: (name,)}
        for kind in KINDS:
            places = mapping.places.get(kind, ())
            if len(places) == len(names):
                group[kind] = (places[number],)
            else:
                start = name if number else 0
                group[kind] = [one for one in places if start <= one and (last or one < names[number + 1])]
        groups.append(group)
    return groups


def _read(places: dict[Column, Sequence[int]], row: Row, problems: list[dict[str, Any]]) -> list[Person]:
    given = {kind: _first(row, indexes) for kind, indexes in places.items()}
    text = {kind: value for kind, (_index, value) in given.items()}
    if not text[Column.CONTACT]:
        told = next((given[kind][0] for kind in (Column.PHONE, Column.EMAIL) if text[kind]), None)
        if told is not None:
            problems.append(problem(told, DOUBT, NAMELESS))
        return []
    names = _names(text[Column.CONTACT])
    phones = [_phone(part) for part in _parts(BETWEEN_PHONES, unicodedata.normalize("NFKC", text[Column.PHONE]))]
    emails = _parts(BETWEEN, unicodedata.normalize("NFKC", text[Column.EMAIL]))
    problems += [
        problem(given[Column.PHONE][0], BAD, BAD_PHONE, value=one) for one in phones if not PHONE.fullmatch(one)
    ]
    problems += [
        problem(given[Column.EMAIL][0], BAD, BAD_EMAIL, value=one) for one in emails if not EMAIL.fullmatch(one)
    ]
    if len(phones) > len(names) and all(map(PHONE.fullmatch, phones)):
        problems.append(problem(given[Column.PHONE][0], DOUBT, MORE_PHONES, first=phones[0]))
    posts = _parts(BETWEEN, text[Column.POST])
    shared = len(posts) != len(names)
    return [
        _person(name, text[Column.POST] if shared else posts[at], _at(phones, at), _at(emails, at), text[Column.NOTE])
        for at, name in enumerate(names)
    ]


def _person(name: str, post: str, phone: str, email: str, note: str) -> Person:
    found = None if post else WITH_POST.fullmatch(unicodedata.normalize("NFKC", name))
    if found:
        name, post = found[1].strip(), found[2].strip()
    return Person(name[:SHORT], post[:SHORT] or None, phone or None, email or None, note or None)


def _names(text: str) -> list[str]:
    """Several short names, or the cell as it stands."""
    parts = _parts(BETWEEN, text)
    return parts if parts and max(map(len, parts)) <= LONGEST_NAME else [text]


def _phone(text: str) -> str:
    return JOINTS.sub("-", text).strip(" -")


def _parts(between: re.Pattern[str], text: str) -> list[str]:
    return [part.strip() for part in between.split(text) if part.strip()]


def _at(values: Sequence[str], at: int) -> str:
    return values[at] if at < len(values) else ""


def _first(row: Row, indexes: Sequence[int]) -> tuple[int | None, str]:
    """Where the first filled cell stands (else the first cell), and what it says."""
    filled = next(((one, row[one]) for one in indexes if one < len(row) and row[one]), None)
    return filled or (next(iter(indexes), None), "")
