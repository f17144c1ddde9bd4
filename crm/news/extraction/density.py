"""The fast way to the article: the block whose own paragraphs hold most sentences outside links.

Each line that reads like a sentence counts for the block that holds its paragraph, half for the block around it, and so
on outwards; blocks full of links, or named as something beside the article, count less.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate

from crm.news.extraction.outline import Block, Line, Outline

_PARAGRAPHS = {
    "address", "blockquote", "center", "dd", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "li",
    "p", "pre",
}  # fmt: skip
_PAUSE = re.compile(r"[，。；！？、：,;!?:]|\. ")
_MOST_LINKED, _LINK_LINE, _SHORT = 0.4, 0.6, 60
_LEAST, _TELLING = 6, 40
_FADE, _FAINT = 0.5, 0.1
_ASIDE_COUNTS, _NAMED_COUNTS = 0.15, 1.15
_SURROUNDINGS = 4
_MAJORITY = 0.5
_LOOKED_AT, _MOST = 60, 12
_SENTENCE, _GAP = 8.0, 4
_HEADINGS = {"h1", "h2", "h3", "h4"}
_ELSEWHERE = re.compile(
    r"^\W*(?:更多|相关|相關|推荐|推薦|热门|熱門|热点|最新|评论|評論|网友|版权|上一|下一|责任编辑)|ICP|Copyright"
    r"|^\D{0,20}(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A block that may be the article, how much speaks for it, and its lines with those of its other parts."""

    block: Block
    score: float
    first: int
    last: int


def weight(text: str) -> float:
    """Give the length of a text as a reader feels it: three Latin letters count as one Chinese character."""
    ascii_length = len(text.encode("ascii", "ignore"))
    return len(text) - ascii_length + ascii_length / 3


def sentences(line: Line) -> float:
    """Tell how much a line reads like a sentence of an article; 0 for links and single words."""
    if line.linked > _MOST_LINKED or len(line.text) < _LEAST:
        return 0.0
    own = weight(line.text) * (1 - line.linked)
    if own < _LEAST:
        return 0.0
    pauses = len(_PAUSE.findall(line.text))
    return own * 0.3 + pauses * 3 if pauses or own >= _TELLING else own * 0.1


def candidates(page: Outline) -> list[Candidate]:
    """Give the blocks that may be the article, best first, none inside or around a better one."""
    own = [sentences(line) for line in page.lines]
    scores: defaultdict[Block, float] = defaultdict(float)
    for line, score in zip(page.lines, own, strict=True):
        block: Block | None = line.block
        if block and block.tag in _PARAGRAPHS and block.parent:
            block = block.parent
        counts = score
        while counts > _FAINT and block:
            scores[block] += counts
            block, counts = block.parent, counts * _FADE
    sums = _Sums(page.lines, own)
    judged = sorted(((score * sums.standing(block), block) for block, score in scores.items()), key=_by_score)
    apart: list[Candidate] = []
    for score, block in judged[:_LOOKED_AT]:
        if len(apart) < _MOST and not any(_nested(block, other) for other in apart):
            apart.append(Candidate(block, score, *grown(page.lines, own, block)))
    return apart


def article_lines(page: Outline, found: Candidate) -> list[str]:
    """Give the lines of a candidate without its navigation, link lists and other things beside the article."""
    kept = []
    for line in page.lines[found.first : found.last]:
        if line.linked > _LINK_LINE and len(line.text) < _SHORT:
            continue
        inner: Block | None = line.block
        while inner and inner is not found.block and not inner.aside:
            inner = inner.parent
        if inner is None or inner is found.block:
            kept.append(line.text)
    return kept


def grown(lines: list[Line], own: list[float], block: Block) -> tuple[int, int]:
    """Give the range of lines of a block together with its like before and after it: an article in several parts.

    The parts stand in blocks of the same kind, with little between them that is no headline, no date and no list.
    """
    kinds = {_kind(lines[number]) for number in range(block.first, block.last) if own[number] > _SENTENCE}
    first, last = block.first, block.last
    for number in range(block.last, len(lines)):
        if own[number] > _SENTENCE and _kind(lines[number]) in kinds:
            last = number + 1
        elif number - last >= _GAP or _ends(lines[number]):
            break
    for number in range(block.first - 1, -1, -1):
        if own[number] > _SENTENCE and _kind(lines[number]) in kinds:
            first = number
        elif first - number > _GAP or _ends(lines[number]):
            break
    return first, last


def _kind(line: Line) -> tuple[str, ...]:
    """Give what blocks of the same kind share: depth, names and tags of the two innermost ones."""
    block, parent = line.block, line.block.parent
    return str(block.depth), block.tag, block.hint, parent.tag if parent else "", parent.hint if parent else ""


def _ends(line: Line) -> bool:
    """Tell whether something else begins with a line: a heading, a date, a list, comments."""
    return line.block.tag in _HEADINGS or bool(_ELSEWHERE.search(line.text[:_SHORT])) or line.block.aside


def _by_score(judged: tuple[float, Block]) -> float:
    return -judged[0]


def _nested(one: Block, other: Candidate) -> bool:
    return (other.first <= one.first and one.last <= other.last) or (
        one.first <= other.first and other.last <= one.last
    )


class _Sums:
    """Running sums over the lines, so that any range of them is one subtraction."""

    def __init__(self, lines: list[Line], own: list[float]) -> None:
        self.lengths = [0, *accumulate(len(line.text) for line in lines)]
        self.linked = [0.0, *accumulate(len(line.text) * line.linked for line in lines)]
        self.sentences = [0.0, *accumulate(own)]

    def standing(self, block: Block) -> float:
        """Give what links in a block, its name and the names of those around it make of its score."""
        length = self.lengths[block.last] - self.lengths[block.first]
        linked = (self.linked[block.last] - self.linked[block.first]) / length if length else 0.0
        around: Block | None = block
        for _ in range(_SURROUNDINGS):
            if around and around.aside and not self._most_of_all(around):
                return (1 - linked) * _ASIDE_COUNTS
            around = around.parent if around else None
        return (1 - linked) * (_NAMED_COUNTS if block.article else 1.0)

    def _most_of_all(self, block: Block) -> bool:
        """Tell whether most of the page is in a block, whatever its name."""
        return self.sentences[block.last] - self.sentences[block.first] > _MAJORITY * self.sentences[-1]
