from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from crm.web import i18n

if TYPE_CHECKING:
    from flask import Flask


def test_words_are_escaped_and_a_percent_sign_means_itself(app: Flask) -> None:
    with app.test_request_context("/"):
        assert i18n.translate("<b>%") == Markup("&lt;b&gt;%")
        assert i18n.translate("100%%") == Markup("100%")
        assert i18n.translate("“%(name)s”", name="<i>") == Markup("“&lt;i&gt;”")


def test_each_request_speaks_its_own_language(app: Flask) -> None:
    for language, expected in (("zh", "企业"), ("en", "Companies"), ("zh", "企业")):
        with app.test_request_context("/", headers={"Cookie": f"locale={language}"}):
            assert i18n.ptr("栏目", "企业") == expected
            assert str(i18n.translate_in("栏目", "企业")) == expected


def test_outside_of_a_request_the_words_stay_as_they_are() -> None:
    assert i18n.tr("已保存%(what)s。", what="！") == "已保存！。"
