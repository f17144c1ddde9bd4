"""Recognise reprints (转载): exact hash of the normalised text, and MinHash over five-character shingles.

128 permutations in 32 bands of 4: two texts meet in a band with probability 1-(1-J^4)^32, that is over 0.87 at a
Jaccard similarity J of 0.5 and over 0.9999 at 0.8. Pairs that meet are compared on their shingles themselves: a sketch
holds all shingles of a text, of a very long one the 1,024 smallest.
"""

import hashlib
import re
import unicodedata

import numpy as np
import numpy.typing as npt

Signature = npt.NDArray[np.uint32]
Sketch = npt.NDArray[np.uint32]

PERMUTATIONS = 128
BANDS = 32
SAME_STORY = 0.5
SKETCH = 1024
_ROWS = PERMUTATIONS // BANDS
_SHINGLE = 5
_DISCARDED = re.compile(r"[\W_]+")
# Marks and syllable parts that melt into the letter before them: such a text is folded as a whole.
_MELTING = re.compile(
    "[\u0300-\u036f\u03a3\u0653-\u0655\u093c\u09be-\u0ddf\u102e\u1161-\u11c2\u1b35\u3099\u309a\u3133-\u3163"
    "\uff9e-\uffdc\U000110ba-\U00011930]"
)
_LONGEST = 20_000
_REMEMBERED = 0x32400  # all Chinese characters lie below
_BLOCK = 256
_LARGEST = np.uint64(0xFFFFFFFFFFFFFFFF)
_MULTIPLY, _ADD = np.random.Generator(np.random.PCG64(20260308)).integers(
    1, 2**63, size=(2, PERMUTATIONS), dtype=np.uint64
)
_MULTIPLY |= np.uint64(1)
_BASES = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5], np.uint64
)
_SPREAD = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(32)


class _Folded(dict[int, str]):
    """What each character leaves behind, worked out when it is first met."""

    def __missing__(self, point: int) -> str:
        folded = _fold(chr(point))
        if point < _REMEMBERED:
            self[point] = folded
        return folded


def _fold(text: str) -> str:
    return _DISCARDED.sub("", unicodedata.normalize("NFKC", text)).lower()


_FOLDED = _Folded()


def normalise(text: str) -> str:
    """Give a text without width, case, spaces and punctuation: what stays the same in a reprint."""
    return _fold(text) if _MELTING.search(text) else text.translate(_FOLDED)


def exact_hash(text: str) -> str:
    """Give the SHA-256 hex of the normalised text."""
    return _hashed(normalise(text))


def signature(text: str) -> Signature:
    """Give the MinHash signature of a text, shape (128,); texts shorter than a shingle count as one shingle."""
    return _lowest(_shingles(normalise(text)[:_LONGEST]))


def sketch(text: str) -> Sketch:
    """Give the hashes of the shingles of a text in order, at most the 1,024 smallest."""
    return _smallest(_shingles(normalise(text)[:_LONGEST]))


def both(text: str) -> tuple[Signature, Sketch]:
    """Give signature and sketch of a text at the cost of little more than one of them."""
    shingles = _shingles(normalise(text)[:_LONGEST])
    return _lowest(shingles), _smallest(shingles)


def measured(text: str) -> tuple[str, Signature, Sketch]:
    """Give exact hash, signature and sketch of a text, which is normalised once for all of them."""
    plain = normalise(text)
    shingles = _shingles(plain[:_LONGEST])
    return _hashed(plain), _lowest(shingles), _smallest(shingles)


def bands(sig: Signature) -> list[int]:
    """Give the 32 band keys of a signature, each within 0..2^63-1; the band's number is part of its key."""
    rows = np.ascontiguousarray(sig, dtype="<u4").reshape(BANDS, _ROWS)
    digests = (hashlib.blake2b(row.tobytes(), digest_size=8, salt=bytes([number])) for number, row in enumerate(rows))
    return [int.from_bytes(digest.digest(), "little") >> 1 for digest in digests]


