"""Money in Chinese business text: reading amounts, writing them, rounding half up.

The unit of account is 万元 (ten thousand yuan). Everything is `Decimal`; no float enters.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

WAN = Decimal(10_000)
WAN_PER_YI = Decimal(10_000)
SCALES = {
    "": Decimal(1), "百": Decimal(100), "千": Decimal(1000), "万": WAN, "十万": WAN * 10, "百万": WAN * 100,
    "千万": WAN * 1000, "亿": WAN * WAN, "十亿": WAN * WAN * 10, "百亿": WAN * WAN * 100,
    "千亿": WAN * WAN * 1000, "万亿": WAN * WAN * WAN,
    "thousand": Decimal(1000), "k": Decimal(1000), "million": Decimal(10) ** 6, "mn": Decimal(10) ** 6,
    "m": Decimal(10) ** 6, "billion": Decimal(10) ** 9, "bn": Decimal(10) ** 9, "b": Decimal(10) ** 9,
    "trillion": Decimal(10) ** 12,
}  # fmt: skip
CURRENCIES = {
    "人民币元": "CNY", "元人民币": "CNY", "人民币": "CNY", "块钱": "CNY", "元": "CNY", "rmb": "CNY", "cny": "CNY",
    "￥": "CNY", "¥": "CNY", "yuan": "CNY",
    "美元": "USD", "美金": "USD", "usd": "USD", "us$": "USD", "$": "USD", "dollars": "USD",
    "欧元": "EUR", "eur": "EUR", "€": "EUR", "日元": "JPY", "jpy": "JPY", "英镑": "GBP", "gbp": "GBP", "£": "GBP",
    "港元": "HKD", "港币": "HKD", "hkd": "HKD", "hk$": "HKD", "新台币": "TWD", "台币": "TWD",
    "韩元": "KRW", "澳元": "AUD", "加元": "CAD", "新加坡元": "SGD", "新元": "SGD", "瑞士法郎": "CHF",
    "卢布": "RUB", "卢比": "INR", "印度卢比": "INR", "泰铢": "THB", "越南盾": "VND", "林吉特": "MYR", "印尼盾": "IDR",
    "比索": "PHP",
    "瑞典克朗": "SEK", "挪威克朗": "NOK", "丹麦克朗": "DKK", "迪拉姆": "AED", "里亚尔": "SAR", "雷亚尔": "BRL",
    "里拉": "TRY", "兰特": "ZAR", "兹罗提": "PLN", "福林": "HUF", "euros": "EUR", "euro": "EUR", "yen": "JPY",
    "日圆": "JPY", "加币": "CAD", "令吉": "MYR", "韩圜": "KRW", "瑞郎": "CHF", "nt$": "TWD",
    "rm": "MYR", "ringgit": "MYR", "baht": "THB", "won": "KRW",
    "rupees": "INR", "rupiah": "IDR", "forints": "HUF", "kronor": "SEK", "zlotys": "PLN", "pounds": "GBP",
}  # fmt: skip
DIGITS = {char: index for index, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
STEPS = {"十": 10, "百": 100, "千": 1000}
VAGUE_WORDS = frozenset("数几")

_BEHIND = "|".join(sorted((re.escape(word) for word in CURRENCIES if word[-1] not in "￥¥$€£"), key=len, reverse=True))
_FRONT = (
    "|".join(
        re.escape(word)
        for word in (
            *("人民币", "美元", "港币", "港元", "新台币", "台币", "欧元", "英镑", "日元", "澳元"),
            *("us$", "hk$", "nt$", "rmb", "cny", "usd", "eur", "hkd", "gbp", "jpy", "￥", "¥", "$", "€", "£"),
        )
    )
    + r"|(?<![a-z])rm"
)
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE = r"(?:万亿|千亿|百亿|十亿|亿|千万|百万|十万|万|千|百)"
_LATIN_SCALE = r"(?:thousand|million|billion|trillion|mn|bn|[kmb])\b"
_CHINESE = r"[零〇一二两三四五六七八九十百千]+"
AMOUNT = re.compile(
    rf"(?:(?P<front>{_FRONT})\s*)?"
    rf"(?:(?P<vague>[数几])(?P<vscale>{_SCALE})"
    rf"|(?P<low>{_NUMBER})\s*(?P<lowscale>{_SCALE})?(?:{_BEHIND})?\s*[-–—~～至到]\s*(?P<high>{_NUMBER})\s*(?P<hscale>{_SCALE})?"
    rf"|(?P<number>{_NUMBER})\s*(?:(?P<some>[多余几来])(?={_SCALE})|个(?=亿))?(?P<scale>{_SCALE}|{_LATIN_SCALE})?"
    rf"(?:(?<=亿)(?P<tail>{_NUMBER})(?P<tailscale>千万|百万|万))?"
    rf"|(?P<han>{_CHINESE})(?P<hansome>[多余来](?=万|亿))?(?P<hanscale>万亿|亿|万)?(?P<rest>{_CHINESE}万)?)"
    rf"(?P<more>[多余])?\s*(?P<behind>{_BEHIND})?",
    re.IGNORECASE,
)
PER_UNIT_BEFORE = re.compile(
    r"(?:每[一]?(?:股|亩|吨|平方米|平米|㎡|人|户|台|辆|件|公斤|千瓦时|张|盎司|桶)|单价|均价"
    r"|股价|报价)[\u4e00-\u9fff]{0,3}$"
)
PER_UNIT_AFTER = re.compile(
    r"\s*(?:/|／|每|一)\s*(?:股|亩|吨|平方米|平米|㎡|人|户|台|辆|件|公斤|千瓦时|张|盎司|桶"
    r"|月|年)"
)
MONEY_WORD = re.compile(
    r"(?:投资|投资额|资金|注资|出资|斥资|融资|增资|估值|成交价|罚款|募资|募集|集资|涉案|耗资|收购价|定增|诈骗|骗取|欠款"
    r"|总价|合同额|贷款)(?:总额|金额|额)?[为约近逾超达过:：]{0,2}$"
)
MONEY_DEED = re.compile(r"(?:收购|入股|投资|加码|增资|融资|建厂|扩产|大单|订单|罚单|并购|竞得|拿地|定增|募资|项目)")
COUNTED = re.compile(r"\s*[股份千瓦吨人次户台辆件平亩m]")
HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
TO_SIMPLIFIED = str.maketrans("億萬幾數餘幣圓歐鎊韓", "亿万几数余币圆欧镑韩") | HALF_WIDTH
ABOUT = re.compile(r"(?:约|近|逾|超|超过|将近|大约|左右|至少|不低于|高达|最多)$")


@dataclass(frozen=True)
class Amount:
    """One sum of money in a text.

    `value` is in units of `currency` (the lower end of a range, `upper` the other end). `cny_wan`
    is in 万元, None for other currencies and for vague sums. `vague` marks 数千万: only the order
    of magnitude is known. `per_unit` marks a price (每亩14.3万元), which is no deal amount.
    """

    value: Decimal
    currency: str
    start: int
    end: int
    cny_wan: Decimal | None
    upper: Decimal | None = None
    approximate: bool = False
    vague: bool = False
    per_unit: bool = False


def parse_amounts(text: str) -> list[Amount]:
    """Find every sum of money that names its currency, in order of appearance."""
    text = text.translate(TO_SIMPLIFIED)
    found = []
    for match in AMOUNT.finditer(text):
        currency = _currency(match) or _implied(text, match)
        bounds = _bounds(match)
        if currency and bounds:
            found.append(_amount(text, match, currency, bounds))
    return found


def _currency(match: re.Match[str]) -> str | None:
    front, behind = match["front"], match["behind"]
    word = front if front and behind in {"元", None} else behind
    return CURRENCIES.get(word.lower()) if word else None


def _implied(text: str, match: re.Match[str]) -> str | None:
    """Take 总投资50亿 as yuan: a sum in 万 or 亿 right behind a money word, no unit behind."""
    scaled = match["scale"] in {"万", "亿", "万亿"} or match["hscale"] in {"万", "亿"}
    before = text[max(0, match.start() - 8) : match.start()]
    counted = COUNTED.match(text, match.end())
    named = MONEY_WORD.search(before) or (match["scale"] == "亿" and MONEY_DEED.match(text, match.end()))
    return "CNY" if scaled and not counted and named else None


def _decimal(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def _bounds(match: re.Match[str]) -> tuple[Decimal, Decimal | None] | None:
    """Give the lower and, for a range, the upper value."""
    if match["vague"]:
        return SCALES[match["vscale"]], None
    if match["low"]:
        scale = SCALES[match["hscale"] or ""]
        low_scale = SCALES[match["lowscale"]] if match["lowscale"] else scale
        return _decimal(match["low"]) * low_scale, _decimal(match["high"]) * scale
    if match["number"]:
        tail = _decimal(match["tail"]) * SCALES[match["tailscale"]] if match["tail"] else 0
        return _decimal(match["number"]) * SCALES[(match["scale"] or "").lower()] + tail, None
    value = _han_value(match["han"]) * SCALES[match["hanscale"] or ""]
    rest = match["rest"]
    return (value + (_han_value(rest[:-1]) * WAN if rest else 0), None) if value else None


def _han_value(numeral: str) -> Decimal:
    """Read a Chinese numeral below ten thousand (八千五百 -> 8500, 十二 -> 12)."""
    total, digit = 0, None
    for char in numeral:
        if char in STEPS:
            total += (1 if digit is None else digit) * STEPS[char]
            digit = None
        else:
            digit = DIGITS[char]
    return Decimal(total + (digit or 0))


def _amount(text: str, match: re.Match[str], currency: str, bounds: tuple[Decimal, Decimal | None]) -> Amount:
    value, upper = bounds
    vague = bool(match["vague"])
    before = text[max(0, match.start() - 10) : match.start()].rstrip()
    return Amount(
        value=value,
        currency=currency,
        start=match.start(),
        end=match.start() + len(match[0].rstrip()),
        cny_wan=value / WAN if currency == "CNY" and not vague else None,
        upper=upper,
        approximate=vague or bool(match["more"] or match["some"] or match["hansome"]) or bool(ABOUT.search(before)),
        vague=vague,
        per_unit=bool(PER_UNIT_BEFORE.search(before) or PER_UNIT_AFTER.match(text, match.end())),
    )


def half_up(value: Decimal, digits: int) -> Decimal:
    """Round half away from zero to `digits` decimals, the way official reports do."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _bare(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def digits(value: Decimal) -> str:
    """Write a number without exponent, separators or zeros at its end: 12000, 12.5."""
    return _bare(f"{value:f}")


def _plain(value: Decimal) -> str:
    return _bare(f"{value:,f}")


def format_wan(wan: Decimal) -> str:
    """Write 万元 for people: from one 亿 on with one decimal, below in whole 万元, half up."""
    if abs(half_up(wan, 0)) >= WAN_PER_YI:
        return f"{_plain(half_up(wan / WAN_PER_YI, 1))}亿元"
    return f"{_plain(half_up(wan, 0))}万元"


def wan_cell(wan: Decimal) -> str:
    """Write 万元 for a column whose head names the unit: thousands separated, at most two decimals, half up."""
    return _plain(half_up(wan, 2))


def format_wan_exact(wan: Decimal) -> str:
    """Write 万元 with every digit that is stored, for tooltips and exports."""
    return f"{_plain(wan)}万元"


def percent(done: Decimal | int, target: Decimal | int) -> str | None:
    """Write done / target with one decimal, half up; None when there is no target."""
    if not target:
        return None
    return f"{half_up(Decimal(done) * 100 / Decimal(target), 1)}%"
