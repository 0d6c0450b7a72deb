"""The embedded engine: pyoxigraph, over a store in this process.

It performs SERVICE calls and has no time limit: texts of strangers must pass a guard first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO

import pyoxigraph as ox

from kb.engine import Answer, ChooseFormat, Dataset, Kind, Row
from kb.errors import EngineError, QueryError
from kb.namespaces import BASE, PREFIXES
from kb.query import Query, Term
from kb.sparql_text import graphs_named

_UNKNOWN_FUNCTION = re.compile(r"The custom \w*\s?function <.*> is not supported")
_Result = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class EmbeddedEngine:
    """Answers queries over the union of all graphs of a store."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store

    def select(self, query: Query, **values: str) -> list[Row]:
        """Return the rows of a SELECT query; QueryError when it is of another form."""
        solutions = self._run(query, values)
        if not isinstance(solutions, ox.QuerySolutions):
            raise QueryError(f"{query.name} is a {query.form} query, not a SELECT")
        names = [variable.value for variable in solutions.variables]
        found = []
        for solution in solutions:
            terms = ((name, solution[name]) for name in names)
            found.append({name: term for name, term in terms if _is_term(term)})
        return found

    def ask(self, query: Query, **values: str) -> bool:
        """Return the answer of an ASK query; QueryError when it is of another form."""
        result = self._run(query, values)
        if not isinstance(result, ox.QueryBoolean):
            raise QueryError(f"{query.name} is a {query.form} query, not an ASK")
        return bool(result)

    def construct(self, query: Query, **values: str) -> list[ox.Triple]:
        """Return the triples of a CONSTRUCT query; QueryError when it is of another form."""
        result = self._run(query, values)
        if not isinstance(result, ox.QueryTriples):
            raise QueryError(f"{query.name} is a {query.form} query, not a CONSTRUCT")
        return list(result)

    def answer(self, text: str, dataset: Dataset, choose: ChooseFormat) -> Answer:
        """Return the answer to a query text; QueryError when it does not parse.

        Relative IRIs are resolved against that of the base, as SPARQL 1.1 Protocol §2.3 has it.
        """
        result = self._evaluate(text, dataset)
        kind = _kind(result)
        chosen = choose(kind)

        def write(output: IO[bytes]) -> None:
            try:
                if isinstance(result, ox.QueryTriples):
                    ox.serialize(result, output, format=chosen.rdf, prefixes=PREFIXES)
                else:
                    result.serialize(output, format=chosen.results)
            except (RuntimeError, OSError) as error:
                raise _fault(error) from error

        return Answer(kind, chosen, write)

    def _run(self, query: Query, values: Mapping[str, str]) -> _Result:
        bound: dict[ox.Variable, Term | ox.Triple] = {
            ox.Variable(name): term for name, term in query.bind(values).items()
        }
        try:
            return self.store.query(
                query.text, use_default_graph_as_union=True, substitutions=bound
            )
        except (SyntaxError, RuntimeError, ValueError) as error:
            raise QueryError(f"{query.name}: {error}") from error

    def _evaluate(self, text: str, dataset: Dataset) -> _Result:
        chosen = bool(dataset.default or dataset.named)
        # The union flag would override FROM clauses, so it is only set when there is none.
        union = not chosen and not graphs_named(text)
        try:
            return self.store.query(
                text,
                base_iri=BASE,
                use_default_graph_as_union=union,
                default_graph=[ox.NamedNode(iri) for iri in dataset.default] if chosen else None,
                named_graphs=[ox.NamedNode(iri) for iri in dataset.named] if chosen else None,
            )
        except (SyntaxError, ValueError) as error:
            raise QueryError(str(error)) from error
        except (RuntimeError, OSError) as error:
            raise _fault(error) from error


def _fault(error: Exception) -> QueryError | EngineError:
    """Return whose fault an error of evaluation is: a function that does not exist is the query's.

    The engine looks functions up only when it evaluates, and tells it apart in words alone.
    """
    message = str(error)
    return QueryError(message) if _UNKNOWN_FUNCTION.match(message) else EngineError(message)


def _kind(result: _Result) -> Kind:
    """Return what a result holds."""
    if isinstance(result, ox.QuerySolutions):
        return "bindings"
    return "boolean" if isinstance(result, ox.QueryBoolean) else "graph"


def _is_term(term: object) -> bool:
    """Tell whether a value is an RDF 1.1 term; unbound is not."""
    return isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal)
