"""The rules of GB/T 9704-2012 that a program can see in a file, each a small function from paper to findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from crm.word import norm
from crm.word.check import patterns
from crm.word.check.findings import Finding, Weight
from crm.word.check.measures import measure
from crm.word.check.package import W
from crm.word.check.parts import Part
from crm.word.numbering import chinese_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm.word.check.package import Package
    from crm.word.check.parts import Parted
    from crm.word.check.reading import Line

MILLIMETRE = 56.7
TOLERANCE = 57  # 1 mm
EXCERPT, PLACES = 24, 5
TIGHTEST, LOOSEST = 560, 579  # 28 to 28.95 pt: 22 lines fit
GRIDS = {"lines", "linesAndChars"}
SIZE_NAMES = {44: "2号", 32: "3号"}
PITCHES = {
    "exact": "行距是固定值%(found)s磅，应为固定值28至28.95磅，每页才排得下22行（29磅只能排21行）。",
    "atLeast": "行距是最小值%(found)s磅，应为固定值28至28.95磅，每页才排得下22行。",
    "auto": "行距是%(found)s倍，应为固定值28至28.95磅，每页才排得下22行。",
}


Met = list[tuple["Line", dict[str, str]]]


def points(size: int | None) -> str:
    """Write a size in points; 32 half-points are 16."""
    return "—" if size is None else f"{size / 2:g}"


def excerpt(line: Line) -> str:
    """Give the first words of a paragraph."""
    text = " ".join(line.text.split())
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"


def gathered(
    key: str, weight: Weight, clause: str, sentence: str, met: Iterable[tuple[Line, dict[str, str]]]
) -> Iterator[Finding]:
    """Tell a departure once, with the first places where it was met; other params are another departure."""
    found_by: dict[tuple[tuple[str, str], ...], list[Line]] = defaultdict(list)
    for line, params in met:
        found_by[tuple(sorted(params.items()))].append(line)
    for same, lines in found_by.items():
        places = tuple(line.number for line in lines[:PLACES])
        yield Finding(key, weight, clause, sentence, dict(same), places, excerpt(lines[0]), len(lines))


def page(package: Package, _parted: Parted) -> Iterator[Finding]:
    """A4 and the margins of the type area (5.1, 5.2.1)."""
    sides = {"top": ("天头（上白边）", norm.MARGIN_TOP), "left": ("订口（左白边）", norm.MARGIN_LEFT),
             "right": ("右白边", norm.MARGIN_RIGHT), "bottom": ("下白边", norm.MARGIN_BOTTOM)}  # fmt: skip
    for section in package.body.iter(f"{W}sectPr"):
        size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
        if size is None or margins is None:
            yield Finding("page", Weight.MUST, "5.1", "没有设置纸张和页边距：请设为A4，上37、下35、左28、右26毫米。")
            return
        wide, high = (measure(size.get(f"{W}{one}")) or 0 for one in "wh")
        landscape = wide > high
        if sorted((wide, high)) != sorted(_near(wide, high)):
            params = {"found": f"{wide / MILLIMETRE:.0f}×{high / MILLIMETRE:.0f}"}
            yield Finding("paper", Weight.MUST, "5.1", "纸张是%(found)s毫米，应为A4（210×297毫米）。", params)
        if landscape:
            continue  # a wide table turned: its margins turn with it
        for side, (name, asked) in sides.items():
            found = measure(margins.get(f"{W}{side}")) or 0
            if side == "left":
                found += measure(margins.get(f"{W}gutter")) or 0
            if abs(found - asked) > TOLERANCE:
                params = {"side": name, "found": f"{found / MILLIMETRE:.1f}", "asked": f"{asked / MILLIMETRE:.0f}"}
                text = "%(side)s是%(found)s毫米，应为%(asked)s毫米（误差不超过1毫米）。"
                yield Finding(f"margin_{side}", Weight.MUST, "5.2.1", text, params)


def _near(wide: int, high: int) -> tuple[int, int]:
    """Give A4 where the paper is A4 within a millimetre, else what cannot be equal."""
    short, long = sorted((wide, high))
    near = abs(short - norm.PAGE_WIDTH) <= TOLERANCE and abs(long - norm.PAGE_HEIGHT) <= TOLERANCE
    return (short, long) if near else (0, 0)


def faces(_package: Package, parted: Parted) -> Iterator[Finding]:
    """Typeface and size of the parts (5.2.2, 7.3.1, 7.3.3)."""
    asked = {
        Part.TITLE: ("标题", norm.XIAOBIAOSONG, 44, "7.3.1"), Part.ONE: ("一级标题", norm.HEITI, 32, "7.3.3"),
        Part.TWO: ("二级标题", norm.KAITI, 32, "7.3.3"), Part.THREE: ("三级标题", norm.FANGSONG, 32, "7.3.3"),
        Part.FOUR: ("四级标题", norm.FANGSONG, 32, "7.3.3"), Part.BODY: ("正文", norm.FANGSONG, 32, "5.2.2"),
        Part.ANNEX: ("“附件”二字", norm.HEITI, 32, "7.3.6"),
    }  # fmt: skip
    for part, (name, font, size, clause) in asked.items():
        lines = parted.of(part)
        wrong_font = [
            (line, {"part": name, "found": line.face.font or "（未指定）", "asked": font})
            for line in lines
            if (line.face.font or "").lower() not in patterns.ALIKE[font]
        ]
        yield from gathered(
            f"font_{part}", Weight.MUST, clause, "%(part)s的字体是%(found)s，应为%(asked)s。", wrong_font
        )
        wrong_size = [
            (line, {"part": name, "found": points(line.face.size), "asked": points(size), "name": SIZE_NAMES[size]})
            for line in lines
            if line.face.size != size
        ]
        yield from gathered(
            f"size_{part}",
            Weight.MUST,
            clause,
            "%(part)s的字号是%(found)s磅，应为%(asked)s磅（%(name)s）。",
            wrong_size,
        )


def weight_and_colour(_package: Package, parted: Parted) -> Iterator[Finding]:
    """No bold on 小标宋 and 黑体, black outside the red head (5.2.5)."""
    bold: Met = [(line, {}) for line in parted.of(Part.TITLE, Part.ONE) if any(run.face.bold for run in line.runs)]
    yield from gathered(
        "bold", Weight.MUST, "7.3.1", "标题和一级标题不加粗：小标宋和黑体本身已经够重，请去掉加粗。", bold
    )
    coloured = [
        (line, {"found": run.face.color or ""})
        for line in parted.of(Part.TITLE, Part.ONE, Part.TWO, Part.THREE, Part.FOUR, Part.BODY)
        for run in line.runs[:1]
        if run.face.color and run.face.color.lower() not in {"auto", "000000"}
    ]
    yield from gathered("colour", Weight.MUST, "5.2.5", "文字颜色是%(found)s，如无特殊说明应为黑色。", coloured)


def layout(package: Package, parted: Parted) -> Iterator[Finding]:
    """Line pitch so that 22 lines fit, first line two characters in, title centred (5.2.3, 7.3.1, 7.3.3)."""
    texts = parted.of(Part.ONE, Part.TWO, Part.THREE, Part.FOUR, Part.BODY)
    grid = any(
        one.get(f"{W}type") in GRIDS and TIGHTEST <= (measure(one.get(f"{W}linePitch")) or 0) <= LOOSEST
        for one in package.body.iter(f"{W}docGrid")
    )
    off = [line for line in texts if not _pitch_fits(line, grid=grid)]
    for kind, sentence in PITCHES.items():
        pitch = [(line, {"found": f"{found:g}"}) for line in off for how, found in (_pitch(line),) if how == kind]
        yield from gathered("pitch", Weight.MUST, "5.2.3", sentence, pitch)
    flush: Met = [(line, {}) for line in texts if not _indented(line)]
    yield from gathered("indent", Weight.MUST, "7.3.3", "首行没有左空二字（请设首行缩进2字符，不要用空格）。", flush)
    aside: Met = [(line, {}) for line in parted.of(Part.TITLE) if line.layout.align != "center"]
    yield from gathered("title_centre", Weight.MUST, "7.3.1", "标题没有居中。", aside)


def _pitch(line: Line) -> tuple[str, float]:
    """Give the kind of the line pitch and its measure: points, or a multiple of a single line."""
    if line.layout.line is None:
        return "auto", 1
    if line.layout.rule in {"exact", "atLeast"}:
        return line.layout.rule, line.layout.line / 20
    return "auto", line.layout.line / 240


def _pitch_fits(line: Line, *, grid: bool) -> bool:
    if line.layout.rule == "exact":
        return TIGHTEST <= (line.layout.line or 0) <= LOOSEST
    return grid and line.layout.rule in {None, "auto"} and line.layout.line in {None, 240}


def _indented(line: Line) -> bool:
    chars, first = line.layout.first_chars, line.layout.first_line
    if chars is not None:
        return 180 <= chars <= 220  # noqa: PLR2004 (two characters, in hundredths)
    return first is not None and abs(first - 2 * 10 * (line.face.size or 32)) <= TOLERANCE


def numbering(_package: Package, parted: Parted) -> Iterator[Finding]:
    """一、 （一） 1. （1） in their forms and in order (7.3.3)."""
    forms = {
        Part.ONE: (patterns.ONE, "一级标题写作“一、”，后面用顿号。"),
        Part.TWO: (
            patterns.TWO,
            "二级标题写作“（一）”，用全角括号，后面不加顿号。",
        ),
        Part.THREE: (patterns.THREE, "三级标题写作“1.”，后面用点，不用顿号。"),
        Part.FOUR: (patterns.FOUR, "四级标题写作“（1）”，用全角括号，后面不加顿号。"),
    }
    for part, (form, sentence) in forms.items():
        wrong: Met = [(line, {}) for line in parted.of(part) if not form.match(line.text.strip())]
        yield from gathered(f"form_{part}", Weight.MUST, "7.3.3", sentence, wrong)
    yield from _order(parted)


def _order(parted: Parted) -> Iterator[Finding]:
    """Numbers of the first two levels go up by one; the second begins anew under each first."""
    counts: Counter[Part] = Counter()
    for part, line in parted.lines:
        if part not in {Part.ONE, Part.TWO}:
            continue
        counts[part] += 1
        if part is Part.ONE:
            counts[Part.TWO] = 0
        found = patterns.NUMERAL.search(line.text)
        asked = chinese_number(min(counts[part], 99))
        if found is not None and found[0] != asked:
            params = {"found": found[0], "asked": asked}
            text = "序号是“%(found)s”，按顺序应为“%(asked)s”。"
            yield Finding("order", Weight.MUST, "7.3.3", text, params, (line.number,), excerpt(line))
            return
