"""How long templates made to be slow keep the check busy: ``python -m benchmarks.templates``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.support.templates import faults_of, paragraph, table, with_body

if TYPE_CHECKING:
    from collections.abc import Iterator

VISITS = "拜访客商周报明细"
RUN = "<w:r><w:t>x</w:t></w:r>"


def hostile() -> Iterator[tuple[str, bytes]]:
    """Yield each with what it is; as large as the bounds of the check let them be."""
    yield "paragraphs", with_body(paragraph("字" * 10) * 5500)
    yield "lone braces in each paragraph", with_body(paragraph("{") * 5500)
    yield "wrong names in each paragraph", with_body(paragraph("{{ 错误 }}") * 5500)
    yield "open braces in one paragraph", with_body(paragraph("{{" * 900_000))
    yield "open braces in an attribute", with_body(f'<w:p w:rsidR="{"{{" * 900_000}"/>')
    yield "rows", with_body(table(*(("x",) for _ in range(3600))))
    yield "cells", with_body(table(("x",) * 4900))
    yield "rows with placeholders", with_body(table(*(("{{ 标题 }}",) for _ in range(490))))
    yield "a very long name", with_body(paragraph("{{ " + "a" * 1_200_000 + " }}"))
    yield "runs in one paragraph", with_body(f"<w:p>{RUN * 6500}</w:p>", paragraph("{{ 标题 }}"))
    yield "a very long condition", with_body(paragraph("{% if " + " and ".join(["标题"] * 20_000) + " %}x{% endif %}"))
    loop = (f"{{%p for 行 in {VISITS} %}}", "{{ 行.序号 }}" + "长" * 2000, "{%p endfor %}")
    yield "loops with long texts", with_body("".join(map(paragraph, loop)) * 160)


def main() -> None:
    """Print bytes, seconds and faults of each."""
    for name, data in hostile():
        start = time.perf_counter()
        found = faults_of(data)
        print(f"{name:32} {len(data):>8} bytes {time.perf_counter() - start:6.2f} s {len(found):>3} faults")


if __name__ == "__main__":
    main()
