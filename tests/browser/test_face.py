"""Every main page at two widths, in two languages and in the dark: nothing broken, nothing nameless."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import ViewportSize, expect

import crm
from crm.web.i18n import API_ROOT
from tests.browser import office
from tests.browser.axe import Judge
from tests.browser.conftest import DESKTOP, PHONE, People, running_on_a_file
from tests.browser.written import CHINESE, SOUGHT, data_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from playwright.sync_api import Page

    from tests.browser.conftest import Faults
    from tests.support.live import Live

PAGES = (
    "/account/tokens", "/account/api", "/admin/tokens",
    "/signals/review", "/signals/review/known", "/signals/names", "/signals/rules", "/signals/rules/new",
    "/signals/rules/relo_move", "/signals/learning",
    "/signals/1/lead", "/signals/1/dismiss", "/signals/1/snooze", "/signals/1/kind", "/signals/1/company?q=岚桥",
    "/signals/bulk?verb=dismiss&all=1", "/signals/bulk?verb=snooze&id=1", "/signals/watches",
    "/signals/watches/new?kind=RELO&days=7", "/signals/digest/2026-11-20",
    "/", "/signals", "/signals?state=all", "/signals/1", "/articles/1", "/enterprises", "/enterprises/1",
    "/enterprises/new", "/enterprises/1/edit", "/enterprises/1/history", "/enterprises/1/profile",
    "/enterprises/1/profile/archived", "/enterprises/1/profile/new?block=history", "/enterprises/profile/1/edit",
    "/enterprises/1/relations", "/enterprises/1/relations/new", "/enterprises/1/relations/1/edit",
    "/enterprises/1/parent", "/enterprises/aliases/1/edit", "/enterprises/export", "/exports", "/enterprises/views",
    "/enterprises/bulk?field=region&value=x", "/recycle", "/lists", "/lists/1", "/lists/1?state=never",
    "/duplicates", "/duplicates?kind=contact", "/enterprises/1/merge", "/enterprises/4/merge/5", "/merges", "/merges/1",
    "/contacts", "/contacts/1", "/contacts/new?enterprise=1", "/contacts/1/edit", "/contacts/1/history",
    "/contacts/1/move", "/contacts/1/posts/new", "/contacts/1/posts/1/edit", "/contacts/1/erase", "/contacts/health",
    "/contacts/export", "/contacts/health/faces", "/staff", "/staff/1", "/staff/trainings", "/staff/trainings/new",
    "/projects", "/projects/settings", "/projects?view=list", "/projects?view=list&state=left", "/projects/new",
    "/projects/new?enterprise=1",
    "/projects/1", "/projects/4", "/projects/1/edit", "/projects/1/owner", "/projects/1/exit",
    "/projects/1/move?stage=visiting", "/projects/4/admission", "/projects/4/admission/score",
    "/projects/4/admission/decide", "/projects/4/opinions/1", "/projects/4/opinions/6", "/opinions",
    "/opinions?state=done",    "/projects/5/admission", "/projects/5/approvals", "/projects/5/approvals/clauses/2",
    "/projects/5/approvals/consultations/2", "/approvals", "/instructions", "/instructions?mine=all", "/instructions/1",
    "/instructions/new?project=1", "/projects/1/instructions", "/projects/settings/admission",
    "/projects/5/agreements/new", "/projects/6/agreements", "/projects/6/agreements/1", "/projects/intents",
    "/projects/6/team", "/projects/exceptions", "/projects/5/exceptions", "/projects/6/history", "/projects/losses",
    "/projects?view=calendar", "/projects?view=calendar&by=sign", "/projects?view=forecast", "/projects?due=overdue",
    "/projects/1/steps", "/projects/1/outlook", "/projects/1/confidential", "/projects/settings/outlook",
    "/projects?view=groups", "/projects?view=groups&by=eight", "/projects/settings/deals",
    "/projects/6/agreements/1/recognize", "/claims", "/claims?tab=all", "/claims?tab=contested",
    "/claims?tab=transfers", "/projects/1/ownership", "/projects/6/ownership", "/projects/3/claim", "/projects/1/split",
    "/projects/1/transfer", "/claims/disputes/1", "/claims/transfers/1", "/projects/settings/claims",
    "/projects/settings/counting",
    "/leads", "/leads/new", "/leads/mine", "/leads/silent", "/leads/pool", "/leads/referrers", "/leads/referrers/new",
    "/leads/referrers/1", "/leads/leaders", "/leads/tips/1", "/leads/tips/3", "/projects/1/intake",
    "/projects/10/intake", "/projects/settings/intake", "/projects/repeats", "/projects/repeats/1", "/visits",
    "/visits/new", "/visits/new?enterprise=1", "/visits/1", "/visits/settings", "/outbox", "/offline",
    "/trips", "/trips/new", "/trips/1", "/trips/1/members", "/trips/1/stops/1", "/trips/1/costs", "/trips/1/brief",
    "/trips/results", "/trips/leaders", "/trips/leaders/one?user=1", "/receptions", "/receptions/new",
    "/events", "/events/new", "/events/1", "/events/1/edit", "/events/1/guests", "/events/1/guests?door=1",
    "/events/1/invite", "/events/1/invite?q=岚桥&enterprise=1", "/events/choose?id=1",
    "/meetings", "/meetings?show=past", "/meetings/new", "/meetings/series/new", "/meetings/series/1/edit",
    "/meetings/1", "/meetings/2", "/meetings/2/edit", "/meetings/1/agenda", "/meetings/decisions",
    "/meetings/decisions/1", "/campaigns/1/bulletins", "/campaigns/bulletins/1", "/campaigns/bulletins/1/rows/visits",
    "/receptions/1", "/receptions/1/visitors", "/receptions/1/itinerary", "/receptions/1/held",
    "/postings", "/postings/1", "/postings/new", "/postings/1/edit", "/postings/presence", "/postings/rota",
    "/postings/rota/settings", "/postings/people/1", "/postings/people/1/absences", "/inspections", "/inspections/1",
    "/inspections/new", "/inspections/findings", "/inspections/findings/1/recheck", "/inspections/findings/2/mended",
    "/acquaintances", "/acquaintances/people/1", "/acquaintances/enterprises/1",
    "/calendar", "/calendar?view=month", "/calendar?view=day", "/calendar?view=team", "/calendar/link",
    "/enterprises/1/stream", "/enterprises/1/stream?quotes=touch:1", "/projects/1/stream",
    "/notices", "/notices?show=all", "/notices/choices", "/notices/channels", "/notices/channels/1",
    "/follow-ups/stalled", "/follow-ups/stalled?show=risk", "/follow-ups/stalled?show=firms",
    "/follow-ups/reassign?id=1",
    "/follow-ups/chains", "/follow-ups/chains/1", "/follow-ups/chains/new", "/follow-ups/chains/start?id=1",
    "/follow-ups/ladder",
    "/visits/1/edit", "/visits/2/report", "/follow-ups", "/follow-ups/1/next", "/reports/funnel",
    "/reports/rows?measure=visits", "/reports/weekly", "/reports/check", "/reports/weekly/2026-W47",
    "/reports/weekly/2026-W47/annex",
    "/reports/weekly/1/figure/visits", "/reports/weekly/returns", "/reports/weekly/returns/settings",
    "/this-week", "/this-week/put-off", "/capital", "/capital?state=all", "/capital/1", "/capital/2",
    "/assessment", "/assessment/new", "/assessment/1", "/assessment/2", "/assessment/1/units/2",
    "/assessment/2/units/2?v.出勤天数=20", "/assessment/books", "/assessment/books/1", "/assessment/books/new",
    "/assessment/slips", "/assessment/slips?state=closed", "/assessment/slips/1", "/assessment/merits",
    "/assessment/books/2", "/assessment/3", "/assessment/3/lists", "/assessment/3/lists/1/units/3",
    "/assessment/3/lists/1/units/2", "/assessment/3/lists/2/rating", "/assessment/ratings", "/assessment/ratings/1",
    "/assessment/ratings/1/state", "/assessment/tours", "/assessment/tours/new", "/assessment/tours/1",
    "/assessment/tours/2", "/assessment/tours/3", "/assessment/tours/3/edit", "/assessment/tours/2/judge",
    "/assessment/tours/2/judge/3", "/assessment/tours/2/judge/4", "/assessment/budgets", "/assessment/budgets/rows",
    "/assessment/budgets/spend", "/assessment/budgets/edit",
    "/insight/groups", "/insight/groups?by=band", "/insight/stays", "/insight/cohorts", "/insight/screen",
    "/insight/compare", "/insight/forecast", "/insight/forecast?by=owner", "/insight/stalled?by=unit",
    "/insight/rows?of=forecast&part=", "/insight/rows?of=stays&part=left&by=unit&group=2",
    "/papers", "/papers/dispatch/2026-11", "/papers/briefing/2026-Q4", "/papers/signed/today",
    "/papers/templates", "/papers/templates/weekly", "/papers/issues", "/papers/issues?kind=dispatch",
    "/projects/export?grade=A", "/papers/issues/1", "/papers/issues/3", "/papers/issues/1/rows/year:visits",
    "/periods", "/periods/new", "/periods/1", "/periods/2", "/periods/1/figures/visits",
    "/plans", "/plans?light=red", "/plans/permits", "/projects/settings/plans", "/projects/1/plan", "/projects/6/plan",
    "/projects/6/plan/check", "/projects/6/plan/nodes/1", "/projects/6/plan/nodes/3", "/projects/6/plan/nodes/8",
    "/projects/6/plan/opinions/1", "/projects/2/capital", "/projects/2/capital/new", "/enterprises/1/score",
    "/blockers", "/blockers?state=closed", "/blockers/1", "/blockers/2", "/blockers/3", "/blockers/new?project=1",
    "/blockers/settings", "/blockers/export", "/projects/1/blockers", "/meetings/coordination", "/task-forces",
    "/obligations", "/obligations?what=ours&state=soon", "/obligations?what=deposit", "/projects/6/obligations",
    "/projects/6/obligations/new", "/projects/6/obligations/1/record", "/projects/6/obligations/4/payout",
    "/projects/6/obligations/dun/deposit", "/projects/6/obligations/dun/capital", "/exit-cases",
    "/exit-cases?state=closed", "/exit-cases/1", "/projects/6/exit-case", "/carriers?again=1",
    "/cases", "/cases?state=closed", "/cases/1", "/cases/2", "/cases/3", "/cases/new", "/cases/settings", "/rounds",
    "/rounds/new", "/rounds/1", "/financing", "/financing/new", "/financing/1", "/firm-plans", "/firm-plans/new",
    "/firm-plans/1", "/surveys", "/surveys/new", "/surveys/1", "/assessment/books/json",
    "/carriers/map", "/carriers/map/outlines", "/carriers/map/outlines/1", "/carriers/map/outlines/2",
    "/carriers", "/carriers/new", "/carriers/1", "/carriers/2", "/carriers/2/edit", "/carriers/2/holds/new",
    "/carriers/holds/1/end", "/carriers/holds/3/idle", "/carriers/idle", "/carriers/idle?state=closed",
    "/carriers/holds/3/clock",
    "/industry-chains", "/industry-chains/new", "/industry-chains/1", "/industry-chains/1/edit",
    "/industry-chains/home", "/industry-chains/1/history", "/industry-chains/1/nodes/new", "/industry-chains/nodes/1",
    "/industry-chains/nodes/2",
    "/industry-chains/nodes/2?view=targets", "/industry-chains/nodes/2?view=locals", "/industry-chains/nodes/1/edit",
    "/industry-chains/nodes/2/call", "/industry-chains/nodes/1/place", "/industry-chains/places/1/off",
    "/policies", "/policies?state=ended", "/policies/new", "/policies/1", "/policies/1?version=1",
    "/policies/versions/2/edit", "/policies/versions/2/clauses/new", "/policies/clauses/3/edit",
    "/policies/clauses/3/review", "/projects/1/policies?equipment=900", "/handbook", "/handbook/base/edit",
    "/bank", "/bank?state=matched", "/bank/1", "/bank/2", "/bank/new", "/bank/2/edit", "/bank/1/match",
    "/bank/1/match?q=岚桥", "/bank/settings", "/bank/editions", "/bank/editions/1", "/bank/proposals",
    "/bank/proposals/new", "/bank/proposals/new?enterprise=1", "/bank/proposals/1", "/bank/proposals/1/edit",
    "/bank/links", "/bank/links/new?edition=1", "/bank/links/1",
    "/carriers/idle/1", "/carriers/sums", "/projects/1/sites", "/projects/1/sites/need",
    "/matches", "/matches?none=1", "/carriers/2/firms",
    "/campaigns", "/campaigns/1", "/campaigns/new", "/campaigns/1/edit", "/targets", "/targets/edit", "/sources",
    "/campaigns/1/people", "/campaigns/1/items", "/targets/tree", "/targets/new", "/targets/1", "/targets/1/edit",
    "/targets/1/split", "/targets/1/split?by=period", "/targets/1/split?by=band", "/targets/1/milestones",
    "/measures", "/measures/rates", "/measures/cycles", "/measures/mix", "/measures/ledger",
    "/sources/1", "/sources/1/edit", "/sources/health", "/sources/health/1", "/sources/new", "/sources/packs",
    "/sources/packs/media", "/sources/exports/new", "/sources/agent", "/sources?state=untested",
    "/score-model", "/score-model/table", "/score-model/versions", "/score-model/versions/1", "/score-model/versions/2",
    "/score-model/versions/2/edit", "/score-model/versions/3", "/score-model/versions/3?against=2",
    "/score-model/runs/3",
    "/imports", f"/search?q={SOUGHT}", "/admin", "/admin/tasks",
    "/admin/people", "/admin/people/1", "/admin/people/new", "/admin/units", "/admin/units?state=closed",
    "/admin/units/2", "/admin/audit", "/password",
)  # fmt: skip
DARK = ("/", "/signals", "/enterprises/1", "/projects", "/visits/new", "/reports/funnel", "/reports/weekly/2026-W47")
STRANGERS = ("/login", "/no-such-page")
PARTS = {
    "/account/api/openapi.json",
    "/handbook.docx",
    "/cases/firms",
    "/measures/ledger.xlsx",
    "/inspections/firms",
    "/leads/firms",
    "/projects/groups",
    "/projects/heads",
    "/reports/funnel.xlsx",
    "/sources/packs/own.yaml",
    "/enterprises/pick",
    "/enterprises/similar",
    "/palette",
    "/trips/firms",
    "/visits/more",
    "/visits/pick",
    "/manifest.webmanifest",
    "/outbox/session",
    "/signals/digest",  # leads to the day
    "/sw.js",
    "/setup",
}
WIDE = ViewportSize(width=DESKTOP["width"], height=DESKTOP["height"])
NARROW = ViewportSize(width=PHONE["width"], height=PHONE["height"])
EXAMINE = (Path(__file__).parent / "examine.js").read_text(encoding="utf-8")
WORDS = (Path(__file__).parent / "words.js").read_text(encoding="utf-8")
BRIGHT = (Path(__file__).parent / "bright.js").read_text(encoding="utf-8")
CATALOGUE = Path(crm.__file__ or "").parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# Everything the examination looks for, once.
FAULTY = """<!doctype html><body style="background: #111; color: #eee"><h1></h1><h1></h1><button>保存</button>
<button title="删除" aria-describedby="b"></button><input name="x"><img src="data:,">
<p id="a" style="color: #222">太淡的字</p><p id="a"></p><a href="/"></a>
<main><div style="width: 3000px; height: 80px; background: #fff"></div></main>"""


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


@dataclass
class Tour:
    """What a walk through all pages in one language found: faults by page, and the words on each."""

    faults: list[str] = field(default_factory=list)
    words: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def tours() -> dict[str, Tour]:
    """Return the walks made so far: a page is opened once for everything that is asked of it."""
    return {}


def walk(people: People, tours: dict[str, Tour], language: str) -> Tour:
    """Look at every page in both windows, in Chinese on a phone and in English on a desk first.

    The window changes once on a page: the next one opens in the width that the one before was left in, so that
    of a page's two languages one opens it wide and the other narrow.
    """
    if language in tours:
        return tours[language]
    tour = tours[language] = Tour()
    page = people.enter(f"all-{language}", phone=language == "zh")
    expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
    stranger = people.visitor(viewport=page.viewport_size)
    judge = Judge()
    for guest, paths in ((page, PAGES), (stranger, STRANGERS)):
        for path in paths:
            tour.faults += [f"{path}: {problem}" for problem in look(guest, path, judge)]
            tour.words[path] = list(guest.evaluate(WORDS))
    return tour


@pytest.mark.timeout(1800)  # some two hundred pages
@pytest.mark.parametrize("language", office.LANGUAGES)
def test_every_page_fits_its_window_and_names_its_parts(people: People, tours: dict[str, Tour], language: str) -> None:
    found = walk(people, tours, language).faults
    assert not found, "\n".join(found)


@pytest.mark.timeout(1800)  # alone it makes the walk itself
@pytest.mark.skipif(not CATALOGUE.is_file(), reason="there is no English catalogue yet")
def test_the_english_interface_has_no_chinese_left(people: People, place: Live, tours: dict[str, Tour]) -> None:
    names = re.compile("|".join(map(re.escape, data_of(place))))
    words = walk(people, tours, "en").words
    found = {f"{path}: {text}" for path in PAGES for text in words[path] if CHINESE.search(names.sub("", text))}
    assert not found, "\n".join(sorted(found))


def test_in_the_dark_nothing_large_is_white(people: People) -> None:
    page = people.enter("all-zh", color_scheme="dark")
    found = [f"{path}: {area}" for path in DARK for area in bright(page, path)]
    assert not found, "\n".join(found)


def bright(page: Page, path: str) -> list[str]:
    page.goto(path)
    return list(page.evaluate(BRIGHT))


def test_the_examination_itself_sees_what_is_wrong(people: People) -> None:
    page = people.visitor()
    page.set_content(FAULTY)
    problems = " ".join([*page.evaluate(EXAMINE), *Judge().faults(page, "/faulty")])
    for wrong in (
        "no title",
        "no language",
        "2 h1",
        "px wide",
        "no label",
        "no alt",
        "no name",
        "twice: a",
        "called b",
        "image-alt: img",
        "color-contrast: p",
    ):
        assert wrong in problems
    assert page.evaluate(BRIGHT) == ["DIV  rgb(255, 255, 255)"]
    assert page.evaluate(WORDS) == ["保存", "太淡的字", "删除"]


def test_every_plain_address_is_looked_at(app: Flask) -> None:
    plain = {
        str(rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and not str(rule).startswith(API_ROOT)
    }
    looked_at = {path.partition("?")[0] for path in (*PAGES, *STRANGERS)}
    assert plain - looked_at - PARTS == set()


def look(page: Page, path: str, judge: Judge) -> list[str]:
    """Examine a page in the window as it is, then in one of the other width, which stays; axe judges the first."""
    page.goto(path)
    problems = [*page.evaluate(EXAMINE), *judge.faults(page, path)]
    first = page.viewport_size
    assert first
    page.set_viewport_size(NARROW if first["width"] > NARROW["width"] else WIDE)
    page.evaluate(DRAWN)  # media queries are asked anew only with the next frame
    return problems + [problem for problem in page.evaluate(EXAMINE) if problem not in problems]
