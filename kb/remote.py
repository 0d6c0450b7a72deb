"""The remote engine: any SPARQL 1.1 endpoint, through SPARQLWrapper.

For bases that outgrow one machine. Values travel as a VALUES block, written term by term.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO
from urllib.error import HTTPError, URLError

import pyoxigraph as ox
from SPARQLWrapper import SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from kb.engine import FORMATS, Answer, ChooseFormat, Dataset, Format, Kind, Row
from kb.errors import EngineError, QueryError
from kb.query import Query
from kb.sparql_text import Form, query_form

_KINDS: dict[Form, Kind] = {
    "SELECT": "bindings",
    "ASK": "boolean",
    "CONSTRUCT": "graph",
    "DESCRIBE": "graph",
}
_TIMEOUT_S = 30


class RemoteEngine:
    """Answers queries by asking the endpoint at `url`."""

    def __init__(self, url: str, *, timeout_s: int = _TIMEOUT_S) -> None:
        self.url = url
        self.timeout_s = timeout_s

    def select(self, query: Query, **values: str) -> list[Row]:
        """Return the rows of a SELECT query; EngineError when the endpoint fails."""
        body, content_format = self._run(query, values)
        solutions = ox.parse_query_results(input=body, format=content_format.results)
        if not isinstance(solutions, ox.QuerySolutions):
            raise QueryError(f"{query.name} is a {query.form} query, not a SELECT")
        names = [variable.value for variable in solutions.variables]
        return [
            {name: solution[name] for name in names if solution[name] is not None}
            for solution in solutions
        ]

    def ask(self, query: Query, **values: str) -> bool:
        """Return the answer of an ASK query; EngineError when the endpoint fails."""
        body, content_format = self._run(query, values)
        answer = ox.parse_query_results(input=body, format=content_format.results)
        if not isinstance(answer, ox.QueryBoolean):
            raise QueryError(f"{query.name} is a {query.form} query, not an ASK")
        return bool(answer)

    def construct(self, query: Query, **values: str) -> list[ox.Triple]:
        """Return the triples of a CONSTRUCT query; EngineError when the endpoint fails."""
        body, content_format = self._run(query, values)
        if content_format.rdf is None:
            raise QueryError(f"{query.name} is a {query.form} query, not a CONSTRUCT")
        return [quad.triple for quad in ox.parse(input=body, format=content_format.rdf)]

    def answer(self, text: str, dataset: Dataset, choose: ChooseFormat) -> Answer:
        """Return the endpoint's own answer to a query text, as it came."""
        kind = _KINDS[query_form(text)]
        chosen = choose(kind)
        body = self._ask_endpoint(text, dataset, chosen)

        def write(output: IO[bytes]) -> None:
            output.write(body)

        return Answer(kind, chosen, write)

    def _run(self, query: Query, values: Mapping[str, str]) -> tuple[bytes, Format]:
        kind = _KINDS[query.form]
        content_format = FORMATS[kind][1 if kind == "graph" else 0]
        text = query.with_values(query.bind(values))
        return self._ask_endpoint(text, Dataset(), content_format), content_format

    def _ask_endpoint(self, text: str, dataset: Dataset, content_format: Format) -> bytes:
        """Send one query by POST and return the body; SPARQLWrapper's errors become ours."""
        wrapper = SPARQLWrapper(self.url)
        wrapper.setTimeout(self.timeout_s)
        wrapper.setMethod("POST")
        wrapper.setQuery(text)
        # It guesses the form from the first such word, “address” in a comment too (ADD).
        wrapper.queryType = query_form(text)
        wrapper.setOnlyConneg(True)
        wrapper.addCustomHttpHeader("Accept", content_format.media_type)
        for iri in dataset.default:
            wrapper.addDefaultGraph(iri)
        for iri in dataset.named:
            wrapper.addNamedGraph(iri)
        try:
            body = wrapper.query().response.read()
        except SPARQLWrapperException as error:
            raise QueryError(str(error)) from error
        except (HTTPError, URLError, TimeoutError, OSError) as error:
            raise EngineError(f"the endpoint {self.url} cannot be asked: {error}") from error
        return bytes(body)
