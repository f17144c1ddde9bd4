"""How well a test run suggests selectors: real list pages, the main block judged by eye, and the cost beside a parse.

    python -m benchmarks.listpages [FOLDER]

The judgement is a part of the class names of each page's main block. It was made after a first look at what the rules
suggest, so the figure flatters them a little; the rules were not changed for single pages afterwards. The pages are not
part of the project; without them it says so.
"""

import math
import sys
import time
from pathlib import Path

from lxml import html
from parsel import Selector

from scrapers.suggest import suggest

FOLDER = Path("/work/shared/data/newspages/list")
MAIN = {
    "GeneralNewsExtractor-163-1": "news_title", "GeneralNewsExtractor-163-2": "news_title",
    "GeneralNewsExtractor-netease_forum-1": "th.new", "GeneralNewsExtractor-tieba-1": "threadlist_title",
    "GerapyAutoExtractor-list-dfa66_announcement": "glist", "GerapyAutoExtractor-list-hrfund_announcement": "inner",
    "GerapyAutoExtractor-list-hsqhfunds_announcement": "list-all",
    "GerapyAutoExtractor-list-netease_international_news": "news_title",
    "GerapyAutoExtractor-list-netease_leaderboard_news": "tabContents",
    "GerapyAutoExtractor-list-netease_rolling_news": "list_txt", "GerapyAutoExtractor-list-rtfund_xxpl": "expertList1",
    "GerapyAutoExtractor-list-sample": "news_title", "GerapyAutoExtractor-list-tencent_important_news": "div.detail",
    "GerapyAutoExtractor-list-zhihu_search_result": "ContentItem-title",
}  # fmt: skip


def main() -> int:
    """Print the first suggestion for each page, how many are right, and the cost."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    pages = sorted(path for path in folder.glob("*.html") if path.stem in MAIN) if folder.is_dir() else []
    if not pages:
        print(f"no list pages in {folder}: nothing measured")
        return 0
    right, spent, parsed = 0, 0.0, 0.0
    for path in pages:
        raw = path.read_bytes()
        text = _text(raw)
        begun = time.process_time()
        html.document_fromstring(text)
        parsed += time.process_time() - begun
        page = Selector(text=text)
        begun = time.process_time()
        found = suggest(page, "https://site.example/list/")
        spent += time.process_time() - begun
        best = found[0] if found else None
        good = best is not None and MAIN[path.stem] in best.selector
        right += good
        told = f"{best.count:4} links, {best.timed:4} with a time  {best.selector}" if best else "nothing"
        print(f"{'ok ' if good else 'NOT'} {path.stem:52} {told}")
    low, high = wilson(right, len(pages))
    print(f"main block suggested first: {right} of {len(pages)} (95 % interval {low:.2f} to {high:.2f})")
    print(f"cost: {spent / parsed:.1f} x an lxml parse of the same pages, {1000 * spent / len(pages):.0f} ms a page")
    return 0


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Give the 95 % interval of a share."""
    z = 1.96
    share = hits / total
    middle = share + z * z / (2 * total)
    reach = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (middle - reach) / (1 + z * z / total), (middle + reach) / (1 + z * z / total)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
