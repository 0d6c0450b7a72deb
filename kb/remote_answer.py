"""The answer of an engine elsewhere: read whole or refused, and put into the format asked for.

Engines that give up midway have sent “200 OK” already. What they sent is then no document, or one
with an end of their own: nothing here passes for an answer unless it is one from end to end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from http.client import HTTPResponse
from typing import IO, cast

import pyoxigraph as ox

from kb.engine import Format, Kind, Row
from kb.errors import EngineError, KbError
from kb.namespaces import PREFIXES
from kb.query import Term
from kb.remote_faults import EngineTimeout
from kb.whole_body import WholeBody

ACCEPT: dict[Kind, str] = {
    "bindings": "application/sparql-results+json, application/sparql-results+xml;q=0.5",
    "boolean": "application/sparql-results+json, application/sparql-results+xml;q=0.5",
    "graph": "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5",
}
"""What we ask engines for. Not CSV, which does not show where it was cut nor what a term is."""

_RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
}
RDF_FORMATS = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
_XML_END = re.compile(rb"</(?:\w+:)?sparql>\s*\Z")


class RemoteAnswer:
    """An answer that is about to be read, once."""

    def __init__(self, kind: Kind, response: HTTPResponse, url: str, deadline: float) -> None:
        self._kind = kind
        self._url = url
        self._media_type = response.headers.get_content_type()
        known = RDF_FORMATS if kind == "graph" else _RESULTS
        if self._media_type not in known:
            raise EngineError(
                f"{url} answers with {self._media_type}, which is no result of a query: "
                "check that it is the address of a SPARQL endpoint"
            )
        self._body = WholeBody(response, url, deadline)
        self.triples_read = 0
        # All that pyoxigraph asks of a stream is `read`.
        self._stream = cast(IO[bytes], self._body)

    def write(self, output: IO[bytes], chosen: Format) -> None:
        """Write the answer in a format; EngineError when it turns out not to be whole."""
        try:
            if self._kind == "graph":
                quads = ox.parse(input=self._stream, format=RDF_FORMATS[self._media_type])
                triples = (quad.triple for quad in self._counted(quads))
                ox.serialize(triples, output, format=chosen.rdf, prefixes=PREFIXES)
            else:
                self.results().serialize(output, format=chosen.results)
            self._finish()
        except (SyntaxError, ValueError) as error:
            raise self._broken(error) from error

    def results(self) -> ox.QuerySolutions | ox.QueryBoolean:
        """Return the solutions or the boolean; EngineError when it is no such document."""
        results_format = _RESULTS[self._media_type]
        try:
            if self._kind == "boolean":
                # The parser is content as soon as it has seen the value.
                body = self._body.rest()
                if results_format == ox.QueryResultsFormat.JSON:
                    json.loads(body)
                found = ox.parse_query_results(input=body, format=results_format)
            else:
                found = ox.parse_query_results(input=self._stream, format=results_format)
            if isinstance(found, ox.QueryBoolean) != (self._kind == "boolean"):
                raise ValueError("it is the answer to a query of another form")
            return found
        except (SyntaxError, ValueError) as error:
            raise self._broken(error) from error

    def rows(self) -> list[Row]:
        """Return the solutions, unbound variables left out; EngineError when not all came."""
        solutions = self.results()
        assert isinstance(solutions, ox.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        try:
            rows = [{n: canonical(s[n]) for n in names if s[n] is not None} for s in solutions]
        except (SyntaxError, ValueError) as error:
            raise self._broken(error) from error
        self._finish()
        return rows

    def triples(self) -> list[ox.Triple]:
        """Return the triples; EngineError when not all came."""
        try:
            parsed = ox.parse(input=self._stream, format=RDF_FORMATS[self._media_type])
            quads = list(self._counted(parsed))
        except (SyntaxError, ValueError) as error:
            raise self._broken(error) from error
        self._finish()
        return [canonical_triple(quad) for quad in quads]

    def _counted(self, quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
        """Pass triples on and count them."""
        for quad in quads:
            self.triples_read += 1
            yield quad

    def _finish(self) -> None:
        """Read to the end, where there may be less than there should be; EngineError."""
        self._body.rest()
        results_xml = self._kind != "graph" and self._media_type.endswith("+xml")
        if results_xml and not _XML_END.search(self._body.tail):
            raise self._broken(ValueError("it ends too early"))

    def _broken(self, error: Exception) -> KbError:
        """Return the error for what is no whole document."""
        if re.search(rb"cancelled|timed? ?out", self._body.tail, re.IGNORECASE):
            return EngineTimeout(f"the endpoint {self._url} gave up the query: it took too long")
        return EngineError(f"the endpoint {self._url} sent a broken answer: {error}")


_BOOLEAN = PREFIXES["xsd"] + "boolean"
_TRUTH = {"1": "true", "0": "false"}


def canonical(term: Term) -> Term:
    """Return a term as the embedded engine has it: booleans as words (Virtuoso gives numbers)."""
    if isinstance(term, ox.Literal) and term.datatype.value == _BOOLEAN:
        return ox.Literal(_TRUTH.get(term.value, term.value), datatype=term.datatype)
    return term


def canonical_triple(statement: ox.Quad | ox.Triple) -> ox.Triple:
    """Return a triple with its object as the embedded engine has it."""
    target = statement.object
    if isinstance(target, ox.Literal):
        return ox.Triple(statement.subject, statement.predicate, canonical(target))
    return ox.Triple(statement.subject, statement.predicate, target)