def jaccard(first: Signature, second: Signature) -> float:
    """Estimate the Jaccard similarity of two texts from their signatures, 0 to 1 (standard error at most 0.045)."""
    return float(np.mean(first == second))


def resemblance(first: Sketch, second: Sketch) -> float:
    """Give the Jaccard similarity of two texts: exact up to 1,024 shingles, from a sample of 1,024 beyond."""
    first, second = _comparable(first, second)
    shared = _shared(first, second)
    return shared / (first.size + second.size - shared) if shared else 0.0


def containment(part: Sketch, whole: Sketch) -> float:
    """Give the share of the shingles of ``part`` that stand in ``whole``, 0 to 1."""
    part, whole = _comparable(part, whole)
    return _shared(part, whole) / part.size if part.size else 0.0


def to_bytes(sig: Signature) -> bytes:
    """Give a signature as 512 bytes, little-endian."""
    return np.ascontiguousarray(sig, dtype="<u4").tobytes()


def from_bytes(raw: bytes) -> Signature:
    """Give back the signature of `to_bytes`; ValueError for another length."""
    if len(raw) != PERMUTATIONS * 4:
        message = f"a signature has {PERMUTATIONS * 4} bytes, not {len(raw)}"
        raise ValueError(message)
    return np.frombuffer(raw, dtype="<u4").astype(np.uint32)


def _hashed(plain: str) -> str:
    return hashlib.sha256(plain.encode("utf-8", errors="surrogatepass")).hexdigest()


def _comparable(first: Sketch, second: Sketch) -> tuple[Sketch, Sketch]:
    """Cut both at the smallest hash beyond which one of them is not complete."""
    ends = [each[-1] for each in (first, second) if each.size >= SKETCH]
    if not ends:
        return first, second
    end = min(ends)
    return first[: first.searchsorted(end, "right")], second[: second.searchsorted(end, "right")]


def _shared(first: Sketch, second: Sketch) -> int:
    together = np.concatenate((first, second))
    together.sort()
    return int(np.count_nonzero(together[1:] == together[:-1]))


def _lowest(shingles: npt.NDArray[np.uint64]) -> Signature:
    """Give the smallest hash under each permutation."""
    lowest = np.full(PERMUTATIONS, _LARGEST)
    work = np.empty((min(_BLOCK, shingles.size), PERMUTATIONS), np.uint64)
    for start in range(0, shingles.size, _BLOCK):
        block = shingles[start : start + _BLOCK, np.newaxis]
        hashed = work[: block.size]
        np.multiply(block, _MULTIPLY, out=hashed)
        np.add(hashed, _ADD, out=hashed)
        np.minimum(lowest, hashed.min(axis=0), out=lowest)
    return (lowest >> _HALF).astype(np.uint32)


def _smallest(shingles: npt.NDArray[np.uint64]) -> Sketch:
    ordered = (shingles >> _HALF).astype(np.uint32)
    ordered.sort()
    distinct = np.ones(ordered.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=distinct[1:])
    return ordered[distinct][:SKETCH]


def _shingles(text: str) -> npt.NDArray[np.uint64]:
    """Give the 64-bit hashes of all five-character windows (shorter texts are padded)."""
    if not text:
        return np.empty(0, dtype=np.uint64)
    raw = text.ljust(_SHINGLE).encode("utf-32-le", errors="surrogatepass")
    points = np.frombuffer(raw, dtype="<u4").astype(np.uint64)
    count = points.size - _SHINGLE + 1
    mixed: npt.NDArray[np.uint64] = points[:count] * _BASES[0]
    for place in range(1, _SHINGLE):
        mixed += points[place : place + count] * _BASES[place]
    return _mixed(mixed)


def _mixed(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    hashes ^= hashes >> np.uint64(33)
    hashes *= _SPREAD
    hashes ^= hashes >> np.uint64(29)
    return hashes
