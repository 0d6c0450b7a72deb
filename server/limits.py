"""The limits in force: what each one is, its value on this server, which refusal tells of it.

No vocabulary has terms for them: they are named `https://w3id.org/digital-rights-charter/limit/…`,
properties of the service that its description states and the help page explains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox
from flask import Blueprint, Response, make_response, redirect, request

from kb.descriptions import Facts
from kb.namespaces import BASE, PREFIXES
from server.front.crew import LaneLimits
from server.front.hands import IN_MEMORY_BYTES
from server.front.lanes import FAST_SECONDS
from server.headers import MAX_AGE_S
from server.i18n import LANGUAGES, number, strings, translate
from server.negotiate import language, rdf_types, wants_html
from server.problem_details import ProblemType, problem_types
from server.refusal import Refusal
from server.settings import Settings

blueprint = Blueprint("limits", __name__)

Unit = Literal["seconds", "bytes", "count"]
_SCALE = (("gib", 1024**3), ("mib", 1024**2), ("kib", 1024))
_SPACES = str.maketrans("\u00a0\u202f", "  ")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit: its name, its value, what that counts, and the problem that tells it was reached."""

    name: str
    value: float
    unit: Unit
    problem: str

    @property
    def iri(self) -> str:
        """The property by which the service description states it."""
        return f"{BASE}limit/{self.name}"

    @property
    def kind(self) -> ProblemType:
        """The type of the problem documents that tell of it."""
        return problem_types()[self.problem]

    def written(self, lang: str) -> str:
        """Return the value as a reader expects it, with its unit."""
        if self.unit == "count":
            return number(int(self.value), lang)
        if self.unit == "seconds":
            return _measure("s", _decimal(self.value, lang), lang)
        for name, size in _SCALE:
            if self.value >= size and self.value % size == 0:
                return _measure(name, number(int(self.value) // size, lang), lang)
        return _measure("b", number(int(self.value), lang), lang)

    def term(self) -> ox.Literal:
        """Return the value as RDF: seconds may be fractions, all else is counted."""
        if self.unit == "seconds":
            written = f"{self.value:f}".rstrip("0").rstrip(".")
            return ox.Literal(written, datatype=ox.NamedNode(PREFIXES["xsd"] + "decimal"))
        return ox.Literal(int(self.value))


def limits_in_force(settings: Settings) -> list[Limit]:
    """Return every limit that a query can meet, those it meets most often first."""
    lanes = LaneLimits(
        settings.fast, settings.slow, settings.max_queries, settings.max_client_queries
    )
    return [
        Limit("time", settings.time_limit, "seconds", "time-limit"),
        Limit("result-size", settings.max_result, "bytes", "result-too-large"),
        Limit("page-size", IN_MEMORY_BYTES, "bytes", "page-too-large"),
        Limit("memory", settings.memory_limit, "bytes", "memory-limit"),
        Limit("query-size", settings.max_query, "bytes", "query-too-large"),
        Limit("request-size", settings.max_body, "bytes", "body-too-large"),
        Limit("depth", settings.max_depth, "count", "too-deep"),
        Limit("client-queries", lanes.per_client, "count", "too-many-queries"),
        Limit("client-long-queries", lanes.slow, "count", "one-long-query"),
        Limit("queries", lanes.queries, "count", "server-busy"),
        Limit("long-queries", lanes.slow + lanes.slow_waiting, "count", "slow-lane-full"),
    ]


def figures(settings: Settings, lang: str) -> dict[str, str]:
    """Return the other figures that the help page tells, as the language writes them."""
    return {
        "fast": _decimal(FAST_SECONDS, lang),
        "slow": number(settings.slow, lang),
        "kept": number(MAX_AGE_S // 60, lang),
        "time": _decimal(settings.time_limit, lang),
    }


def state_limits(facts: Facts, service: str, root: str, settings: Settings) -> None:
    """Add to the description of a service its limits, what they mean, where that is explained."""
    pages = [f"{root}{lang}/limits" for lang in LANGUAGES]
    for page in pages:
        facts.link(service, "rdfs:seeAlso", page)
    for limit in limits_in_force(settings):
        facts.value(service, limit.iri, limit.term())
        facts.link(limit.iri, "rdf:type", PREFIXES["owl"] + "DatatypeProperty")
        for lang, page in zip(LANGUAGES, pages, strict=True):
            for name, key in (("rdfs:label", "name"), ("rdfs:comment", "meaning")):
                text = strings(lang)[f"limits.{limit.name}.{key}"].translate(_SPACES)
                facts.value(limit.iri, name, ox.Literal(text, language=lang))
            facts.link(limit.iri, "rdfs:seeAlso", f"{page}#{limit.name}")


@blueprint.get("/limit/<name>")
def limit_term(name: str) -> Response:
    """Lead from the name of a limit to what tells of it: the help page, or the description."""
    if name not in {limit.name for limit in limits_in_force(Settings())}:
        raise Refusal("not-found", name=f"/limit/{name}")
    page = f"{request.script_root}/{language(request)}/limits#{name}"
    about = page if wants_html(request, rdf_types()) else f"{request.script_root}/sparql"
    response = make_response(redirect(about, 303))
    response.vary.update(("Accept", "Accept-Language"))
    return response


@blueprint.app_context_processor
def limit_context() -> dict[str, object]:
    """Give templates what leads from a problem to the limit that it tells of."""
    return {"limit_of": limit_of}


def limit_of(problem: str) -> str:
    """Return the name of the limit that a problem type tells of, by its IRI; empty when of none."""
    found = (each.name for each in limits_in_force(Settings()) if each.kind.iri == problem)
    return next(found, "")


def _measure(unit: str, written: str, lang: str) -> str:
    """Return a number with its unit, never parted at the end of a line."""
    return str(translate(lang, f"limits.unit.{unit}", value=written)).replace(" ", "\u00a0")


def _decimal(value: float, lang: str) -> str:
    """Return seconds as the language writes them, no more places than it takes."""
    return f"{value:g}".replace(".", "," if lang == "fr" else ".")
