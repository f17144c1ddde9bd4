"""Runs and paragraphs: every run names its fonts for Chinese and Latin alike."""

from crm.word.norm import EM_DASH, LINE_PITCH, Face
from crm.word.ooxml import Xml, join, text_node, w

EXACT = "exact"
NOTHING = Xml("")


def fonts(face: Face) -> Xml:
    """Return w:rFonts with the face for Chinese, Latin and complex scripts."""
    name = face.font
    return w("rFonts", ascii=name, hAnsi=name, eastAsia=name, cs=name, hint="eastAsia")


def run_properties(face: Face, color: str = "") -> Xml:
    """Return w:rPr: face, explicit regular weight, colour and letter-spacing."""
    parts = [fonts(face), w("b", val=0), w("bCs", val=0)]
    if color:
        parts.append(w("color", val=color))
    if face.spread:
        parts.append(w("spacing", val=face.spread))
    parts += [w("sz", val=face.size), w("szCs", val=face.size)]
    return w("rPr", *parts)


def run(text: str, face: Face, *, color: str = "") -> Xml:
    """Return a run; a line feed in the text becomes a line break, a tab a tab."""
    content: list[Xml] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            content.append(w("br"))
        for place, piece in enumerate(line.split("\t")):
            if place:
                content.append(w("tab"))
            content.append(text_node(piece))
    return w("r", run_properties(face, color), *content)


def spacing(line: int = LINE_PITCH, *, before: int = 0, after: int = 0) -> Xml:
    """Return w:spacing with an exact line height, all in twips."""
    return w("spacing", before=before, after=after, line=line, lineRule=EXACT)


def indent(face: Face, characters: int = 2) -> Xml:
    """Return a first-line indent of whole characters, repeated in twips for readers."""
    return w(
        "ind",
        firstLineChars=characters * 100,
        firstLine=characters * face.character,
    )


def hanging(face: Face, characters: int, side: int) -> Xml:
    """Return an indent of `side` characters at both sides, wrapped lines hanging."""
    return w(
        "ind",
        leftChars=(characters + side) * 100,
        left=(characters + side) * face.character,
        rightChars=side * 100,
        right=side * face.character,
        hangingChars=characters * 100,
        hanging=characters * face.character,
    )


def paragraph(style: str, *content: Xml, properties: Xml = NOTHING) -> Xml:
    """Return a paragraph of a style; `properties` come in the order of the schema."""
    return w("p", w("pPr", w("pStyle", val=style), properties), *content)


def page_field(face: Face) -> Xml:
    """Return the runs of a page number between dashes: — 1 —."""

    def piece(*content: Xml) -> Xml:
        return w("r", run_properties(face), *content)

    instruction = Xml('<w:instrText xml:space="preserve"> PAGE </w:instrText>')
    return join(
        run(f"{EM_DASH} ", face),
        piece(w("fldChar", fldCharType="begin")),
        piece(instruction),
        piece(w("fldChar", fldCharType="separate")),
        run("1", face),
        piece(w("fldChar", fldCharType="end")),
        run(f" {EM_DASH}", face),
    )
