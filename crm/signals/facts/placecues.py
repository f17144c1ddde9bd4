"""What the words around a name of a place say: that the event is there, or that it only names a firm or a paper. Pure.

All patterns are of folded text; those of what stands behind a name are matched at its end, those of what stands before
end there.
"""

from __future__ import annotations

import re

PLACE_ASKED_FOR = """
落户 落地 落子 选址 位于 坐落 进驻 入驻 抵达 来到 登陆 布局 挺进 迁往 迁至 迁入 搬到 搬至 搬回 移至 转往 走进 扎根 投资
进军 地处 前往 奔赴 赶赴 中标 落定 建设地 建设地点 建设地点为 项目地 项目地点 项目地点为 实施地 实施地点 地点: 地址:
驻 赴 在 于 到 至 往 来 抵
"""
LEADS_HERE = tuple(PLACE_ASKED_FOR.split())
LED = ("中国", "了", "我国")
LEADS_IN_ENGLISH = re.compile(r"(?:\bin|\bat|\bto|\bnear|\bfrom|\binto|\bacross) ?(?:the )?$")
TURNS_TO = ("向", "对", "与", "和")
SUBJECT_BEFORE = re.compile(r"(?:^|[。!?;【\n]|[\d日午晚],|近日,|日前,|获悉,|显示,)$")
SUBJECT_AFTER = re.compile(
    r"(?:正式|近日|日前|今[天日年]|昨[天日]|再次|首次|于[^,。;]{2,12}|将|拟|计划)*"
    r"(?:出台|印发|公布|发布|启动|首推|举行|召开|宣布|推出|开工|批准|设立|通报|提出"
    r"|与[^,。;]{2,20}(?:签|举行|达成)|[\d,]+个[^,。;]{0,6}项目)"
)
EVENT_HERE = re.compile(
    r"[\"”」]?(?:的|当地|本地|一座|新|首座|第[一二三四五]){0,2}"
    r"(?:投资(?!机构|公司|集团|者|银行|基金|人|局|委|促进)|建设|新建|扩建|兴建|建厂|设厂"
    r"|建[^议筑材业行投工]|设立|成立|工厂|厂|基地|项目|生产|超级工厂|子公司|分公司|产业园|工业园"
    r"|经济?开发区|经济技术开发区|经开区|开发区|高新区|高新技术|园区|新区|自贸|市委|市政府|县委"
    r"|县政府|区委|政府|人民政府|市人民政府|管委会|委(?:副)?书记|生态环境|自然资源|规划|港区|保税|公安|警方|经侦"
    r"|南部|北部|东部|西部|中部|总部|研发中心|分部|锂矿|矿|电站|风电|光伏|机场项目|地块|工业用?地"
    r"|土地|临港|第[一二三四五六七八]|轨道|地铁|六代|超算|数据中心|职位|全[县区市]|考察|调研|综合保税)"
    r"|(?:'s)? ?(?:plant|factory|facility|gigafactory|site|project|unit)"
)
TRADE_HERE = re.compile(r"(?:的)?(?:业务|市场(?!一度|[上下]跌|上涨))")
NOT_HERE = re.compile(
    r"(?:市|省)?(?:大学|学院|《?[\u4e00-\u9fff]{0,4}(?:日报|晚报|早报|晨报|商报|时报|证券报|电视台|电台|通讯社|有色网|新闻网)"
    r"|广播|高院|交易所|联交所|证监局|时间|路(?!由)|街|话|产权交易|药监|监委|纪委|委常委"
    r"|菜|籍|人(?!民|才|工)|联储|总统|总理|媒体|官员|国会|财政部|司法部|商务部|外交|国防|证券交易|队|足球|篮球|联赛|车展"
    r"|论坛|会议|峰会|股市|股票|元(?!素)|美元|原油|国债|央行|银保|上市|挂牌|ipo|主板|指数|综合指数|\d+年期"
    r"|冬奥|奥运|残奥|世界杯|世博|个唱|演唱会|(?:高等|最高|联邦|地方|上诉|金融)法院|咨询|动力(?!电)"
    r"|市场(?:一度|[上下]跌|上涨)| ?stock exchange| ?securities)"
    r"|(?:\d{1,2}月\d{1,2}日)?(?:电|讯|消息)"
)
FIRM_HERE = re.compile(
    r"(?:银行|农商|证券|啤酒|基金|信托|保险|人寿|股份|茅台|石化|钢铁|海棠|高速|铝业|铜业|钨业|钼业|矿业|医药|药业|重工|机床|港务|汽车集团)"
)
PART_OF_FIRM = r"[^,。;:、!?%的在与和及将拟对向并\"“”()\s]"
FIRM = re.compile(
    rf"{PART_OF_FIRM}{{1,14}}?(?:\([\u4e00-\u9fff]{{2,8}}\))?(?:股份)?"
    r"(?:有限责任公司|有限公司|集团|控股|公司|合伙企业|(?:科技|实业|贸易|计算机|创投|资本|物流)(?![园城区馆大产企创中成]))"
    r"(?:(?:股份)?有限(?:责任)?公司|集团)?"
    rf"|\){PART_OF_FIRM}{{0,12}}?(?:公司|集团)"
    r"|(?: [a-z&.'-]+){1,4}?,? (?:co|ltd|inc|corp|group|company|holdings?|bank)\b"
)
FOUNDED_BEFORE = ("设立", "成立", "新设", "组建", "注册", "新建", "设立了", "成立了", '设立"', '成立"')
DEED_AFTER = re.compile(r"[^,。;]{0,12}?(?:成立|揭牌|开业|停产|停工|关闭|注销|裁员|破产|被罚|被处|被立案)")
SOLD_BEFORE = ("收购", "转让", "出售", "挂牌", "收购了", "转让了", "出售了", "转让其", "出售其", "转让所持", "出售所持")
OF_A_PERSON = re.compile(
    r"(?:[县市区省镇局部院校行会]长|书记|主任|经理|董事长|主席|总裁|秘书长|记者|通讯员)[^在赴到于对向与和来抵至率及、。,:;\s]$"
)
SPEAKS = re.compile(
    r"(?!今|昨|近日|日前|正式|再次|首次|已|将)[\u4e00-\u9fff]{2,4}?(?<![局厅委院部府会方长官记办])"
    r"(?:\([\da-z.*-]{4,12}\)|(?:今日|昨日|近日|日前|早间|午间|晚间)?(?:发布)?(?:公告|宣布|表示|称|回应|披露)|:(?:拟|子公司|签|中标|预))"
)
ACTS = re.compile(r"(?:近日|日前|近期)?(?:预?中标|收到|签|拟|将|公告|与|出资|持)")
COUNTERPART = re.compile(
    r"(?!开展|加强|签|共|进行|深化|建立|就|在|举行|合作|联合|携手|达成|双方|等|[市省县区州旗]|政府|人民)"
    r"[\u4e00-\u9fff]{2,6}?(?:签|订立|达成)"
)
AT_FIRM = re.compile(r"[^,。;]{0,30}?(?:项目|工程|涉嫌|涉|被|采购|裁员|停产|招标)")
VENUE = re.compile(
    r"[\u4e00-\u9fff]{1,8}?(?:中心|大厦|总部|园区|基地|厂区|厂)(?:内|里)?(?:举行|召开|正式|揭牌|投产|启用)"
)
OWNER = re.compile(
    r"(?!企业家)[^,。;:、!?的在与和将拟对向并\s]{0,10}?"
    r"(?:公司|企业|巨头|厂商|制造商|生产商|零售商|运营商|开发商|供应商|机构|平台|初创|化工|科技"
    r"|集团|资本|财团|品牌|车企|药企|投资者|客户|总工会)|-based|-headquartered"
)
FIRM_BOUGHT = "收购 入股 并购 买下 购得 控股 投资 要约 增持 支付 与 和 携手 联合 收购了 入股了 买下了 控股了"
TARGET_BEFORE = tuple(FIRM_BOUGHT.split())
NO_EVENT = "深交所 上交所 港交所 证监会 新华社 中新社 中新网 本报 记者 来源 来源: 除 除了"
NONE_BEFORE = tuple(NO_EVENT.split())
STANDS_BEFORE = re.compile(r"(?:现有|已有|原有)(?:[^,。;]{1,6}[、和与及])?$")
STANDS_AFTER = re.compile(
    r"(?:[、和与及][^,。;]{1,6}?)?[两三四五六七八九多]?(?:地|省|市)?(?:均|都|已)?(?:设有|建有|已有|现有|拥有)[^,。;]{0,8}(?:基地|厂)"
)
LEAVES = re.compile(r"[^,。;]{0,16}(?:搬|迁|停|关闭|转移|转产|改造|扩)")
GUEST_AFTER = re.compile(
    r"(?:市|省)?(?:企业家|代表团|考察团|党政|协作|客商|商会|籍|[^,。;]{0,16}(?:率|带队|带领)[^。;]{0,12}(?:赴|到|往|来))"
)
HOST_AFTER = re.compile(r"(?:在[^,。;]{1,10})?(?:共|累计|已|新)*(?:吸引|引进|承接|签约|迎来|集中开工)")
NEAR_HERE = re.compile(
    rf"{PART_OF_FIRM}{{1,14}}?(?:项目|工程)|{PART_OF_FIRM}{{1,6}}?(?:厂[房区]|工厂|[产工]业园|园区|工业区|开发区|高新区|基地"
    r"|电站|光伏|风电场|矿区|油田|港区|机场|地铁|大桥|村(?!镇)|镇(?!江)|街道)"
)
PART_ABROAD = frozenset("州省府邦市县")
BEFORE, AFTER, STANDS, CLAUSE = 12, 16, 24, 40
SURE, FAINT = 3, -4
HERE, NEAR, CUE, AGAINST = 1, 2, 3, -9


