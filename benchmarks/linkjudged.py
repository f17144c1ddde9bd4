"""Candidates judged by hand in the unjudged news.

A row says where a name stands, whose it was taken for, and whether that is right. No text is kept: the text is found
again by a digest of its folded form.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from crm.linking.folding import fold_article

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crm.linking.context import Candidate
    from crm.linking.matcher import AliasIndex


def digest(folded: str) -> str:
    """Name a folded text."""
    return hashlib.sha256(folded.encode()).hexdigest()[:16]


def texts(path: Path) -> Iterator[str]:
    """Read titles and texts of the unjudged news, cut to the length that was judged."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield from (part[:600] for part in (row.get("title"), row["text"]) if part)


def judged_rows(path: Path, news: Path, index: AliasIndex, names: Mapping[Any, str]) -> list[tuple[Candidate, bool]]:
    """Give the judged candidates as the index describes them today; one it no longer finds is passed over."""
    wanted: defaultdict[str, dict[tuple[int, int], tuple[str, bool]]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as lines:
        for key, start, end, owner, right in csv.reader(lines, delimiter="\t"):
            wanted[key][int(start), int(end)] = (owner, right == "1")
    found: list[tuple[Candidate, bool]] = []
    for text in texts(news):
        folded = fold_article(text)
        places = wanted.pop(digest(folded.text), None)
        for one in index.candidates(text, folded) if places else ():
            said = (places or {}).get((one.place.start, one.place.end))
            if said and digest(names[one.claim.enterprise_id]) == said[0]:
                found.append((one, said[1]))
    return found
