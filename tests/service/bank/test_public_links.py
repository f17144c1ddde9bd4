"""Public links: what they open, what they never open, how they end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from crm.auth.services import ADDRESS_FAILURES
from crm.bank import editions, link_reads, links, proposals, services
from crm.bank.links import Caller, Guest, Refused, Subject
from crm.bank.models import BankLink, BankLinkVisit
from crm.bank.rules import BankState
from crm.bank.services import Ending
from crm.core.errors import DomainError, ForbiddenError
from crm.pipeline.confidential import services as secrecy
from crm.web.access import PUBLIC, access_of
from tests.service.bank.conftest import draft, publish
from tests.support import builders
from tests.support.builders import NOW, TODAY

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.routing import Rule

    from tests.conftest import Browser
    from tests.service.bank.conftest import Bank
    from tests.support.builders import Office

SOON = TODAY + timedelta(days=30)
HIDDEN = ("云岭传动股份", "储能电芯项目", "传动装备项目")
CLOSED = {302, 400, 401, 403, 404, 405, 415, 422, 429}


@dataclass(frozen=True, slots=True)
class Shared:
    """A link to a catalogue, and its token."""

    link: BankLink
    token: str


@pytest.fixture
def shared(session: Session, office: Office, bank: Bank) -> Shared:
    services.add(session, bank.lead, draft(office, "储能电芯项目"), now=NOW)
    builders.project(session, bank.firm, office.east, office.officer, name="传动装备项目")
    edition = editions.freeze(session, bank.registrar, "云溪县招商局", now=NOW, today=TODAY)
    subject = Subject(edition_id=edition.id)
    made = links.make(session, bank.registrar, subject, "装备协会", SOON, now=NOW, today=TODAY)
    session.commit()
    return Shared(*made)


def test_a_link_shows_its_version_as_it_was_frozen(
    session: Session, bank: Bank, shared: Shared, visitor: Browser
) -> None:
    services.move(
        session, bank.registrar, bank.published.id, BankState.WITHDRAWN, Ending("不再招商了"), now=NOW, today=TODAY
    )
    session.commit()
    first, part = visitor.get(f"/share/{shared.token}"), visitor.get(f"/share/{shared.token}/1")
    assert (first.status_code, part.status_code) == (200, 200)
    assert "装备链" in first.text
    for word in ("减速机总装项目", "30,000", "0000-1234567"):
        assert word in part.text, word
    assert "东区招商组" not in part.text
    assert visitor.get(f"/share/{shared.token}/2").status_code == 404
    assert "noindex" in first.headers["X-Robots-Tag"]
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in first.headers
    seen = session.scalars(select(BankLinkVisit).order_by(BankLinkVisit.id)).all()
    assert [(one.page, one.address) for one in seen] == [(page, "127.0.0.0/24") for page in ("0", "1", "2")]
    assert shared.token not in str([vars(row) for row in session.scalars(select(BankLink))])


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_but_its_page_opens_with_the_token(app: Flask, shared: Shared, method: str) -> None:
    client = app.test_client()
    for name in (app.config["SESSION_COOKIE_NAME"], "token", "remember_token"):
        client.set_cookie(name, shared.token)
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or method not in (rule.methods or ()):
            continue
        open_to_all = access_of(app.view_functions[rule.endpoint]) == (PUBLIC,)
        answer = client.open(
            _address(rule, shared.token), method=method, query_string={"token": shared.token},
            headers={"Authorization": f"Bearer {shared.token}", "HX-Request": "true"},
        )  # fmt: skip
        place = (rule.rule, answer.status_code)
        assert answer.status_code in CLOSED or (open_to_all and answer.status_code < 500), place
        if answer.status_code == 302 and not open_to_all:
            assert answer.headers["Location"].startswith("/login"), place
        assert not any(word in answer.text for word in HIDDEN), place


def _address(rule: Rule, token: str) -> str:
    """Fill an address: the token wherever a text may stand, else the first number or word that fits."""
    given: dict[str, object] = {}
    for name, kind in rule._converters.items():  # noqa: SLF001 (no other way)
        words = getattr(kind, "items", None)
        given[name] = min(words) if words else 1 if "Number" in type(kind).__name__ else token
    return str(rule.build(given)[1])  # type: ignore[index]  # every argument is given


def test_ended_and_unknown_links_answer_alike(
    session: Session, bank: Bank, shared: Shared, app: Flask, visitor: Browser
) -> None:
    unknown = visitor.get("/share/" + "x" * 43)
    links.revoke(session, bank.registrar, shared.link.id, now=NOW)
    session.commit()
    revoked = visitor.get(f"/share/{shared.token}")
    subject = Subject(edition_id=shared.link.edition_id)
    _row, late = links.make(session, bank.registrar, subject, "又一个", SOON, now=NOW, today=TODAY)
    session.commit()
    app.config["CLOCK"] = lambda: NOW + timedelta(days=30)
    assert visitor.get(f"/share/{late}").status_code == 200
    app.config["CLOCK"] = lambda: NOW + timedelta(days=31)
    ended = visitor.get(f"/share/{late}")
    assert {(one.status_code, one.text) for one in (unknown, revoked, ended)} == {(404, unknown.text)}
    assert "这个链接打不开" in unknown.text


def test_tries_are_bounded_by_address_and_openings_by_link(session: Session, shared: Shared) -> None:
    def opened(token: str, ip: str) -> Guest | Refused:
        return links.let_in(session, token, 0, ip, now=NOW, today=TODAY)

    waits = [opened("x" * 43, "203.0.113.7").wait for _ in range(ADDRESS_FAILURES + 1)]
    assert [wait is None for wait in waits] == [True] * ADDRESS_FAILURES + [False]
    assert opened("x" * 43, "203.0.113.8").wait is None
    waits = [opened(shared.token, "203.0.113.7").wait for _ in range(links.PER_MINUTE // 2 + 1)]
    assert [wait is None for wait in waits] == [True] * (links.PER_MINUTE // 2) + [False]


def test_who_may_publish_what(session: Session, office: Office, bank: Bank, shared: Shared) -> None:
    subject = Subject(edition_id=shared.link.edition_id)
    with pytest.raises(ForbiddenError):
        links.make(session, bank.lead, subject, "协会", SOON, now=NOW, today=TODAY)
    for day in (None, TODAY, TODAY + timedelta(days=367)):
        with pytest.raises(DomainError, match=r"link\.expires"):
            links.make(session, bank.registrar, subject, "协会", day, now=NOW, today=TODAY)
    deal = builders.project(session, bank.firm, office.east, office.lead, name="青石项目")
    row = proposals.make(session, bank.lead, 0, deal.id, "云溪县招商局", now=NOW, today=TODAY)
    text = Subject(text_id=proposals.latest(session, row.id).id)
    with pytest.raises(ForbiddenError):
        links.make(session, bank.officer, text, "给企业", SOON, now=NOW, today=TODAY)
    _link, token = links.make(session, bank.lead, text, "给企业", SOON, now=NOW, today=TODAY)
    guest = links.let_in(session, token, 0, "203.0.113.7", now=NOW, today=TODAY)
    assert isinstance(guest, Guest)
    assert guest.kind == "proposal"
    secrecy.classify(session, bank.lead, deal.id, "青竹", version=deal.version, now=NOW)
    assert isinstance(links.let_in(session, token, 0, "203.0.113.7", now=NOW, today=TODAY), Refused)
    with pytest.raises(DomainError, match=r"link\.secret"):
        links.make(session, bank.lead, text, "给企业", SOON, now=NOW, today=TODAY)


def test_a_link_once_shut_for_secrecy_stays_shut_and_the_office_can_end_it_unseen(
    session: Session, office: Office, bank: Bank
) -> None:
    row = proposals.make(session, bank.lead, bank.firm.id, None, "云溪县招商局", now=NOW, today=TODAY)
    text = Subject(text_id=proposals.latest(session, row.id).id)

    def shared() -> tuple[BankLink, str]:
        return links.make(session, bank.lead, text, "给企业", SOON, now=NOW, today=TODAY)

    (first, token), (second, _other) = shared(), shared()
    deal = builders.project(session, bank.firm, office.east, office.lead, name="青石项目")
    secrecy.classify(session, bank.lead, deal.id, "青竹", version=deal.version, now=NOW)
    with pytest.raises(DomainError, match=r"link\.secret"):
        shared()
    assert isinstance(links.let_in(session, token, 0, "203.0.113.7", now=NOW, today=TODAY), Refused)
    secrecy.declassify(session, bank.lead, deal.id, version=deal.version, now=NOW)
    assert isinstance(links.let_in(session, token, 0, "203.0.113.7", now=NOW, today=TODAY), Refused)
    assert first.revoked_at == NOW
    secrecy.classify(session, bank.lead, deal.id, "青竹", version=deal.version, now=NOW)
    row.project_id = deal.id
    session.flush()
    assert link_reads.titles(session, bank.registrar, [second]) == {second.id: ("", 0)}
    assert links.revoke(session, bank.registrar, second.id, now=NOW).revoked_at == NOW


def test_a_text_that_names_a_confidential_project_is_not_published(
    session: Session, office: Office, bank: Bank
) -> None:
    other = builders.enterprise(session, "青石控股")
    deal = builders.project(session, other, office.east, office.lead, name="青石新材料项目")
    secrecy.classify(session, bank.lead, deal.id, "青竹", version=deal.version, now=NOW)
    row = proposals.make(session, bank.lead, bank.firm.id, None, "云溪县招商局", now=NOW, today=TODAY)
    typed = {"text-0": "可与青石新材料项目配套"}
    text = proposals.change(session, bank.lead, row.id, "建议", typed, seen=1, now=NOW)
    with pytest.raises(DomainError, match=r"link\.secret"):
        links.make(session, bank.lead, Subject(text_id=text.id), "给企业", SOON, now=NOW, today=TODAY)
    with pytest.raises(DomainError, match=r"bank\.mobile"):
        proposals.change(session, bank.lead, row.id, "建议", {"text-0": "找我13800001234"}, seen=2, now=NOW)


@pytest.mark.parametrize("named", ["减速机总装项目", "云岭传动股份"])
def test_a_catalogue_that_names_what_became_confidential_is_shut_and_not_published_again(
    session: Session, office: Office, bank: Bank, named: str
) -> None:
    written = draft(
        office, "减速机检测项目", content="与云岭传动股份配套，建设减速机检测线和实验室", node_id=bank.node_id
    )
    publish(session, (bank.lead, bank.registrar), services.add(session, bank.lead, written, now=NOW))
    edition = editions.freeze(session, bank.registrar, "云溪县招商局", now=NOW, today=TODAY)
    subject = Subject(edition_id=edition.id)
    link, token = links.make(session, bank.registrar, subject, "协会", SOON, now=NOW, today=TODAY)
    ours = named == bank.firm.name
    firm = bank.firm if ours else builders.enterprise(session, "青石控股")
    deal = builders.project(session, firm, office.east, office.lead, name="青石项目" if ours else named)
    assert isinstance(links.let_in(session, token, 0, "203.0.113.7", now=NOW, today=TODAY), Guest)
    secrecy.classify(session, bank.lead, deal.id, "青竹", version=deal.version, now=NOW)
    assert isinstance(links.let_in(session, token, 1, "203.0.113.7", now=NOW, today=TODAY), Refused)
    assert link.revoked_at == NOW
    with pytest.raises(DomainError, match=r"link\.listed"):
        links.make(session, bank.registrar, subject, "协会", SOON, now=NOW, today=TODAY)


def test_beyond_the_limit_nothing_is_written_and_visits_are_forgotten(
    session: Session, shared: Shared, app: Flask, visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller("127.0.0.1", app.config["SECRET_KEY"])
    for _ in range(ADDRESS_FAILURES):
        links.note(session, "x" * 43, 0, caller, now=NOW, today=TODAY)
    links.let_in(session, shared.token, 0, "203.0.113.7", now=NOW, today=TODAY)
    session.commit()
    with monkeypatch.context() as patch:
        patch.delattr(links, "note")
        assert visitor.get("/share/" + "x" * 43).status_code == 429
    assert visitor.get(f"/share/{shared.token}").status_code == 200
    assert links.purge(session, now=NOW + links.KEEP_VISITS) == 0
    assert links.purge(session, now=NOW + links.KEEP_VISITS + timedelta(days=1)) == 2
