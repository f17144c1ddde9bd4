"""Lines of carriers on their way into the register: parks first, then what lies in them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from crm.core.text import fold
from crm.imports import units
from crm.imports.carriers.fields import HEADS
from crm.imports.models import RowAction
from crm.imports.sheets.cells import LONGEST, SHORT, Cells
from crm.imports.sheets.contract import Plan, is_bad, refused
from crm.imports.sheets.units import NO_OWNER, UNIT, Units, may
from crm.resources.carriers import history, services
from crm.resources.carriers.models import Carrier
from crm.resources.carriers.rules import (
    BASIS_LABELS,
    KIND_LABELS,
    LAND,
    NUMBERS,
    USE_LABELS,
    CarrierDraft,
    CarrierKind,
    carrier_problems,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from crm.imports.columns import Mapping as Columns
    from crm.imports.reading import Row
    from crm.imports.sheets.contract import Final, Hand

NO_CODE = "请填写编号：没有编号认不出是哪一处载体。"
NO_KIND = "新增的载体要写明类别：园区、地块、标准厂房 或 楼宇楼层。"
NO_AREA = "新增的载体要填面积。"
TWICE = "与第 %(line)s 行是同一个编号，请合并成一行。"
NO_PARK = "没有“%(value)s”这个园区，请写园区的编号或名称。"
PARKS = "叫“%(value)s”的园区不止一个，请写编号。"
SQUARE_METRES = "厂房和楼层的面积按平方米填，不要写%(unit)s。"
BUILT = {"": Decimal(1), "平方米": Decimal(1), "万平方米": Decimal(10_000)}


@dataclass(frozen=True, slots=True)
class Taken:
    """A line as it is written: the carrier it changes, if any, and the draft."""

    carrier: Carrier | None
    draft: CarrierDraft


class CarrierTaker:
    """Takes lines of carriers."""

    turns = 2
    finals: tuple[Final, ...] = ()

    def __init__(self, columns: Columns, hand: Hand) -> None:
        """Begin with an empty file."""
        self._columns, self._hand, self._units = columns, hand, Units(hand)
        self._first: dict[str, int] = {}
        self._parks_in_file: set[str] = set()
        self._known: dict[str, Carrier] = {}
        self._parks: dict[str, set[int]] = {}

    def place(self, name: str) -> int | None:
        """In which column the field of a problem stands."""
        return self._columns.first(HEADS.get(name, name))

    def turn(self, cells: Row) -> int:
        """Parks go first."""
        return int(Cells(self._columns, cells).choice("kind", KIND_LABELS) is not CarrierKind.PARK)

    def note(self, number: int, cells: Row) -> None:
        """Remember which codes and parks the file has."""
        code = self._columns.value(cells, "code").strip()
        if code:
            self._first.setdefault(code, number)
        if code and self.turn(cells) == 0:
            self._parks_in_file |= {fold(code), fold(self._columns.value(cells, "name"))}

    def load(self, session: Session, lines: Sequence[Row]) -> None:
        """Read the carriers of these codes, and the parks they lie in."""
        codes = {self._columns.value(row, "code").strip() for row in lines}
        self._known = {one.code: one for one in session.scalars(select(Carrier).where(Carrier.code.in_(codes)))}
        named = {self._columns.value(row, "park").strip() for row in lines} - {""}
        self._parks = {}
        if named:
            statement = select(Carrier.id, Carrier.code, Carrier.folded_name).where(
                Carrier.kind == CarrierKind.PARK,
                or_(Carrier.code.in_(named), Carrier.folded_name.in_({fold(one)[:200] for one in named})),
            )
            for key, code, name in session.execute(statement):
                self._parks.setdefault(fold(code), set()).add(key)
                self._parks.setdefault(name, set()).add(key)

    def plan(self, session: Session, number: int, cells: Row) -> Plan:
        """Say what a line would do."""
        read = Cells(self._columns, cells)
        code = read.text("code", SHORT) or ""
        row = self._known.get(code)
        unit_id = self._units.of(session, read)
        draft = self._draft(read, code, row, unit_id or self._hand.unit_id)
        first = self._first.setdefault(code, number)
        if not code:
            read.bad("code", NO_CODE)
        elif first != number:
            read.bad("code", TWICE, line=first)
        if row is None and not draft.unit_id:
            read.missing(UNIT, NO_OWNER)
        elif not read.has(UNIT) and not may(self._hand, row.unit_id if row else draft.unit_id):
            read.bad("code" if row else UNIT, services.FORBIDDEN.message)
        if not is_bad(read.problems):
            park = CarrierKind.PARK if draft.parent_id is not None else None
            read.against(carrier_problems(draft, park), HEADS)
        if is_bad(read.problems):
            return refused(read.problems)
        action = RowAction.CREATE if row is None else RowAction.UPDATE
        if row is not None and draft == history.draft_of(row) and not self._waits_for_park(read):
            action = RowAction.SAME
        page = row.id if row else None
        return Plan(action, page, read.problems, Taken(row, draft)).within(self._hand.mode)

    def _draft(self, read: Cells, code: str, row: Carrier | None, unit_id: int | None) -> CarrierDraft:
        """A carrier as a line says it; what is blank leaves what is stored."""
        kind = read.choice("kind", KIND_LABELS) or (row.kind if row else None)
        if kind is None:
            read.missing("kind", NO_KIND)
        area = self._area(read, kind)
        if area is None and row is None and not is_bad(read.problems):
            read.bad("area", NO_AREA)
        said: dict[str, Any] = {
            "kind": kind,
            "name": read.text("name"),
            "area": area,
            "parent_id": self._park(read),
            "address": read.text("address"),
            "use": read.choice("use", USE_LABELS),
            "price": read.number("price"),
            "basis": read.choice("basis", BASIS_LABELS),
            "industries": read.words("industries"),
            "barred": read.words("barred"),
            "listed_from": read.day("listed_from"),
            "facilities": read.text("facilities", LONGEST),
            "note": read.text("note", LONGEST),
            **{name: read.number(name) for name in (*NUMBERS, "longitude", "latitude")},
        }
        said = {name: value for name, value in said.items() if value is not None}
        if row is not None:
            return history.draft_of(row, **said)
        blank = {"kind": CarrierKind.PLOT, "name": "", "area": Decimal(1), "listed_from": self._hand.today}
        return CarrierDraft(**{**blank, "code": code, "unit_id": unit_id or 0, **said})

    def _area(self, read: Cells, kind: CarrierKind | None) -> Decimal | None:
        """Read an area in the measure of its kind: 亩 of land, 平方米 of buildings."""
        text, unit = self._columns.value(read.row, "area"), self._columns.unit("area")
        if not text or kind is None:
            return None
        if kind in LAND:
            try:
                return units.mu(text, unit)
            except units.AmountError as error:
                read.bad("area", error.message, **error.params)
                return None
        return _built(read, text, unit)

    def _park(self, read: Cells) -> int | None:
        name = read.text("park")
        if name is None:
            return None
        found = self._parks.get(fold(name), set())
        if len(found) > 1:
            read.bad("park", PARKS, value=name)
        elif not found and fold(name) not in self._parks_in_file:
            read.bad("park", NO_PARK, value=name)
        return next(iter(found)) if len(found) == 1 else None

    def _waits_for_park(self, read: Cells) -> bool:
        """Whether a line names a park that only this file brings."""
        return bool(self._columns.value(read.row, "park")) and self._park(read) is None

    def write(self, session: Session, plan: Plan) -> int:
        """Add a carrier or change it."""
        taken: Taken = plan.data
        hand = self._hand
        row = services.save(
            session,
            hand.actor,
            taken.draft,
            now=hand.now,
            today=hand.today,
            carrier_id=taken.carrier.id if taken.carrier else None,
            door=hand.door,
        )
        return row.id


def _built(read: Cells, text: str, unit: str) -> Decimal | None:
    """Read an area of a building in 平方米."""
    said = units.built(text, unit)
    if said is None:
        read.bad("area", units.BAD_LAND, value=text[:40])
        return None
    number, name = said
    if name not in BUILT:
        read.bad("area", SQUARE_METRES, unit=name)
        return None
    return number * BUILT[name]
