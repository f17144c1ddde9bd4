import re
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateModule
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # older stubs
from wtforms.validators import InputRequired

SYMBOL = Markup('<svg aria-label="{}"><use href="#i-{}"/></svg>')
TEMPLATES = Path(__file__).resolve().parents[3] / "crm" / "templates"


class VisitForm(Form):
    enterprise = StringField("企业", [InputRequired("写上走访的企业")], description="名称或简称")
    kind = RadioField("方式", choices=[SelectChoice("visit", "上门走访"), SelectChoice("call", "电话")])
    host = SelectField("接待人", choices=[SelectChoice("1", "沈立诚")])
    follow = BooleanField("三天后提醒我")


@pytest.fixture(scope="module")
def ui() -> TemplateModule:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
    )
    env.globals["_"] = str
    env.globals["csrf_token"] = lambda: "the-token"
    env.globals["sprite_icon"] = lambda name, label="": SYMBOL.format(label, name)
    env.globals["url_for"] = lambda endpoint, filename: f"/{endpoint}/{filename}"
    return env.get_template("ui.html").module


def refused() -> VisitForm:
    form = VisitForm(MultiDict({"kind": "visit", "host": "1"}))
    form.validate()
    return form


def test_a_faulty_field_is_marked_and_tied_to_its_message_and_hint(ui: ModuleType) -> None:
    html = ui.field(refused().enterprise)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="enterprise-error enterprise-hint"' in html
    assert re.search(r'id="enterprise-error".*写上走访的企业', html, re.DOTALL)
    assert 'id="enterprise-hint">名称或简称' in html


def test_a_good_field_says_nothing_of_errors(ui: ModuleType) -> None:
    html = ui.field(refused().host)
    assert "aria-invalid" not in html
    assert 'class="form-select"' in html


def test_choices_stand_in_a_fieldset_with_a_legend(ui: ModuleType) -> None:
    html = ui.field(refused().kind)
    assert "<legend>方式" in html
    assert html.count('type="radio"') == 2


def test_extra_attributes_reach_the_input(ui: ModuleType) -> None:
    assert 'placeholder="澄远"' in ui.field(refused().enterprise, placeholder="澄远")


def test_the_error_summary_links_to_each_faulty_field(ui: ModuleType) -> None:
    assert '<a href="#enterprise">企业：写上走访的企业</a>' in ui.form_errors(refused())


def test_a_form_without_errors_has_no_summary(ui: ModuleType) -> None:
    assert ui.form_errors(VisitForm()).strip() == ""


def test_text_from_people_is_escaped(ui: ModuleType) -> None:
    assert "<script>" not in ui.badge("<script>alert(1)</script>")
    assert "<script>" not in ui.toast("<script>alert(1)</script>")


def test_the_health_bar_fills_its_column_and_says_its_parts(ui: ModuleType) -> None:
    html = ui.health({"overdue": 1, "today": 0, "planned": 2, "none": 1})
    assert [float(w) for w in re.findall(r'width="([\d.]+)"', html)] == [25.0, 50.0, 25.0]
    assert 'aria-label="超期 1，已安排 2，未安排 1"' in html


def test_an_empty_column_has_an_empty_health_bar(ui: ModuleType) -> None:
    html = ui.health({})
    assert "<rect" not in html
    assert 'aria-label="没有项目"' in html


def test_a_meter_without_a_target_does_not_divide_by_nothing(ui: ModuleType) -> None:
    assert 'max="1"' in ui.meter(0, 0, "0/0")


def test_a_falling_figure_carries_another_icon_than_a_rising_one(ui: ModuleType) -> None:
    assert "#i-trending-down" in ui.tile("在谈总额", "186.4", delta="-2.1")
    assert "#i-trending-up" in ui.tile("在谈项目", "42", delta="+3")


def test_lateness_is_told_by_icon_and_word(ui: ModuleType) -> None:
    html = ui.due("overdue", "超期2天", "2025年11月17日")
    assert "#i-alert-circle" in html
    assert "超期2天" in html


def test_a_score_with_reasons_opens_them(ui: ModuleType) -> None:
    reasons = [SimpleNamespace(points="+24", text="民营500强第187位", href="/lists/1")]
    html = ui.score(86, "A", reasons, "11月19日")
    assert '<a href="/lists/1">民营500强第187位</a>' in html
    assert "截至 11月19日" in html


def test_undo_is_a_form_with_a_token(ui: ModuleType) -> None:
    html = ui.toast({"text": "已删除走访", "undo": "/visits/3/undo"}, "ok")
    assert 'action="/visits/3/undo"' in html
    assert 'value="the-token"' in html


def test_a_blocked_button_says_why(ui: ModuleType) -> None:
    html = ui.blocked_button("进入评审", ["缺少考察报告", "缺少决策人"], "why")
    assert 'aria-describedby="why"' in html
    assert "缺少考察报告；缺少决策人" in html


def test_a_missing_fact_is_shown_as_missing(ui: ModuleType) -> None:
    html = ui.facts([("员工", ""), ("专利", 0)])
    assert html.count("未填") == 1
    assert ">0<" in re.sub(r"\s", "", html)