def score(text: str, start: int, end: int, *, abroad: bool) -> int:
    """Weigh the words around a name: from SURE on the event is there, below 0 a firm or a paper bears the name."""
    end += abroad and text[end : end + 1] in PART_ABROAD
    before, behind = text[max(0, start - BEFORE) : start], text[end : end + CLAUSE]
    after = behind[:AFTER]
    if _is_none(before, after) or _stands_already(before, behind[:STANDS]):
        return HERE + AGAINST
    here = CUE * bool(EVENT_HERE.match(after) or HOST_AFTER.match(after))
    if not here:
        bearer = _bearer(before, behind, abroad=abroad)
        if bearer is not None:
            return bearer
    here = here or NEAR * bool(NEAR_HERE.match(behind))
    points = HERE + here + CUE * _leads(before)
    points += before.removesuffix("中国").endswith(TURNS_TO) + bool(TRADE_HERE.match(after))
    if SUBJECT_BEFORE.search(before or "\n") and SUBJECT_AFTER.match(after):
        points += CUE
    if FIRM_HERE.match(after) or GUEST_AFTER.match(behind):
        points += FAINT
    return points


def _is_none(before: str, after: str) -> bool:
    none = before.endswith(NONE_BEFORE) or NOT_HERE.match(after) is not None
    return none or OF_A_PERSON.search(before) is not None


