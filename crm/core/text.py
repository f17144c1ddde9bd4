"""Chinese text folding for matching, bigrams for search, pinyin for sorting.

Three forms of one text serve three purposes and must not be mixed:

* `fold` — for matching names: traditional to simplified, NFKC, lower case, layout spaces and the
  pinyin notes of mirror sites removed; punctuation stays, because it separates names.
* `search_text` — for the index: the same letters, all punctuation dropped.
* `sort_key` / `initials` / `spoken` — pinyin, for order and for finding a name by its sound.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin
from pypinyin.core import Pinyin

PINYIN_NOTE = re.compile(r"[(（][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,7}[)）]")
HAN = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
LONE = re.compile("[\ud800-\udfff]")  # halves of characters, which no program behind takes
HAN_BEFORE_NOTE = re.compile(HAN)
ASCII_WORD = re.compile(r"[0-9a-z]", re.IGNORECASE)
INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u3164\ufeff\uffa0"
)
WORDS = Pinyin()  # cuts a text into the words that decide how a character sounds: 重庆, 长安
SENTENCE_ENDS = frozenset("。!?;\n")
SOUND = "þ"  # stands before a word that a record is found by from its beginning: pinyin, codes
PAIR = 2
LONGEST_SOUND = 40
TAIL_SOUND = 16
LONGEST_NAME = 60
LEGAL_SUFFIX = re.compile(
    r"(控股集团股份有限公司|控股集团有限公司|集团股份有限公司|控股股份有限公司|集团有限责任公司|集团有限公司|控股有限公司|控股集团|集团公司|"
    r"股份有限公司|有限责任公司|股份公司|有限公司|总公司|公司|集团|股份|,?inc\.?|,?ltd\.?|,?llc|,?corp\.?)$"
)


@dataclass(frozen=True)
class Folded:
    """A folded text and, for each of its characters, the index of its origin."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the original half-open span of a non-empty folded half-open span."""
        return self.offsets[start], self.offsets[end - 1] + 1


