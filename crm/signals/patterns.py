"""The signal rules as data: what in a sentence speaks for which kind, and what speaks against it.

A rule is a pattern with a weight between 0 and 1; a guard is a pattern that silences a rule when
it matches the same sentence. To add a kind or a rule, add rows here and two test sentences.
"""

import re
from dataclasses import dataclass

from crm.signals.kinds import SignalKind


@dataclass(frozen=True)
class Rule:
    """One row of the rule table; `key` is stable and is stored with each signal."""

    key: str
    kind: SignalKind
    weight: float
    pattern: re.Pattern[str]
    guards: tuple[re.Pattern[str], ...] = ()


EARNINGS = re.compile(r"营业?收入|营收|净利|每股收益|同比(?:增|下|减|上|扭)|毛利率|业绩(?:预|快报|大增|增长)|财报显示")
BUYBACK = re.compile(r"回购|质押|减持|分红|派息|解禁")
LISTED_MARKET = re.compile(r"融资融券|融资余额|融资客|融资买入|两融|指数|大盘|沪指|板块|个股|涨停|跌停|成交额")
STOPPED_LISTING = re.compile(
    r"(?:终止|中止|撤回|暂缓|否决|未通过).{0,14}(?:IPO|上市|发行|审核|注册)",
    re.IGNORECASE,
)
SPORT = re.compile(r"球迷|国脚|赢球|联赛|主教练|足协|篮协")
HOUSEHOLD = re.compile(r"户口|外地人|人才落户|落户政策|积分落户|国际标准")
HOUSING = re.compile(r"商品房|存量房|保障房")
STATISTICS = re.compile(r"全国|全省|全市|全球(?!化)|行业(?:规模|协会)|统计局|央行|国务院|发改委|工信部")


def _rule(
    key: str,
    kind: SignalKind,
    weight: float,
    pattern: str,
    *guards: re.Pattern[str],
) -> Rule:
    return Rule(key, kind, weight, re.compile(pattern, re.IGNORECASE), guards)


