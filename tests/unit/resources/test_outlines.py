"""What an outline must be, and which outline of a file is which carrier."""

from __future__ import annotations

import json

import pytest

from crm.core.errors import DomainError
from crm.resources.carriers.geometry import MOST_POINTS, middle, outline_of, points
from crm.resources.sheets.rules import Fate, Feature, Known, features_of, match

RING = [[117, 30], [117.01, 30, 55.5], [117.0100004, 30.01], [117, 30]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}
F = Fate


def typed(**changes: object) -> str:
    return json.dumps({**SQUARE, **changes})


def ring(*positions: object) -> str:
    return typed(coordinates=[list(positions)])


def test_an_outline_is_kept_rounded_and_without_anything_else() -> None:
    feature = json.dumps({"type": "Feature", "properties": {"a": 1}, "geometry": {**SQUARE, "bbox": [1]}})
    for text in (typed(), feature):
        found = outline_of(text)
        assert found == {
            "type": "Polygon",
            "coordinates": [[(117.0, 30.0), (117.01, 30.0), (117.01, 30.01), (117.0, 30.0)]],
        }
        assert middle(found) == (117.005, 30.005)
    assert points(outline_of(typed(type="MultiPolygon", coordinates=[[RING], [RING]]))) == 8
    assert outline_of(" \n") is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{", "json"),
        ("[1]", "json"),
        ('{"type":"Polygon","coordinates":[[[NaN,1]]]}', "json"),
        ("[" * 90_000, "json"),
        (typed(type="Point", coordinates=[117, 30]), "kind"),
        ('{"type":"Feature"}', "kind"),
        (typed(coordinates=[]), "shape"),
        (typed(coordinates=[[1, 2, 3, 4]]), "shape"),
        (ring(*RING[:3], [True, 1]), "shape"),
        (ring(*RING[:3], ["117", 30]), "shape"),
        (ring([30, 117], *RING[1:]), "range"),
        (ring([1e999, 1]), "json"),
        (ring(*RING[:3]), "ring"),
        (ring(*RING[:3], [117, 31]), "ring"),
        (ring(RING[0], RING[1], RING[0], RING[0]), "ring"),
        (ring(*[RING[0], RING[1], RING[2]] * 700, RING[0]), "many"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_its_reason(text: str, key: str) -> None:
    with pytest.raises(DomainError) as caught:
        outline_of(text)
    assert caught.value.problems[0].key == f"outline.{key}"


def collection(*features: object, **more: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode("utf-8-sig")


def feature(**properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": SQUARE}


def test_a_file_gives_its_areas_and_says_what_it_left_out() -> None:
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    found, left_out = features_of(collection(feature(名称=" 东区\n1号 ", code=7), point, None, {"geometry": None}))
    assert ([(one.name, one.code) for one in found], left_out) == ([("东区 1号", "7")], 3)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "file"),
        (b"x" * (2 * 1024 * 1024 + 1), "large"),
        (b"\xff\xfe", "json"),
        (b"[]", "json"),
        (collection(), "empty"),
        (collection(*[{}] * 501), "many"),
        (collection({"geometry": {"type": "Polygon", "coordinates": [[1]]}}), "feature"),
        (
            collection(*[{"geometry": {"type": "MultiPolygon", "coordinates": [[RING]] * (MOST_POINTS // 4)}}] * 11),
            "points",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_reason(content: bytes, key: str) -> None:
    with pytest.raises(DomainError) as caught:
        features_of(content)
    assert caught.value.problems[0].key == f"sheet.{key}"


def test_an_outline_is_a_carrier_by_its_code_else_by_a_name_only_one_has() -> None:
    known = [
        Known(1, "DQ-1", "东区1号", kept=True, drawn=False),
        Known(2, "DQ-2", "东区2号", kept=True, drawn=True),
        Known(3, "NQ-1", "南区", kept=False, drawn=False),
        Known(4, "A", "同名", kept=True, drawn=False),
        Known(5, "B", "同名", kept=True, drawn=False),
    ]
    called = (("东区2号", "dq-1"), ("东区2号", ""), ("东区1号", ""), ("南区", ""), ("同名", ""), ("", ""))
    features = [Feature(name, code, SQUARE) for name, code in called]
    found = match(features, known, whole=True)
    assert [one.carrier and one.carrier.id for one in found] == [1, 2, 1, 3, None, None]
    assert [one.fate for one in found] == [F.NEW, F.REPLACE, F.TWICE, F.FOREIGN, F.BASE, F.BASE]
    assert [one.fate for one in match(features, known, whole=False)][4:] == [F.LEFT, F.LEFT]
