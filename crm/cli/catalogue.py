"""Collect every Chinese string for translation: the message ids are the strings themselves.

``babel.cfg`` names :func:`chinese_strings` for Python files, so that a label in a pure rule
module needs no marker to reach the English catalogue. ``python -m crm.cli.catalogue`` renews
the catalogue: kept sentences keep their English, new ones come empty, unused ones go.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "crm/translations/en/LC_MESSAGES/messages.po"
HEADER = b"""\
# English of Yinfeng: the message ids are the Chinese sentences.
msgid ""
msgstr ""
"Project-Id-Version: Yinfeng\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NOT_SHOWN = (
    "crm/cli/",  # commands print both languages themselves
    "crm/api/examples.py",  # bodies as an office may send them
    "crm/assessment/books/examples.py",  # rules to begin from
    "crm/assessment/books/samples.py",  # rules to put into a book, and how they are told
    "crm/assessment/books/reckoning.py",  # pieces of a line, with their English beside them
    "crm/assessment/books/slip_paper.py",  # a slip is a Chinese document
    "crm/assessment/books/slip_filling.py",  # names in it and what they mean are Chinese
    "crm/assessment/engine/",  # rules and results of the command are Chinese
    "crm/assessment/tours/paper.py",  # a score sheet and a result are Chinese documents
    "crm/core/money.py",  # the trade's own money words, parsed and printed in Chinese
    "crm/core/text.py",  # folding tables
    "crm/delivery/blockers/order_paper.py",  # a slip is a Chinese document
    "crm/enterprises/codes.py",  # how regions are called
    "crm/meetings/minutes.py",  # minutes are a Chinese document
    "crm/field/brief_paper.py",  # papers are Chinese documents
    "crm/field/inspection.py",
    "crm/field/itinerary.py",
    "crm/imports/apart.py",  # legal forms looked for in names
    "crm/imports/blank.py",  # a template in the words its reader knows
    "crm/imports/carriers/fields.py",  # headings of sheets, and how they are filled in
    "crm/imports/chains/fields.py",
    "crm/imports/policies/fields.py",
    "crm/news/dates.py",  # words looked for in pages
    "crm/news/decode.py",  # common characters of any text
    "crm/news/exported/records.py",  # names of columns in exported files
    "crm/news/extract.py",
    "crm/news/extraction/",
    "crm/pipeline/repeats/commonwords.py",  # words looked for in names
    "crm/pipeline/stagedocs.py",  # a page of the documentation
    "crm/register/contact_data.py",  # what is handed out to a person, a Chinese document
    "crm/register/contact_export.py",  # an exported list
    "crm/register/project_export.py",
    "crm/register/blocker_export.py",
    "crm/register/traces.py",  # written in place of what was erased
    "crm/scoring/model/",  # words looked for in columns of files
    "crm/resources/chains/sheet.py",  # headings of a sheet
    "crm/signals/areas.py",  # how provinces are called in the regions of units
    "crm/assessment/measuredocs.py",  # a page of the documentation
    "crm/reports/amending.py",  # the weekly report is a Chinese document
    "crm/reports/bulletin_paper.py",  # the bulletin of a campaign is a Chinese document
    "crm/reports/doc",  # the weekly report is a Chinese document
    "crm/reports/drafting.py",
    "crm/reports/bulletin_filling.py",
    "crm/reports/filling.py",  # names and contents of templates, which are Chinese documents
    "crm/reports/template_body.py",
    "crm/papers/filling.py",
    "crm/templating/guide.py",
    "crm/reports/linking.py",  # phrases looked for in the report
    "crm/reports/tables.py",
    "crm/reports/wording.py",
    "crm/reports/weeks.py",
    "crm/reports/xlsx.py",  # the annex of the weekly report
    "crm/land/idle_paper.py",  # letters are Chinese documents
    "crm/delivery/letters/papers.py",
    "crm/delivery/obligations/telling.py",
    "crm/land/policies/handbook_paper.py",
    "crm/linking/context.py",  # words looked for in texts
    "crm/linking/evidence.py",
    "crm/linking/guards.py",
    "crm/linking/homes.py",
    "crm/linking/lexicon.py",
    "crm/linking/matcher.py",
    "crm/linking/namefile.py",
    "crm/linking/proposals_rules.py",
    "crm/linking/surroundings.py",
    "crm/linking/tradenames.py",
    "crm/linking/wordlist.py",
    "crm/signals/bearers.py",
    "crm/signals/denials.py",
    "crm/signals/facts/",
    "crm/signals/gathering.py",
    "crm/signals/generals.py",
    "crm/signals/reading.py",
    "crm/word/b",  # papers are Chinese documents
    "crm/word/check/parts.py",  # words looked for in papers
    "crm/word/check/patterns.py",
    "crm/word/n",
    "crm/word/p",
    "crm/word/styles.py",
    "crm/word/tables.py",
    "crm/word/template/values.py",
    "crm/word/text.py",
    "crm/word/wording.py",
)
NAV, SECTION = (
    (
        "crm/nav.py",
        "crm/fieldwork/sections.py",
        "crm/inbox/sections.py",
        "crm/assessment/sections.py",
        "crm/aftercare/sections.py",
    ),
    "栏目",
)  # a section of the product: 企业 is Companies there, Company elsewhere
NOT_SHOWN_NAMES = frozenset({"_HEADINGS"})  # headings recognised in ledgers
Found = tuple[int, str, str | tuple[str, ...], list[str]]
MessageId = tuple[str | None, str]