_K = SignalKind
RULES: tuple[Rule, ...] = (
    # 产业转移
    _rule(
        "relo_move",
        _K.RELO,
        0.9,
        r"(?:产能|产线|生产线|生产|总部|工厂|厂区|业务|基地|订单|制造).{0,14}(?:迁往|迁至|迁到"
        r"|迁入|迁出|外迁|搬迁|搬至|搬到|转移到|转移至|转出|转移)",
    ),
    _rule(
        "relo_to",
        _K.RELO,
        0.9,
        r"(?:整体|异地|产业)(?:搬迁|转移)|迁(?:往|至|入|出)[^\s,，。]{1,8}"
        r"|向[^,，。]{1,10}转移[^,，。]{0,4}(?:业务|产能|生产)|转移项目|外溢",
    ),
    _rule(
        "relo_site",
        _K.RELO,
        0.7,
        r"(?:新|生产)?(?:工厂|基地|总部|项目)[^。,，]{0,8}选址|选址[^。,，]{0,10}(?:建厂|设厂"
        r"|落户|工厂)|考虑在[^。,，]{1,8}(?:建厂|设厂)",
    ),
    _rule(
        "relo_park",
        _K.RELO,
        0.6,
        r"产业集聚(?:示范)?园|飞地(?:经济|园区)|承接[^。,，]{0,10}(?:产业|产能|项目)",
    ),
    _rule(
        "relo_abroad",
        _K.RELO,
        0.6,
        r"(?:中国|大陆|海外|境外)以?外[^。,，]{0,6}产能|全部在[^。,，]{2,6}生产"
        r"|供应链[^。,，]{0,6}(?:生根|转移)",
    ),
    # 资本扩张
    _rule(
        "capx_project",
        _K.CAPX,
        0.9,
        r"总投资|投资总额|计划投资|拟(?:[^。,，]{0,8})投资|投资(?:建设|新建|建厂|设厂|扩建"
        r"|兴建|扩产|成立|设立)|投资[约近逾超]?[\d.]+[多余]?[万亿]",
        BUYBACK,
    ),
    _rule(
        "capx_build",
        _K.CAPX,
        0.8,
        r"(?:新建|扩建|兴建|建设|打造|开设|建造|筹建)[^。,，;；]{0,24}(?:工厂|基地|产线|生产线"
        r"|产业园|项目|厂房|组装厂|数据中心|总部)|建厂|设厂|扩产|扩大产能|产能扩张|新增产能"
        r"|新建产能",
        EARNINGS,
        STATISTICS,
    ),
    _rule(
        "capx_start",
        _K.CAPX,
        0.8,
        r"开工(?:建设|仪式|奠基|动员)|正式(?:开工|动工|投产)|(?:项目|基地|工厂|一期|二期"
        r"|三期)[^。,，]{0,14}(?:开工|动工|奠基|投产|封顶)",
        EARNINGS,
    ),
    _rule(
        "capx_settle",
        _K.CAPX,
        0.8,
        r"(?:正式)?落户|项目[^。,，]{0,10}(?:签约|集中签约)|签约[^。,，]{0,12}项目|协议(?:引资"
        r"|总投资)|(?:将|或将|正式)进驻",
        HOUSEHOLD,
    ),
    _rule(
        "capx_stake",
        _K.CAPX,
        0.7,
        r"增资(?!产)|入股|参股|领投|跟投|战略投资|注资|股权投资|认购[^。]{0,18}(?:股权|股份)"
        r"|(?:成立|设立|组建|出资)[^。,，;；]{0,24}(?:合资|子公司|管理公司|新公司|产业基金"
        r"|并购基金)|合资(?:公司|企业)|加盟[^。]{0,20}基金|注册资本",
        EARNINGS,
    ),
    _rule(
        "capx_merge",
        _K.CAPX,
        0.7,
        r"收购(?!价格指数|站)|并购|要约|买方为|并入|借壳|举牌|(?:部门|业务|股权|资产)出售给"
        r"|出售给|竞购",
        LISTED_MARKET,
        HOUSING,
    ),
    _rule(
        "capx_fund",
        _K.CAPX,
        0.6,
        r"(?:完成|获|获得|实现|启动|宣布|进行|新一轮)[^。,，]{0,16}融资|(?:天使|种子"
        r"|pre-?[a-d]|[a-g]\+?|战略)轮(?:融资)?|募资|集资约|超额配售|定向?增发|非公开发行",
        LISTED_MARKET,
        BUYBACK,
        EARNINGS,
    ),
    _rule(
        "capx_ipo",
        _K.CAPX,
        0.5,
        r"IPO|首次公开发行|首发(?:申请|上会|过会)|(?:赴|拟|计划|启动|申请|最快|筹备|推进"
        r"|完成)[^。,，]{0,10}上市(?!公司)|上市(?:申请|时间表|目标|计划|辅导)|招股书",
        STOPPED_LISTING,
        LISTED_MARKET,
    ),
    # 产品配套
    _rule(
        "supp_chain",
        _K.SUPP,
        0.8,
        r"(?:进入|打入|切入|加入|纳入)[^。,，]{0,24}供应链|(?:成为|作为"
        r"|获)[^。,，]{0,16}(?:供应商|定点|代工厂)|配套(?:企业|率|核心|零部件|供应|厂商|产品"
        r"|基地)|本地(?:采购|配套)",
    ),
    _rule(
        "supp_deliver",
        _K.SUPP,
        0.7,
        r"(?:为|向)[^。,，]{2,20}(?:提供|供应|供货|交付|定制|代工)[^。]{0,24}(?:内存|电池|芯片|零部件|组件|部件|模组|设备|材料|解决方案|轮胎|整车|系统)|供货(?:协议|合同|给)|定制[^。,，]{0,18}芯片|量产供货|批量供货",
    ),
    _rule(
        "supp_buy",
        _K.SUPP,
        0.7,
        r"中标[^。]{0,40}(?:采购|设备|生产线|产线|模组)|采购(?:协议|合同|框架)|整车级?方案"
        r"|整车系统",
    ),
    # 负面
    _rule(
        "neg_stop",
        _K.NEG,
        0.9,
        r"停产|停工|关停|裁员|裁撤|关闭[^。,，]{0,8}(?:工厂|门店|业务)|工厂[^。,，]{0,6}关闭"
        r"|欠薪|拖欠",
    ),
    _rule(
        "neg_law",
        _K.NEG,
        0.9,
        r"立案(?:调查|侦查)?|行政处罚|被罚|罚款|罚单|没收|违法(?:违规|违纪|所得)?|违规(?:操作"
        r"|担保|占用|行为)|违纪|接受[^。,，]{0,18}(?:审查|调查)|涉嫌|提起公诉|诈骗|传销"
        r"|非法集资|跑路|造假|失信被执行",
        SPORT,
    ),
    _rule("neg_court", _K.NEG, 0.8, r"诉讼|起诉|被告|原告|仲裁|纠纷一案|判决|索赔|和解金"),
    _rule(
        "neg_debt",
        _K.NEG,
        0.9,
        r"破产|重整|清盘|清算人|债务(?:违约|危机|逾期)|(?:债券|贷款|票据|兑付"
        r"|还款).{0,6}(?:违约|逾期)|逾期|资金链断裂|退市(?!新规|制度)|爆雷|冻结",
    ),
    _rule(
        "neg_listing",
        _K.NEG,
        0.7,
        r"(?:终止|中止|撤回|否决)[^。]{0,24}(?:IPO|上市|发行|审核)|暂停业务|重点监控"
        r"|监管(?:措施|警示)|警示函",
    ),
    _rule(
        "neg_safety",
        _K.NEG,
        0.7,
        r"安全事故|爆炸|坠毁|大规模召回|召回[^。,，]{0,12}(?:辆|台|万)|质量问题",
    ),
    # 战略合作
    _rule(
        "coop_pact",
        _K.COOP,
        0.8,
        r"战略(?:合作|框架|伙伴)|合作(?:框架)?协议|框架协议|谅解备忘录|合作备忘录|产业协同",
    ),
    _rule(
        "coop_joint",
        _K.COOP,
        0.6,
        r"携手(?!共|并)|联合(?:开发|研发|研究|推出|打造|发布|设计)|合作(?:开发|研发|打造|推出)"
        r"|强强联合|结盟",
    ),
    _rule(
        "coop_talk",
        _K.COOP,
        0.5,
        r"(?:深化|开展|加强|开创)[^。,，]{0,16}(?:务实|产业|领域|央地"
        r"|多元化?)[^。,，]{0,6}合作|合作新局面|开发伙伴|外包给",
    ),
    # 高层动向
    _rule(
        "exec_meet",
        _K.EXEC,
        0.7,
        r"会见|(?:一行|考察团|代表团)[^。]{0,14}(?:座谈|考察|到访|来访|调研|参观)|率(?:团"
        r"|队)[^。,，]{0,8}(?:考察|赴|访|调研)|(?:与|同)[^。]{2,30}(?:董事长|总裁"
        r"|总经理)[^。]{0,12}座谈",
    ),
    _rule(
        "exec_change",
        _K.EXEC,
        0.7,
        r"(?:聘任|任命|委任|选举|拟任|调任|接任|出任|履新)[^。]{0,24}(?:裁|董|长|经理|CEO|CFO"
        r"|CTO|COO)|(?:董事长|总裁|总经理|CEO|CFO|书记|副总)[^。,，]{0,8}(?:辞职|离职|辞任"
        r"|卸任|离任|被免)|换帅",
    ),
    # 用地环评
    _rule(
        "land_deal",
        _K.LAND,
        0.8,
        r"土地出让|土地使用权|竞得|摘牌|摘得|拿地|招拍挂|投得[^。]{0,20}(?:地|用地)|(?:工业"
        r"|项目|建设)用地|挂牌出让",
        STATISTICS,
    ),
    _rule(
        "land_permit",
        _K.LAND,
        0.7,
        r"环境影响(?:评价|报告)|环评|生态环境局|规划[^。,，]{0,8}土地|用地规划",
    ),
    # 订单中标
    _rule("ordr_bid", _K.ORDR, 0.8, r"中标(?!率)|预中标|成交通知书"),
    _rule(
        "ordr_contract",
        _K.ORDR,
        0.7,
        r"(?:获|获得|斩获|签订|签署|签下|收到|接获)[^。,，]{0,20}(?:订单|大单|供货合同"
        r"|采购合同|EPC合同|总承包合同)|合同(?:金额|总额|额)",
    ),
)
