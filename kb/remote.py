"""The remote engine: any SPARQL 1.1 endpoint, through SPARQLWrapper.

For bases that outgrow one machine. Values travel as a VALUES block, written term by term. Pages
need an engine whose default graph is the union of its named graphs: `open_remote` makes sure.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from functools import cache
from http.client import HTTPException, HTTPResponse
from importlib.resources import files
from pathlib import Path
from typing import IO
from urllib.error import HTTPError

import pyoxigraph as ox
from SPARQLWrapper import SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from kb.dialects import dialect_of, graphs_read, time_limit
from kb.engine import Answer, ChooseFormat, Dataset, Kind, Row
from kb.errors import EngineError, QueryError
from kb.login import Login, read_login
from kb.query import Query, Term, find_query, read_query
from kb.remote_answer import ACCEPT, RemoteAnswer
from kb.remote_faults import fault
from kb.sparql_text import Form, insert_after_where, query_form

_KINDS: dict[Form, Kind] = {
    "SELECT": "bindings",
    "ASK": "boolean",
    "CONSTRUCT": "graph",
    "DESCRIBE": "graph",
}
_TIMEOUT_S = 30
_SMALL_GRAPH = 20
"""So many triples no engine is set up to withhold."""
_GRACE_S = 1
"""How much longer we wait than the engine is allowed to work: its own word is the better one."""


class RemoteEngine:
    """Answers queries by asking the endpoint at `url`.

    `timeout_s` bounds each answer, first byte to last; engines that let a request say so are told.
    `dialect` is which engine it is, by its headers: none until asked, empty when they do not say.
    """

    def __init__(
        self, url: str, *, timeout_s: float = _TIMEOUT_S, login: Login | None = None
    ) -> None:
        self.url = url
        self.timeout_s = timeout_s
        self.login = read_login(os.environ) if login is None else login
        self.dialect: str | None = None
        self._known_uncut = _SMALL_GRAPH
        self._alive, self._rows = _probe("alive"), _probe("rows")

    def select(self, query: Query, **values: str) -> list[Row]:
        """Return the rows of a SELECT query; EngineError when the endpoint fails."""
        return self._run(query, values, "SELECT").rows()

    def ask(self, query: Query, **values: str) -> bool:
        """Return the answer of an ASK query; EngineError when the endpoint fails."""
        return bool(self._run(query, values, "ASK").results())

    def construct(self, query: Query, **values: str) -> list[ox.Triple]:
        """Return the triples of a CONSTRUCT query; EngineError when the endpoint fails."""
        answer = self._run(query, values, "CONSTRUCT")
        triples = answer.triples()
        self._check_uncut(answer.triples_read)
        return triples

    def answer(self, text: str, dataset: Dataset, choose: ChooseFormat) -> Answer:
        """Return the endpoint's answer to a query text; QueryError when it refuses the text.

        The answer is read while it is written, and put into the format chosen.
        """
        kind = _KINDS[query_form(text)]
        chosen = choose(kind)
        answer = self._ask_endpoint(text, dataset)

        def write(output: IO[bytes]) -> None:
            answer.write(output, chosen)
            self._check_uncut(answer.triples_read)

        return Answer(kind, chosen, write)

    def _run(self, query: Query, values: Mapping[str, str], form: Form) -> RemoteAnswer:
        """Ask a query file; QueryError when it is of another form."""
        text = _with_values(query, query.bind(values))
        if query.form != form:
            article = "an" if form == "ASK" else "a"
            raise QueryError(f"{query.name} is a {query.form} query, not {article} {form}")
        return self._ask_endpoint(text, Dataset())

    def _ask_endpoint(self, text: str, dataset: Dataset) -> RemoteAnswer:
        """Send one query by POST and return the answer; SPARQLWrapper's errors become ours."""
        if self.dialect is None:
            self.dialect = dialect_of(self._send(self._alive, Dataset()))
        deadline = time.monotonic() + self.timeout_s + _GRACE_S
        response = self._send(text, dataset)
        return RemoteAnswer(_KINDS[query_form(text)], response, self.url, deadline)

    def _check_uncut(self, triples: int) -> None:
        """Raise EngineError when a graph of so many triples may be a part of one.

        Virtuoso ends a graph one triple beyond its limit on rows, and does not say so
        (openlink/virtuoso-opensource#939). Of rows that reach the limit it does.
        """
        if self.dialect == "virtuoso" and triples > self._known_uncut:
            # Its last word is its limit.
            self._ask_endpoint(self._rows.rstrip().removesuffix("1") + str(triples - 1), Dataset())
            self._known_uncut = triples

    def _send(self, text: str, dataset: Dataset) -> HTTPResponse:
        """Send one query and return what comes back, its body not yet read."""
        wrapper = self._wrapper(text, dataset)
        # It guesses the form from the first such word, “address” in a comment too (ADD).
        wrapper.queryType = query_form(text)
        wrapper.addCustomHttpHeader("Accept", ACCEPT[_KINDS[query_form(text)]])
        try:
            response: HTTPResponse = wrapper.query().response
        except (SPARQLWrapperException, HTTPException, HTTPError, OSError, ValueError) as error:
            raise fault(error, self.url) from error
        return response

    def _wrapper(self, text: str, dataset: Dataset) -> SPARQLWrapper:
        """Return a request that is ready to be sent, but for what it accepts."""
        wrapper = SPARQLWrapper(self.url)
        wrapper.setTimeout(math.ceil(self.timeout_s + _GRACE_S))
        wrapper.setMethod("POST")
        wrapper.setOnlyConneg(True)
        wrapper.setQuery(text)
        for name, value in self.login.headers().items():
            wrapper.addCustomHttpHeader(name, value)
        graphs, parameters = graphs_read(self.dialect or "", text, dataset)
        parameters |= time_limit(self.dialect or "", self.timeout_s)
        for name, value in parameters.items():
            wrapper.addParameter(name, value)
        for iri in graphs.default:
            wrapper.addDefaultGraph(iri)
        for iri in graphs.named:
            wrapper.addNamedGraph(iri)
        return wrapper


def open_remote(
    url: str, *, timeout_s: float = _TIMEOUT_S, login: Login | None = None
) -> RemoteEngine:
    """Return the engine at an address once it proves to hold this base; EngineError if not."""
    engine = RemoteEngine(url, timeout_s=timeout_s, login=login)
    rows = engine.select(find_query("dataset/seen"))
    if not rows:
        raise EngineError(
            f"{url} holds no named graph with this base — put it there: charterkb publish"
        )
    if not all("seen" in row for row in rows):
        raise EngineError(
            f"{url} does not show its named graphs in its default graph — have it take their "
            "union as default graph: docs/engines.md tells how, engine by engine"
        )
    return engine


@cache
def _probe(name: str) -> str:
    """Return the text of a query of kb/probes, which tells of an engine rather than of the base."""
    return read_query(Path(str(files("kb"))) / "probes" / f"{name}.rq").body()


def _with_values(query: Query, bound: Mapping[str, Term]) -> str:
    """Return the text of a query file without its header, its values written in as terms."""
    if not bound:
        return query.body()
    names = " ".join(f"?{name}" for name in bound)
    terms = " ".join(_written(term) for term in bound.values())
    return insert_after_where(query.body(), f"VALUES ({names}) {{ ({terms}) }}")


def _written(term: Term) -> str:
    """Return a term in the syntax of SPARQL.

    Strings get their datatype: in a VALUES block, Virtuoso takes a bare one for Latin-1.
    """
    if isinstance(term, ox.Literal) and not term.language and str(term).endswith('"'):
        return f"{term}^^{term.datatype}"
    return str(term)
