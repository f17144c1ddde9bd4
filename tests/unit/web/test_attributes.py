from __future__ import annotations

import pytest
from markupsafe import Markup
from wtforms.widgets import html_params

from crm.web.forms import attributes


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"class_": "form-control is-invalid", "id": "q", "maxlength": 200},
        {"aria_describedby": "a b", "data_draft": 7, "aria-invalid": "true"},
        {"required": True, "readonly": False, "value": ""},
        {"value": "\"><script>alert('x')</script>&", "placeholder": Markup("三 &amp; 四")},
    ],
)
def test_attributes_are_written_as_the_library_writes_them(given: dict[str, object]) -> None:
    assert attributes(**given) == html_params(**given)
