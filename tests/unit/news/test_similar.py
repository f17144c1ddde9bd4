"""Reprints are recognised, other stories are not."""

import numpy as np
import pytest

from crm.news.similar import (
    BANDS,
    PERMUTATIONS,
    SKETCH,
    bands,
    both,
    containment,
    exact_hash,
    from_bytes,
    jaccard,
    normalise,
    resemblance,
    signature,
    sketch,
    to_bytes,
)

STORY = (
    "本报讯 3月7日，晟澜半导体临江二期项目在临江高新区正式开工。项目总投资三十二亿元，占地一百八十亩，"
    "主要建设碳化硅外延片和功率模块生产线。"
    "晟澜半导体董事长表示，二期项目预计明年第三季度试生产，"
    "达产后年产值可达四十五亿元，新增就业岗位一千二百个。"
)
REPRINT = "【转载】" + STORY.replace("，", ",").replace("本报讯 ", "") + "（来源：临江日报 责任编辑：周岸）"
OTHER = (
    "禾砺机器人日前宣布在华东地区新建谐波减速器产能，首期投资八亿元，厂址将在三个候选城市中产生，"
    "最迟六月确定，公司称优先考虑供应链配套与人才供给。"
)


def test_punctuation_width_and_case_do_not_change_the_exact_hash() -> None:
    assert exact_hash("ＳｉＣ 项目，开工！") == exact_hash("sic项目开工")
    assert exact_hash("sic项目开工") != exact_hash("sic项目停工")


def test_a_reprint_is_similar_and_another_story_is_not() -> None:
    assert jaccard(signature(STORY), signature(REPRINT)) > 0.7
    assert jaccard(signature(STORY), signature(OTHER)) < 0.1


def test_a_reprint_meets_its_original_in_a_band() -> None:
    assert set(bands(signature(STORY))) & set(bands(signature(REPRINT)))
    assert not set(bands(signature(STORY))) & set(bands(signature(OTHER)))


def test_a_signature_is_the_same_in_every_process_and_fits_a_signed_column() -> None:
    sig = signature("临江高新区")
    assert (sig.shape, sig.dtype, int(sig.sum(dtype=np.uint64))) == ((PERMUTATIONS,), np.dtype(np.uint32), 279804087840)
    assert len(bands(sig)) == BANDS
    assert all(0 <= key < 2**63 for key in bands(sig))


def test_the_estimate_is_near_the_true_similarity() -> None:
    first, second = normalise(STORY), normalise(STORY + OTHER)
    grams = [{text[i : i + 5] for i in range(len(text) - 4)} for text in (first, second)]
    true = len(grams[0] & grams[1]) / len(grams[0] | grams[1])
    assert jaccard(signature(STORY), signature(STORY + OTHER)) == pytest.approx(true, abs=0.15)


def test_a_signature_survives_storage() -> None:
    sig = signature(STORY)
    assert np.array_equal(from_bytes(to_bytes(sig)), sig)
    with pytest.raises(ValueError, match="512 bytes"):
        from_bytes(b"short")


def test_sketches_give_the_similarity_exactly() -> None:
    first, second = normalise(STORY), normalise(STORY + OTHER)
    grams = [{text[i : i + 5] for i in range(len(text) - 4)} for text in (first, second)]
    true = len(grams[0] & grams[1]) / len(grams[0] | grams[1])
    assert resemblance(sketch(STORY), sketch(STORY + OTHER)) == pytest.approx(true)
    assert containment(sketch(STORY), sketch(OTHER + STORY)) > 0.99
    assert containment(sketch(STORY + OTHER), sketch(STORY)) < 0.7
    assert resemblance(sketch(""), sketch(STORY)) == containment(sketch(""), sketch(STORY)) == 0


def test_very_long_texts_are_compared_by_a_sample() -> None:
    words = [f"{chr(0x4E00 + number)}家企业投{chr(0x7E00 - number)}万元。" for number in range(2000)]
    whole, half = "".join(words), "".join(words[:1000])
    assert sketch(whole).size == SKETCH
    assert resemblance(sketch(whole), sketch(whole + "完")) > 0.98
    assert containment(sketch(half), sketch(whole)) > 0.95
    assert resemblance(sketch(half), sketch(whole)) < 0.75


def test_both_is_signature_and_sketch() -> None:
    sig, drawn = both(STORY)
    assert np.array_equal(sig, signature(STORY))
    assert np.array_equal(drawn, sketch(STORY))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ｓｉ Ｃ㎡！", "sicm2"),
        ("e\u0301té №5", "éténo5"),
        ("ＯＤΟΣ", "odος"),
        ("\U000e0100中", "中"),
    ],
)
def test_letters_are_folded_alike_one_by_one_and_together(text: str, folded: str) -> None:
    assert normalise(text) == folded


@pytest.mark.parametrize("text", ["", "！", "短", "\ud800", "𠮷" * 5, "a" * 100_000])
def test_odd_texts_have_a_signature(text: str) -> None:
    assert signature(text).shape == (PERMUTATIONS,)
    assert resemblance(sketch(text), sketch(text)) == (1 if normalise(text) else 0)
