"""A Word file as a package: the parts around a body, dated by the paper and not by the clock."""

from dataclasses import dataclass
from datetime import date

from crm.word.body import footer_part
from crm.word.ooxml import PROLOGUE, escaped, pack
from crm.word.styles import settings_part, styles_part

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
_APP_TYPE = "application/vnd.openxmlformats-officedocument.extended-properties+xml"


@dataclass(frozen=True, slots=True)
class Properties:
    """What Word shows of a file: title, author and the day of the paper."""

    title: str
    author: str
    dated_on: date


def _content_types() -> str:
    kinds = {
        "/word/document.xml": f"{_WORD}.document.main+xml",
        "/word/styles.xml": f"{_WORD}.styles+xml",
        "/word/settings.xml": f"{_WORD}.settings+xml",
        "/word/footer1.xml": f"{_WORD}.footer+xml",
        "/word/footer2.xml": f"{_WORD}.footer+xml",
        "/docProps/core.xml": _CORE_TYPE,
        "/docProps/app.xml": _APP_TYPE,
    }
    parts = "".join(f'<Override PartName="{path}" ContentType="{kind}"/>' for path, kind in kinds.items())
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{PROLOGUE}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
    )


def _relations(targets: tuple[tuple[str, str], ...]) -> str:
    """Return a relationships part; the n-th target is rIdn."""
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{PROLOGUE}<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def core_part(properties: Properties) -> str:
    """Return docProps/core.xml."""
    moment = f"{properties.dated_on.isoformat()}T00:00:00Z"
    title = escaped(properties.title.replace("\n", ""))
    dated = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{moment}</dcterms:{name}>' for name in ("created", "modified")
    )
    author = escaped(properties.author)
    return (
        f'{PROLOGUE}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>"
        f"<cp:lastModifiedBy>{author}</cp:lastModifiedBy>{dated}"
        "<dc:language>zh-CN</dc:language></cp:coreProperties>"
    )


def _app() -> str:
    space = "http://schemas.openxmlformats.org/officeDocument/2006"
    return f'{PROLOGUE}<Properties xmlns="{space}/extended-properties"><Application>Yinfeng</Application></Properties>'


def word_file(properties: Properties, document: str) -> bytes:
    """Return .docx with ``document`` as its word/document.xml; the same parts give the same bytes."""
    return pack(word_parts(properties, document))


def word_parts(properties: Properties, document: str) -> dict[str, str]:
    """Return the parts of that file, path to text."""
    package = (
        (f"{_OFFICE}/officeDocument", "word/document.xml"),
        (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        (f"{_OFFICE}/extended-properties", "docProps/app.xml"),
    )
    word = (
        (f"{_OFFICE}/styles", "styles.xml"),
        (f"{_OFFICE}/settings", "settings.xml"),
        (f"{_OFFICE}/footer", "footer1.xml"),
        (f"{_OFFICE}/footer", "footer2.xml"),
    )
    return {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(package),
        "docProps/core.xml": core_part(properties),
        "docProps/app.xml": _app(),
        "word/_rels/document.xml.rels": _relations(word),
        "word/document.xml": document,
        "word/styles.xml": styles_part(),
        "word/settings.xml": settings_part(),
        "word/footer1.xml": footer_part(odd=True),
        "word/footer2.xml": footer_part(odd=False),
    }
