"""What the templates of an import are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for

from crm.auth.identity import current_actor
from crm.enterprises import queries as enterprises
from crm.enterprises.lists import identify
from crm.imports import kinds, lines, rules, runs, shown
from crm.web import db
from crm.web.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue

    from crm.imports.models import ImportRow, ImportRun


def kind_tabs(current: kinds.Kind) -> list[dict[str, Any]]:
    """What else this person may import."""
    return [
        {"href": url_for("imports.index", kind=one.key), "label": tr(one.label), "current": one is current}
        for one in kinds.allowed(current_actor())
    ]


def only() -> str:
    """Which rows the address asks for; the faulty ones first."""
    asked = request.args.get("only", "")
    return asked if asked in shown.PLANNED else ""


def tally(run: ImportRun) -> dict[str, int]:
    """Rows by what became of them, or is to become; what was cleaned away is known by its number."""
    if run.options.get("cleaned"):
        return shown.tally(run.counts)
    stopped = rules.state_of(run.state) in {rules.CANCELLED, rules.FAILED}
    return shown.tally(lines.tallies(db.session(), run.id, applied=stopped and bool(run.position)))


def state(run: ImportRun) -> dict[str, Any]:
    """Where a run stands."""
    now = rules.state_of(run.state)
    busy = now in rules.BUSY
    found = tally(run) if run.options.get("checked", True) and not busy else shown.tally({})
    labels = shown.BECAME if now in shown.WRITTEN else shown.PLANNED
    kind = kinds.kind_of(run)
    return {
        "run": run,
        "kind": kind,
        "now": now,
        "busy": busy,
        "stalled": busy and runs.is_stalled(db.session(), run),
        "progress": _progress(run),
        "problem": _problem(run),
        "tally": found,
        "tabs": _tabs(run, found, labels),
        "tiles": _tiles(run, found),
        "kept": _kept(run),
        "list_href": _list_href(run) if now == rules.DONE else "",
        "people": lines.new_contacts(db.session(), run.id) if now == rules.DONE and kind.sheet is None else 0,
        "has_errors": bool(found["refuse"] or found["queue"] or found["skip"]),
        "state_labels": shown.STATE_LABELS,
        "action_labels": labels,
    }


def _progress(run: ImportRun) -> tuple[int, int] | None:
    total = int(run.counts.get("total") or run.counts.get("rows") or 0)
    done = run.counts.get("done")
    return (min(int(done), total), total) if done is not None and total else None


def _problem(run: ImportRun) -> str:
    message = run.options.get("problem")
    return shown.words({"message": message, "params": run.options.get("problem_params")}) if message else ""


def _tabs(run: ImportRun, found: dict[str, int], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    current = only() or _first(found)
    return [
        {
            "href": url_for("imports.show", run_id=run.id, only=key),
            "label": tr(label),
            "count": found[key],
            "current": key == current,
        }
        for key, label in labels.items()
    ]


def _first(found: dict[str, int]) -> str:
    """The tab to open with: what asks for a person, else what will happen."""
    return next((key for key in shown.PLANNED if found[key]), shown.PROBLEMS)


def _tiles(run: ImportRun, found: dict[str, int]) -> list[dict[str, Any]]:
    looks = {
        "create": ("行" if kinds.kind_of(run).sheet else "家", "green"),
        "update": ("行" if kinds.kind_of(run).sheet else "家", ""),
        "same": ("行", ""),
        "queue": ("行", "amber"),
        "refuse": ("行", "amber"),
        "skip": ("行", ""),
    }
    return [
        {
            "label": tr(shown.BECAME[key]),
            "count": found[key],
            "unit": tr(unit),
            "tone": tone if found[key] else "",
            "href": url_for("imports.show", run_id=run.id, only=key) + "#rows" if found[key] else "",
        }
        for key, (unit, tone) in looks.items()
    ]


def _list_href(run: ImportRun) -> str:
    """Where the edition of a list stands that a run wrote; blank for a ledger."""
    name, year = run.options.get("list"), run.options.get("year")
    if not name or not year or not run.options.get("listed"):
        return ""
    key = identify(name).key
    found = next((one.id for one in enterprises.lists(db.session()) if one.key == key), None)
    return f"/lists/{found}?year={year}" if found else ""


def _kept(run: ImportRun) -> list[tuple[str, str, str]]:
    kind = kinds.kind_of(run)
    return [(kind.href(one.get("id")), one.get("name") or "", shown.kept(one)) for one in run.options.get("kept") or ()]


def run(found: ImportRun) -> ResponseReturnValue:
    """The page of a run after its columns were settled."""
    context = state(found)
    current = only() or _first(context["tally"])
    columns = shown.heads(found)
    grid = not context["busy"] and any(context["tally"].values())
    page = lines.rows(db.session(), found.id, current, request.args.get("cursor")) if grid else None
    return render_template(
        "imports/run.html",
        **context,
        title=shown.title(found),
        grid=grid,
        page=page,
        columns=columns,
        lines=_lines(found, page.rows) if page else [],
        only=current,
        shown_total=context["tally"][current],
    )


def row(found: ImportRun, one: ImportRow) -> dict[str, Any]:
    """One row of a run."""
    labels = shown.BECAME if rules.state_of(found.state) in shown.WRITTEN else shown.PLANNED
    return {
        "run": found,
        "kind": kinds.kind_of(found),
        "line": _lines(found, [one])[0],
        "only": only(),
        "longest": shown.LONGEST,
        "action_labels": labels,
    }


def _lines(found: ImportRun, rows: Sequence[ImportRow]) -> list[shown.Line]:
    columns = shown.heads(found)
    places = enterprises.places(db.session(), sorted(shown.candidate_ids(rows)))
    return [shown.line(found, row, columns, places) for row in rows]