def chinese_strings(
    file: BinaryIO,
    _keywords: Sequence[str],
    _comment_tags: Sequence[str],
    options: dict[str, Any],  # noqa: ARG001 (name set by Babel)
) -> Iterator[Found]:
    """Yield ``(line, function, message, comments)`` for each Chinese constant of a Python file."""
    path = Path(getattr(file, "name", "")).as_posix()
    relative = path[path.rfind("crm/") :] if "crm/" in path else path
    if relative.startswith(NOT_SHOWN):
        return
    for line, text in constants(file.read().decode("utf-8")):
        if relative not in NAV:
            yield line, "gettext", text, []
        elif text != SECTION:
            yield line, "pgettext", (SECTION, text), []


def constants(source: str) -> Iterator[tuple[int, str]]:
    """Yield the Chinese string constants of a module that are not docstrings or parts of f-strings."""
    tree = ast.parse(source)
    skipped = {id(part) for node in ast.walk(tree) for part in _not_messages(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in skipped:
            continue
        if CHINESE.search(node.value):
            yield node.lineno, node.value


def _not_messages(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in NOT_SHOWN_NAMES:
        yield from ast.walk(node)
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
        yield from node.args
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr):
            yield first.value


def message_ids(root: Path = ROOT) -> set[MessageId]:
    """Collect (context, message id) of templates and Python files below ``crm/``."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")  # type: ignore[no-untyped-call]  # Babel leaves it untyped
    found = extract_from_dir(
        root, methods, options, directory_filter=lambda folder: Path(folder).relative_to(root).parts[0] == "crm"
    )
    return {(one[4], one[2][-1] if isinstance(one[2], list | tuple) else one[2]) for one in found}


def renew(path: Path, ids: Iterable[MessageId]) -> list[str]:
    """Write the catalogue of exactly these ids, sorted; return those still without English."""
    known = read_po(path.open("rb"), locale="en") if path.exists() else Catalog(locale="en")
    fresh = Catalog(locale="en")
    for context, one in sorted(ids, key=lambda pair: (pair[1], pair[0] or "")):
        old = known.get(one, context)
        fresh.add(one, old.string if old else "", context=context)
    body = io.BytesIO()
    write_po(body, fresh, width=0, omit_header=True)
    path.write_bytes(HEADER + body.getvalue().lstrip())
    return [str(one.id) for one in fresh if one.id and not one.string]


if __name__ == "__main__":
    for missing in renew(ENGLISH, message_ids()):
        sys.stdout.write(f"{missing}\n")
