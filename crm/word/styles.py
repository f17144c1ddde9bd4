"""The styles and settings of the Word file: one style per role in the norm."""

from dataclasses import dataclass, replace

from crm.word import norm
from crm.word.norm import Face
from crm.word.ooxml import MAIN, Xml, join, root, w
from crm.word.text import indent, run_properties, spacing

NORMAL = "Normal"
TITLE = "OfficialTitle"
SUBTITLE = "OfficialSubtitle"
LEVEL_ONE = "Heading1"
LEVEL_TWO = "Heading2"
TABLE_TITLE = "TableTitle"
TABLE_TEXT = "TableText"
TABLE_NOTE = "TableNote"
HEAD = "RedHead"
FOOTER = "Footer"
IMPRINT = "Imprint"

IN_TEMPLATES = {NORMAL: "PaperBody", LEVEL_ONE: "PaperHeading1", LEVEL_TWO: "PaperHeading2"}
NAMES_IN_TEMPLATES = {NORMAL: "公文正文", LEVEL_ONE: "公文一级标题", LEVEL_TWO: "公文二级标题"}

TABLE_STYLE = "ThinTable"
IMPRINT_TABLE = "ImprintTable"
ON = 1
OFF = 0


@dataclass(frozen=True, slots=True)
class _Style:
    """A paragraph style: its name in Word's list, face and paragraph properties."""

    key: str
    name: str
    face: Face
    properties: Xml

    def xml(self, based: str = NORMAL) -> Xml:
        """Return w:style."""
        return w(
            "style",
            w("name", val=self.name),
            *((w("basedOn", val=based),) if based else ()),
            w("qFormat"),
            w("pPr", self.properties),
            run_properties(self.face),
            type="paragraph",
            styleId=self.key,
        )


def _heading(key: str, name: str, face: Face, level: int) -> _Style:
    """Return a heading that stays with its text and shows in the outline."""
    properties = join(
        w("keepNext"),
        w("keepLines"),
        spacing(),
        indent(face),
        w("outlineLvl", val=level),
    )
    return _Style(key, name, face, properties)


def _plain(key: str, name: str, face: Face, align: str, line: int) -> _Style:
    """Return a style off the line grid, without indent."""
    properties = join(
        w("snapToGrid", val=OFF),
        spacing(line),
        w("ind", firstLineChars=0, firstLine=0),
        w("jc", val=align),
    )
    return _Style(key, name, face, properties)


def _styles() -> tuple[_Style, ...]:
    pitch, table_line = norm.LINE_PITCH, norm.TABLE_LINE
    return (
        _plain(TITLE, "公文标题", norm.TITLE, "center", pitch),
        _plain(SUBTITLE, "公文副标题", norm.LEVEL_TWO, "center", pitch),
        _heading(LEVEL_ONE, "heading 1", norm.LEVEL_ONE, 0),
        _heading(LEVEL_TWO, "heading 2", norm.LEVEL_TWO, 1),
        _plain(TABLE_TITLE, "表题", norm.TABLE_TITLE, "center", pitch),
        _plain(TABLE_TEXT, "表格文字", norm.TABLE_BODY, "left", table_line),
        _plain(TABLE_NOTE, "表注", norm.TABLE_NOTE, "left", table_line),
        _plain(HEAD, "版头", norm.BODY, "center", pitch),
        _plain(FOOTER, "footer", norm.PAGE_NUMBER, "right", 320),
        _plain(IMPRINT, "版记", norm.IMPRINT, "left", 480),
    )


def _defaults() -> Xml:
    language = w("lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA")
    face = run_properties(norm.BODY)
    with_language = Xml(face.replace("</w:rPr>", f"{language}</w:rPr>"))
    return w("docDefaults", w("rPrDefault", with_language), w("pPrDefault"))


def _normal() -> Xml:
    properties = w(
        "pPr",
        w("widowControl", val=OFF),
        w("autoSpaceDE", val=OFF),
        w("autoSpaceDN", val=OFF),
        spacing(),
        indent(norm.BODY),
        w("jc", val="both"),
    )
    return w(
        "style",
        w("name", val="Normal"),
        w("qFormat"),
        properties,
        run_properties(norm.BODY),
        type="paragraph",
        default=ON,
        styleId=NORMAL,
    )


def _table_styles() -> Xml:
    return join(*_table_pieces())


def _table_pieces() -> tuple[Xml, Xml]:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    rules = (w(side, val="single", sz=norm.TABLE_RULE, space=0, color="auto") for side in sides)
    thin = w("tblPr", w("tblBorders", *rules))
    return (
        w("style", w("name", val="细线表"), thin, type="table", styleId=TABLE_STYLE),
        w("style", w("name", val="版记表"), type="table", styleId=IMPRINT_TABLE),
    )


def template_styles() -> dict[str, str]:
    """Return each style of our blocks as a part of its own, under names that Word and WPS leave alone."""
    body = join(w("widowControl", val=OFF), spacing(), indent(norm.BODY), w("jc", val="both"))
    own = [_Style(IN_TEMPLATES[NORMAL], NAMES_IN_TEMPLATES[NORMAL], norm.BODY, body)]
    for style in _styles():
        key = IN_TEMPLATES.get(style.key, style.key)
        own.append(replace(style, key=key, name=NAMES_IN_TEMPLATES.get(style.key, style.name)))
    found = {one.key: one.xml(based="") for one in own if one.key != FOOTER}
    found |= dict(zip((TABLE_STYLE, IMPRINT_TABLE), _table_pieces(), strict=True))
    return {key: xml.replace("<w:style ", f'<w:style xmlns:w="{MAIN}" ', 1) for key, xml in found.items()}


def in_template(xml: Xml) -> Xml:
    """Return a block as it goes into a template: in the styles above."""
    for key, name in IN_TEMPLATES.items():
        xml = Xml(xml.replace(f'<w:pStyle w:val="{key}"/>', f'<w:pStyle w:val="{name}"/>'))
    return xml


def styles_part() -> str:
    """Return word/styles.xml."""
    paragraphs = (style.xml() for style in _styles())
    return root("styles", _defaults(), _normal(), *paragraphs, _table_styles())


def settings_part() -> str:
    """Return word/settings.xml: facing page numbers, Chinese, today's layout rules."""
    mode = w(
        "compatSetting",
        name="compatibilityMode",
        uri="http://schemas.microsoft.com/office/word",
        val=15,
    )
    return root(
        "settings",
        w("zoom", percent=100),
        w("evenAndOddHeaders"),
        w("characterSpacingControl", val="doNotCompress"),
        w("compat", mode),
        w("themeFontLang", val="en-US", eastAsia="zh-CN"),
    )
