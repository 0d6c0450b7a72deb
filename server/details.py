"""What some pages need beyond their panels: trees, the source text, questions, rules, reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import abort, request

from kb import NotFound, SourceError
from kb.namespaces import BASE
from kb.query import Term
from kb.sources import read_text
from server import i18n, questions, rules
from server.catalogue import Target
from server.dumps import dump_names
from server.guard import GRAPHS_LISTED
from server.kept import kept
from server.limits import figures, limits_in_force
from server.page_view import PageView
from server.panels import Panel, group_rows
from server.reading import read_document, read_passages
from server.site import current_site
from server.sparql_request import MAX_ROWS
from server.trees import build_tree
from server.validation_report import find_report

Details = dict[str, object]
Panels = Mapping[str, Panel]


def details(target: Target, view: PageView, panels: Panels) -> tuple[Details, int]:
    """Return the further context of a page and its HTTP status."""
    found = _DETAILS.get(target.page.template)
    if found is None:
        return {}, 200
    more = found(target, view, panels)
    status = more.pop("status", 200)
    return more, status if isinstance(status, int) else 200


def _home(target: Target, view: PageView, panels: Panels) -> Details:
    counts = {row["class"].value: row["records"] for row in panels["home/counts"].rows}
    return {"counts": counts}


def _tree(panel: str, column: str) -> Callable[[Target, PageView, Panels], Details]:
    def tree(target: Target, view: PageView, panels: Panels) -> Details:
        def key(term: Term) -> tuple[str, str]:
            return i18n.collation_key(view.name(term).text)

        return {"tree": build_tree(panels[panel].rows, column, key)}

    return tree


def _document(target: Target, view: PageView, panels: Panels) -> Details:
    passages = read_passages(panels["document/passages"].rows)
    quoted = panels["document/quotations"].rows
    spans = [(int(row["start"].value), int(row["end"].value)) for row in quoted]
    try:
        text = read_text(current_site().layout, target.slug)
    except SourceError:
        return {"reading": None, "passages": passages}
    return {"reading": read_document(text, passages, spans), "passages": passages}


def _questions(target: Target, view: PageView, panels: Panels) -> Details:
    return {"gallery": questions.gallery()}


def _question(target: Target, view: PageView, panels: Panels) -> Details:
    try:
        query = questions.find_question(target.slug)
    except NotFound:
        abort(404)
    values = questions.given_values(query, request.args)
    engine = current_site().engine
    answer = questions.ask(engine, query, values)
    return {
        "query": query,
        "values": values,
        "choices": questions.choices(engine, query),
        "answer": answer,
        "status": 400 if answer.problem else 200,
    }


def _shapes(target: Target, view: PageView, panels: Panels) -> Details:
    layout, shapes = current_site().layout, current_site().shapes
    return {
        "constraints": kept("constraints", lambda: rules.constraints(shapes)),
        "checks": rules.checks(layout),
        "derivations": rules.derivations(layout),
    }


def _validation(target: Target, view: PageView, panels: Panels) -> Details:
    return {"report": find_report(current_site())}


def _data(target: Target, view: PageView, panels: Panels) -> Details:
    names = dump_names()
    dumps = [(name.split(".", 1)[1], name, f"{name}.gz" in names) for name in names]
    files = [entry for entry in dumps if not entry[1].endswith(".gz")]
    return {"dataset": current_site().dataset, "dumps": files}


def _limits(target: Target, view: PageView, panels: Panels) -> Details:
    settings = current_site().settings
    return {
        "limits": limits_in_force(settings),
        "figures": figures(settings, view.lang),
        "max_rows": MAX_ROWS,
        "base_iri": BASE,
        "graphs_listed": GRAPHS_LISTED,
        "seed": repr(settings),
    }


def _voc(target: Target, view: PageView, panels: Panels) -> Details:
    groups = group_rows(panels["record/uses"].rows, "property")
    return {"uses": groups}


_DETAILS: dict[str, Callable[[Target, PageView, Panels], Details]] = {
    "home": _home,
    "principles": _tree("principles/tree", "principle"),
    "themes": _tree("themes/tree", "theme"),
    "document": _document,
    "questions": _questions,
    "question": _question,
    "shapes": _shapes,
    "validation": _validation,
    "data": _data,
    "limits": _limits,
    "value": _voc,
}
