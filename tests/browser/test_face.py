"""Every main page at two widths, in two languages and in the dark: nothing broken, nothing nameless."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

import crm
from crm.auth.models import OrgUnit, User
from crm.enterprises.models import Contact, Enterprise
from crm.fieldwork.models import FollowUp
from crm.news.models import Article, Source
from crm.pipeline.models import Project
from tests.browser import office
from tests.browser.conftest import People, running_on_a_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page
    from sqlalchemy.orm import InstrumentedAttribute

    from tests.browser.conftest import Faults
    from tests.support.live import Live

PAGES = (
    "/", "/signals", "/signals?state=all", "/signals/1", "/articles/1", "/enterprises", "/enterprises/1",
    "/enterprises/new", "/contacts", "/contacts/new?enterprise=1", "/projects", "/projects?view=list", "/projects/1",
    "/projects/4", "/projects/1/move?stage=visiting", "/visits", "/visits/new", "/visits/1", "/follow-ups",
    "/reports/funnel", "/reports/rows?measure=visits", "/reports/weekly", "/reports/weekly/2026-W47", "/campaigns",
    "/campaigns/1", "/targets", "/targets/edit", "/sources", "/sources/1", "/sources/new", "/imports",
    "/search?q=岚桥", "/admin", "/admin/tasks", "/admin/people", "/admin/people/1", "/admin/units", "/admin/audit",
    "/password",
)  # fmt: skip
DARK = ("/", "/signals", "/enterprises/1", "/projects", "/visits/new", "/reports/funnel", "/reports/weekly/2026-W47")
STRANGERS = ("/login", "/no-such-page")
EXAMINE = (Path(__file__).parent / "examine.js").read_text(encoding="utf-8")
CHROME = (Path(__file__).parent / "chrome.js").read_text(encoding="utf-8")
BRIGHT = (Path(__file__).parent / "bright.js").read_text(encoding="utf-8")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
CATALOGUE = Path(crm.__file__ or "").parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
# What people wrote or chose: names and titles stay as they are in either language.
DATA: tuple[InstrumentedAttribute[str], ...] = (
    Enterprise.name, Project.name, Contact.name, User.name, OrgUnit.name, Source.name, FollowUp.title, Article.title,
)  # fmt: skip


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a running, furnished office; these tests only look."""
    with running_on_a_file(sqlite_template, tmp_path_factory.mktemp("face")) as found:
        with found.database.transaction() as session:
            office.furnish(session)
        yield found


@pytest.fixture
def people(place: Live, gather: Callable[[Live], People], faults: Faults) -> People:
    """Return people of the furnished office; a page that does not exist is one of the pages."""
    faults.allowed.add(404)
    return gather(place)


@pytest.mark.parametrize("language", office.LANGUAGES)
@pytest.mark.parametrize("phone", [False, True], ids=["1440", "390"])
def test_every_page_fits_its_window_and_names_its_parts(people: People, language: str, *, phone: bool) -> None:
    page = people.enter(f"all-{language}", phone=phone)
    expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
    found = [f"{path}: {problem}" for path in PAGES for problem in look(page, path)]
    stranger = people.visitor(viewport=page.viewport_size)
    found += [f"{path}: {problem}" for path in STRANGERS for problem in look(stranger, path)]
    assert not found, "\n".join(found)


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="there is no English catalogue yet")
def test_the_english_interface_has_no_chinese_left(people: People, place: Live) -> None:
    page = people.enter("all-en")
    names = data_of(place)
    found = {f"{path}: {text}" for path in PAGES for text in chinese(page, path, names)}
    assert not found, "\n".join(sorted(found))


def data_of(place: Live) -> list[str]:
    """Return what people wrote, longest first, so that a name goes before its parts."""
    with place.database.reading() as session:
        return sorted({text for column in DATA for text in session.scalars(select(column))}, key=len, reverse=True)


def chinese(page: Page, path: str, names: list[str]) -> list[str]:
    page.goto(path)
    pattern = re.compile("|".join(map(re.escape, names)))
    texts = [pattern.sub("", text) for text in page.evaluate(CHROME)]
    return [text for text in texts if CHINESE.search(text)]


@pytest.mark.parametrize(
    "path", ["/", "/signals", "/enterprises/1", "/projects", "/visits/new", "/reports/weekly/2026-W47"]
)
def test_in_the_dark_nothing_large_is_white(people: People, path: str) -> None:
    page = people.enter("all-zh", color_scheme="dark")
    page.goto(path)
    assert page.evaluate(BRIGHT) == []


def look(page: Page, path: str) -> list[str]:
    page.goto(path)
    return list(page.evaluate(EXAMINE))
