"""What is wrong with a template, and where it stands, in words for the person who edits it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a template: a message id with numbers, and the words around it."""

    words: str
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where, the tag as written, a message id that says what to do, and the text around it."""

    spot: Spot
    tag: str
    message: str
    params: dict[str, object] = field(default_factory=dict)
    near: str = ""


PARAGRAPH = "正文第%(n)s段"
CELL = "第%(table)s个表格第%(row)s行第%(cell)s格"
HEADER, FOOTER, FOOTNOTE, TEXT_BOX, FILE = "页眉", "页脚", "脚注", "文本框", "整个文件"
WHOLE = Spot(FILE)

UNKNOWN = "没有“%(name)s”这个占位符，请从占位符表里挑选。"
UNKNOWN_NEAR = "没有“%(name)s”这个占位符，您是不是想写“%(near)s”？"
NO_COLUMN = "“%(name)s”里没有“%(below)s”这一项，可用的有：%(known)s。"
NO_COLUMN_NEAR = "“%(name)s”里没有“%(below)s”这一项，您是不是想写“%(name)s.%(near)s”？"
NEEDS_BELOW = "“%(name)s”是一组数字，要写成“%(name)s.名称”，可用的有：%(known)s。"
NO_BELOW = "“%(name)s”下面不能再加点号。"
BLOCK_ALONE = "“%(name)s”是整段内容，要单独占一段，写成 {{p %(name)s }}，同一段里不能有别的字。"
BLOCK_PLACE = "整段内容只能放在正文里，不能放进表格、文本框、页眉或页脚。"
ROWS_LOOP = "“%(name)s”是多行内容，要用 {%%tr for row in %(name)s %%} 放进表格逐行列出。"
NO_ROWS = "“%(name)s”不是可以逐行列出的内容。"
UNREADABLE = "看不懂这一句。可以写 {{ 名称 }}，以及 for … in …、endfor、if …、elif …、else、endif。"
UNPAIRED_BRACES = "花括号没有成对，请检查 {{ }} 和 {%% %%}，要用半角符号，并写在同一段里。"
WIDE_BRACES = "花括号要用半角 {{ }}，不要用全角｛｛｝｝。"
COMMENT = "模板里不能用 {# #} 注释，请删掉。"
PREFIX = "只能用 p（整段）和 tr（整行），不能用“%(prefix)s”。"
DASH = "不要写成 {%%- -%%}，请去掉短横。"
ALONE_PARAGRAPH = "这一句要单独占一段，生成时这一段会去掉。"
ALONE_ROW = "这一句要单独占表格的一行，生成时这一行会去掉；要列出的内容写在下一行。"
ROW_PLACE = "tr 只能写在表格里。"
NOT_OPEN = "前面没有与它成对的语句。"
NOT_CLOSED = "这一句没有结束，请补上 %(end)s。"
CLOSED_ELSEWHERE = "开始和结束要在同一处：都在正文里单独成段，都在同一个表格里，或者都在同一段里。"
NESTED = "循环里不能再套循环。"
DEEP = "条件套得太深，最多%(most)s层。"
MANY = "占位符太多，最多%(most)s个。"
SHADOW = "“%(name)s”已经是占位符的名称，循环里请换一个字，例如“行”。"
ELSEWHERE = "有占位符写在了图片说明、域代码、尾注、批注或修订里，请移到正文，并接受全部修订。"
SECTION_BREAK = "这一段带有分节符，请把它移到前面单独的一段里。"
FORBIDDEN = "模板里有不能用的写法。"
BROKEN = "用它生成不出完整的文件，请检查占位符放的位置，或者从内置模板重新改起。"
TOO_LONG = "生成的文件太大，请减少重复列出的内容。"