def _leads(before: str) -> bool:
    """Whether words that ask for a place stand before it (落户, in the)."""
    if before.endswith(LED):
        before = before[: -1 if before.endswith("了") else -2]
    return before.endswith(LEADS_HERE) or (before[-1:].isascii() and LEADS_IN_ENGLISH.search(before) is not None)


def _bearer(before: str, after: str, *, abroad: bool) -> int | None:
    """Score a name that a firm bears: it says where a new firm is, or one things happen to, else only whence it is."""
    if abroad and OWNER.match(after):
        return HERE if before.endswith(TARGET_BEFORE) else AGAINST
    firm = FIRM.match(after)
    if firm is None and SPEAKS.match(after):
        return FAINT + HERE
    if firm is None:
        return FAINT + HERE if before.endswith(TURNS_TO) and COUNTERPART.match(after) else None
    behind = after[firm.end() :]
    if before.endswith(FOUNDED_BEFORE) or DEED_AFTER.match(behind):
        return SURE
    if ACTS.match(behind):
        return FAINT + HERE
    said = _leads(before) or before.endswith(SOLD_BEFORE) or AT_FIRM.match(behind)
    return HERE if said else FAINT + HERE


def _stands_already(before: str, after: str) -> bool:
    """Whether a plant that stands there is told of (现有深圳、赣州两座工厂), and nothing happens to it."""
    if "有" not in before and "有" not in after:
        return False
    told = STANDS_BEFORE.search(before) or STANDS_AFTER.match(after)
    return bool(told) and not LEAVES.match(after)
