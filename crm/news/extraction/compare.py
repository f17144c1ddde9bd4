"""Compare texts of a page: is this the headline, is that its article?"""

import re
import unicodedata

_PLAIN = re.compile(r"[\W_]+")
_LOOKED_AT = 3000


def plain(text: str) -> str:
    """Give a text without width, case, spaces and punctuation."""
    # Punctuation first: what is left is mostly normal already, which the normaliser sees quickly.
    return unicodedata.normalize("NFKC", _PLAIN.sub("", text)).lower()


def about(text: str, title: str) -> float:
    """Give the share of the headline's character pairs that a text repeats, 0 to 1: is it the headline's article?

    Lines that are little more than the headline itself say nothing and are left out.
    """
    wanted = plain(title)
    lines = (plain(line) for line in text[:_LOOKED_AT].split("\n"))
    body = " ".join(line for line in lines if wanted not in line or len(line) > 2 * len(wanted))
    pairs = {wanted[number : number + 2] for number in range(len(wanted) - 1)}
    return sum(pair in body for pair in pairs) / len(pairs) if pairs else 1.0
