"""Is this file a template we can use? What is wrong with it, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import TemplateSyntaxError, nodes

from crm.word.template import faults
from crm.word.template.faults import WHOLE, Fault, Spot
from crm.word.template.grammar import MOST_FAULTS, MOST_TAGS, OF_LOOP, TAG, Reader
from crm.word.template.opening import XML, TemplateUnfitError, open_template
from crm.word.template.rendering import TemplateFailedError, environment, fill, patched
from crm.word.template.scanning import hidden, lines, rendered_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from crm.word.package import Properties
    from crm.word.template.places import Catalogue

ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.For, nodes.If, nodes.Not,
    nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Const,
)  # fmt: skip


def check(
    data: bytes, catalogue: Catalogue, samples: Iterable[Mapping[str, Any]], properties: Properties
) -> list[Fault]:
    """Return what is wrong: with the file, with its placeholders, or with what comes out for the samples."""
    try:
        parts = open_template(data)
        found = _placeholders(parts, catalogue)
        if not found:
            for values in samples:
                fill(data, values, properties)
    except TemplateUnfitError as error:
        return [Fault(WHOLE, "", str(error), error.params)]
    except TemplateFailedError as error:
        return [Fault(WHOLE, "", str(error))]
    return found[:MOST_FAULTS]


def _placeholders(parts: Mapping[str, bytes], catalogue: Catalogue) -> list[Fault]:
    roles = rendered_parts(parts)
    reader = Reader(catalogue)
    for name, role in roles.items():
        if reader.full:
            break
        before, wrong = reader.tags, len(reader.found)
        reader.read(lines(parts[name], role))
        if reader.tags <= MOST_TAGS and len(reader.found) == wrong:
            reader.found += _source(parts[name], reader.tags - before, catalogue, role)
    if reader.tags > MOST_TAGS:
        reader.found.append(Fault(WHOLE, "", faults.MANY, {"most": MOST_TAGS}))
    strange = (name for name, data in parts.items() if name not in roles and name.endswith(XML) and _braces(data))
    return [*reader.found, *(Fault(WHOLE, name, faults.ELSEWHERE) for name in strange)]


def _braces(data: bytes) -> bool:
    return b"{{" in data or b"{%" in data or b"{#" in data


def _source(data: bytes, tags: int, catalogue: Catalogue, role: str) -> list[Fault]:
    """Look at what Jinja will really read: nothing that the lines did not show, and only what is allowed."""
    spot = Spot(role) if role else WHOLE
    if hidden(data):
        return [Fault(spot, "", faults.ELSEWHERE)]
    source = patched(data)
    if len(TAG.findall(source)) != tags:
        return [Fault(spot, "", faults.ELSEWHERE)]
    try:
        tree = environment().parse(source)
    except TemplateSyntaxError:
        return [Fault(spot, "", faults.BROKEN)]
    below = {name for place in catalogue.values() for name in place.below} | set(OF_LOOP)
    for node in tree.find_all(nodes.Node):
        strange = not isinstance(node, ALLOWED) or (isinstance(node, nodes.Getattr) and node.attr not in below)
        if strange or (isinstance(node, nodes.For) and (node.recursive or node.test or node.else_)):
            return [Fault(spot, "", faults.FORBIDDEN)]
        if isinstance(node, nodes.For) and node.find(nodes.For) is not None:
            return [Fault(spot, "", faults.NESTED)]
    return []
