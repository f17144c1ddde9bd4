from __future__ import annotations

import pytest

from crm.pipeline.confidential.rules import code_name_problems

NAMES = ("年产5万吨电解液项目", "云岭新材有限公司")


def test_a_name_that_tells_nothing_is_taken() -> None:
    assert code_name_problems("青竹", NAMES) == []


@pytest.mark.parametrize("code", ["", " 青 ", "竹" * 41])
def test_a_code_name_has_two_to_forty_characters(code: str) -> None:
    assert [problem.key for problem in code_name_problems(code, NAMES)] == ["code_name.length"]


@pytest.mark.parametrize("code", ["云岭", "电解液", "年产5万吨电解液项目二期", "云岭新材有限公司"])
def test_a_code_name_does_not_tell_what_it_hides(code: str) -> None:
    assert [problem.key for problem in code_name_problems(code, NAMES)] == ["code_name.telling"]
