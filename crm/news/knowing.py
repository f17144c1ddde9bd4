"""Which pages of a feed are stored already, under their own address or another one of the same page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crm.news import similar
from crm.news.addresses import page_hash, spellings
from crm.news.models import Article

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from crm.news.pages import ReadPage

AT_ONCE = 5000


class KnownPages:
    """The stored articles among the addresses of some pages, and those stored since."""

    def __init__(self, session: Session, pages: Sequence[ReadPage]) -> None:
        """Look all addresses up."""
        self._session = session
        self._others = {page.url_hash: [page_hash(other) for other in spellings(page.url)] for page in pages}
        asked = sorted({*self._others, *(other for hashes in self._others.values() for other in hashes)})
        self._ids: dict[str, int] = {}
        for start in range(0, len(asked), AT_ONCE):
            chosen = Article.url_hash.in_(asked[start : start + AT_ONCE])
            self._ids.update(session.execute(select(Article.url_hash, Article.id).where(chosen)).all())

    def own(self, page: ReadPage) -> int | None:
        """The article stored under the address of a page itself."""
        return self._ids.get(page.url_hash)

    def other(self, page: ReadPage) -> int | None:
        """The article stored under another address of the page, when it has the same text or nearly so."""
        found = {self._ids[other] for other in self._others[page.url_hash] if other in self._ids}
        if not found:
            return None
        sketch = similar.sketch(page.body)
        rows = self._session.execute(select(Article.id, Article.body).where(Article.id.in_(found)).order_by(Article.id))
        near = (one for one, body in rows if similar.resemblance(sketch, similar.sketch(body)) >= similar.SAME_STORY)
        return next(near, None)

    def add(self, page: ReadPage, article_id: int) -> None:
        """Note a page that was stored."""
        self._ids[page.url_hash] = article_id


def unchanged(session: Session, rows: Iterable[Mapping[str, Any] | None]) -> set[str]:
    """Those addresses among the lines of a feed whose article was made from these bytes: they need no reading."""
    sums = {str(row["url_hash"]): str(row.get("sha256") or "") for row in rows if row and row.get("url_hash")}
    found: set[str] = set()
    asked = sorted(sums)
    for start in range(0, len(asked), AT_ONCE):
        chosen = Article.url_hash.in_(asked[start : start + AT_ONCE])
        kept = session.execute(select(Article.url_hash, Article.page_sha256).where(chosen))
        found |= {url_hash for url_hash, sha256 in kept if sums[url_hash] in {sha256, ""}}
    return found
