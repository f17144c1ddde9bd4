"""The layout figures of GB/T 9704-2012 and of bulletins (简报), in the units of Word.

Lengths are twips (1/20 pt, 1 mm = 56.7), type sizes half-points, rules eighths of a
point. Fonts are named and never shipped: their licences forbid it, and a reader that
lacks them substitutes its own.
"""

from dataclasses import dataclass

PAGE_WIDTH = 11906  # 210 mm
PAGE_HEIGHT = 16838  # 297 mm
MARGIN_TOP = 2098  # 天头 37 mm
MARGIN_LEFT = 1588  # 订口 28 mm
MARGIN_RIGHT = 1474  # 26 mm
MARGIN_BOTTOM = 1984  # 35 mm
TEXT_WIDTH = PAGE_WIDTH - MARGIN_LEFT - MARGIN_RIGHT  # 版心 156 mm
FOOTER_DISTANCE = 1417  # the number stands 7 mm below the type area
MARK_DISTANCE = 1984  # the red name begins 35 mm below the top of the type area

# 28.9 pt: 22 lines need 635.8 of the 637.8 pt of the type area; 29 pt would lose one.
LINE_PITCH = 578
GRID_PITCH = 579
# 28 characters of 16 pt are 158 mm and the type area is 156: a quarter of a point less
# each makes them fit. Not by Word's character grid, which LibreOffice sets at 14 a line.
BODY_SPREAD = -5

TABLE_LINE = 340
RED = "FF0000"
RED_RULE = 10  # 0.44 mm, the norm asks for 0.35 to 0.5
RED_RULE_DISTANCE = 11  # points: 4 mm under the number line
OUTER_RULE = 8  # 0.35 mm, first and last rule of the imprint
INNER_RULE = 6  # 0.25 mm
TABLE_RULE = 4
EM_DASH = "\N{EM DASH}"


@dataclass(frozen=True, slots=True)
class Face:
    """A typeface, its size in half-points and the twips added to each character."""

    font: str
    size: int
    spread: int = 0

    @property
    def character(self) -> int:
        """Return the width of one full character in twips."""
        return self.size * 10


FANGSONG = "仿宋_GB2312"
KAITI = "楷体_GB2312"
HEITI = "黑体"
XIAOBIAOSONG = "方正小标宋简体"
SONGTI = "宋体"

BODY = Face(FANGSONG, 32, BODY_SPREAD)
TITLE = Face(XIAOBIAOSONG, 44)
LEVEL_ONE = Face(HEITI, 32, BODY_SPREAD)
LEVEL_TWO = Face(KAITI, 32, BODY_SPREAD)
PAGE_NUMBER = Face(SONGTI, 28)
IMPRINT = Face(FANGSONG, 28)
TABLE_TITLE = Face(HEITI, 28)
TABLE_HEAD = Face(HEITI, 24)
TABLE_BODY = Face(FANGSONG, 24)
TABLE_NOTE = Face(KAITI, 24)