@dataclass(frozen=True)
class BigramQuery:
    """One user query in the two dialects of the index, and its terms for the exact recheck.

    ``loose`` holds the terms of which a tsvector hit proves nothing yet: those of several pairs.
    """

    fts5: str
    tsquery: str
    terms: tuple[str, ...]
    loose: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Convert to simplified characters, one for one, so that indexes survive."""
    if not text.isascii() and LONE.search(text):
        text = LONE.sub("\ufffd", text)
    whole = str(_converter().convert(text))
    if len(whole) == len(text):
        return whole
    return "".join(_one_simplified(char) for char in text)


@lru_cache(maxsize=4096)
def _one_simplified(char: str) -> str:
    converted = str(_converter().convert(char))
    return converted if len(converted) == 1 else char


@lru_cache(maxsize=8192)
def _compatible(char: str) -> str:
    return unicodedata.normalize("NFKC", char).lower()


def _noise(text: str) -> set[int]:
    """Give the indexes of pinyin notes that stand right behind a Chinese character."""
    found: set[int] = set()
    for note in PINYIN_NOTE.finditer(text):
        if note.start() and HAN_BEFORE_NOTE.match(text[note.start() - 1]):
            found.update(range(note.start(), note.end()))
    return found


def fold_with_offsets(text: str) -> Folded:
    """Fold a text for name matching and keep the way back to the original.

    Line breaks stay (they separate names); other white space goes, except that one space remains
    between two ASCII words. Offsets count code points of `text`.
    """
    noise = _noise(text) if "(" in text or "（" in text else set()
    chars: list[str] = []
    offsets: list[int] = []
    pending = -1
    for index, original in enumerate(simplified(text)):
        if index in noise or original in INVISIBLE:
            continue
        if original.isspace() and original not in "\r\n":
            pending = index if pending < 0 else pending
            continue
        for char in _compatible(original):
            if pending >= 0 and chars and ASCII_WORD.match(char) and ASCII_WORD.match(chars[-1]):
                chars.append(" ")
                offsets.append(pending)
            pending = -1
            chars.append("\n" if char == "\r" else char)
            offsets.append(index)
    return Folded("".join(chars), tuple(offsets))


def fold(text: str) -> str:
    """Fold a text for name matching; see `fold_with_offsets`. Names are remembered for a while."""
    return _fold_name(text) if len(text) <= LONGEST_NAME else fold_with_offsets(text).text


@lru_cache(maxsize=8192)
def _fold_name(name: str) -> str:
    return fold_with_offsets(name).text


@lru_cache(maxsize=4096)
def fold_company(name: str) -> str:
    """Fold a company name and take its legal suffix off (有限公司, 集团 …), once or twice.

    The region in front is never taken off: that makes ordinary words (能源, 汽车) into names.
    A name of which fewer than two characters would remain is left whole.
    """
    folded = fold(name)
    for _ in range(2):
        shorter = LEGAL_SUFFIX.sub("", folded).strip(" ,.")
        if len(shorter) < 2 or shorter == folded:  # noqa: PLR2004 — a one-character name names nothing
            break
        folded = shorter
    return folded


def search_text(text: str) -> str:
    """Give the indexed form: simplified, NFKC, lower; letters and digits only.

    A sentence end becomes one line break, so that no bigram runs across two sentences.
    """
    out: list[str] = []
    for original in simplified(text):
        for char in _compatible(original):
            if char.isalnum():
                out.append(char)
            elif char in SENTENCE_ENDS and out and out[-1] != "\n":
                out.append("\n")
    return "".join(out).rstrip("\n")


def bigrams(text: str) -> list[str]:
    """Cut a text into overlapping pairs of characters, in order, for the search index.

    The last character of a sentence stands alone, so that one-character prefixes find it too.
    """
    return [part[index : index + 2] for part in search_text(text).split("\n") for index in range(len(part))]


def bigram_query(query: str) -> BigramQuery | None:
    """Turn what a user typed into a query over `bigrams`; None when nothing can be searched.

    White space separates terms that must all occur. Punctuation is dropped, so nothing in the
    query can act as an operator. A term of ASCII letters and digits also finds the words of `spoken`
    that begin with it. A tsvector holds no positions: recheck its hits by looking for each of
    `loose` in the `search_text` of the row, or for its beginning of a word of `spoken`.
    """
    terms = tuple(dict.fromkeys(term for word in query.split() if (term := search_text(word).replace("\n", ""))))
    if not terms:
        return None
    return BigramQuery(
        fts5=" AND ".join(_fts5(term) for term in terms),
        tsquery=" & ".join(_tsquery(term) for term in terms),
        terms=terms,
        loose=tuple(term for term in terms if len(term) > PAIR),
    )


def sound_of(term: str) -> str | None:
    """Give the beginning of the word of `spoken` that a term of a query stands for; None when it stands for none."""
    return SOUND + term[:LONGEST_SOUND] if len(term) > 1 and term.isascii() else None


def _pairs(term: str) -> list[str]:
    return [term[index : index + PAIR] for index in range(len(term) - 1)]


def _fts5(term: str) -> str:
    if len(term) == 1:
        return f'"{term}"*'
    phrase = f'"{" ".join(_pairs(term))}"'
    sound = sound_of(term)
    return phrase if sound is None else f'({phrase} OR "{sound}"*)'


def _tsquery(term: str) -> str:
    if len(term) == 1:
        return f"'{term}':*"
    pairs = " & ".join(dict.fromkeys(f"'{pair}'" for pair in _pairs(term)))
    sound = sound_of(term)
    return pairs if sound is None else f"(({pairs}) | '{sound}':*)"


def sort_key(name: str) -> str:
    """Give the pinyin order key of a name: toneless syllables, then tones, for a stored column."""
    folded = fold(name)
    plain, toned = _sounds(folded)
    return f"{' '.join(plain)}\t{' '.join(toned)}"


def initials(name: str) -> str:
    """Give the first letters of a name in lower case (深圳市天健 -> szstj), ASCII words whole."""
    letters = lazy_pinyin(fold(name), style=Style.FIRST_LETTER)
    return "".join(char for char in "".join(letters) if char.isascii() and char.isalnum())


def spoken(name: str) -> list[str]:
    """Give the words a Chinese name is found by when typed in letters, from the beginning of any syllable.

    宁德时代 gives ``ningdeshidai``, ``deshidai``, ``shidai``, ``dai`` and ``ndsd``, ``dsd``, ``sd``. The whole
    name is followed to :data:`LONGEST_SOUND` letters; later beginnings leave the legal suffix out and stop at
    :data:`TAIL_SOUND`. A name without a Chinese character gives nothing.
    """
    if not HAN_BEFORE_NOTE.search(name):
        return []
    whole = _syllables(fold(name))
    firsts = [_first(syllable) for syllable in whole]
    stem = len(_syllables(fold_company(name)))
    found = ["".join(whole)[:LONGEST_SOUND], "".join(firsts)[:LONGEST_SOUND]]
    for start in range(stem):
        end = min(stem, start + TAIL_SOUND)
        found += ["".join(whole[start:end])[:TAIL_SOUND], "".join(firsts[start:end])[:TAIL_SOUND]]
    return [word for word in dict.fromkeys(found) if len(word) > 1]


def _syllables(folded: str) -> list[str]:
    """Give the toneless syllables of a folded text, ASCII words whole, the rest left out."""
    parts = ("".join(char for char in part if char.isalnum()) for part in _sounds(folded)[0])
    return [part for part in parts if part and part.isascii()]


@lru_cache(maxsize=2048)
def _sounds(folded: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the syllables of a folded text without and with tones, word by word: words recur, names do not."""
    words = [_sounds_of_word(word) for word in WORDS.seg(folded)]
    return tuple(chain(*(plain for plain, _toned in words))), tuple(chain(*(toned for _plain, toned in words)))


@lru_cache(maxsize=16_384)
def _sounds_of_word(word: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    toned = lazy_pinyin([word], style=Style.TONE3, neutral_tone_with_five=True)
    return tuple(lazy_pinyin([word], style=Style.NORMAL)), tuple(toned)


def _first(syllable: str) -> str:
    return syllable if any(char.isdigit() for char in syllable) else syllable[0]
