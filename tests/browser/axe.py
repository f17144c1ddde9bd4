"""Ask axe-core for serious faults of a page; a page that is open anyway is asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

SOURCE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
# Moderate or minor at most, and dear: where a heading or a landmark stands.
LIGHT = (
    "region",
    "heading-order",
    "landmark-unique",
    "landmark-one-main",
    "empty-heading",
    "landmark-banner-is-top-level",
    "landmark-complementary-is-top-level",
    "landmark-contentinfo-is-top-level",
    "landmark-main-is-top-level",
    "landmark-no-duplicate-banner",
    "landmark-no-duplicate-contentinfo",
    "landmark-no-duplicate-main",
    "presentation-role-conflict",
)
CONTRAST = "color-contrast"
ASK = """async ([part, off]) => {
  const rules = Object.fromEntries(off.map((rule) => [rule, { enabled: false }]));
  const whole = part && document.querySelector(part) ? part : document;
  const found = await axe.run(whole, { rules, resultTypes: ["violations"], performanceTimer: false });
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => {
      const why = [...node.any, ...node.all, ...node.none][0];
      return `${node.target.join(" ")} ${why ? why.message : ""}`;
    }).join(" | ")}`);
}"""


class Judge:
    """Judges pages at one width: the frame around all of them once, colours once for each part of the product."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._seen: set[str] = set()

    def faults(self, page: Page, path: str) -> list[str]:
        """Return the serious faults of an open page."""
        part = re.split(r"[/?]", path)[1]
        first, new = not self._seen, part not in self._seen
        self._seen.add(part)
        off = LIGHT if new else (*LIGHT, CONTRAST)
        page.evaluate(SOURCE)
        return list(page.evaluate(ASK, ["" if first else "main", list(off)]))
