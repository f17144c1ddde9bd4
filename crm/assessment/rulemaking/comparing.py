"""A condition as people type it: words that are no indicators are words to compare with. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_NAMED = r"[^\W\d]\w*"
_RIGHT = re.compile(rf"(?<![<>=!])([=＝≠]|==|!=)(\s*)({_NAMED})(?=\s*(?:$|[)）]|\s(?:且|并且|或|或者|and|or)\s))")


def quoted(text: str, names: Collection[str]) -> str:
    """Put words that are no indicators into quotes where a condition compares with them: 类型＝小分队."""
    return _RIGHT.sub(lambda one: one[0] if one[3] in names else f"{one[1]}{one[2]}“{one[3]}”", text)
