"""Both engines answer alike, and tell a wrong query from a broken engine."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

import kb
from kb import (
    Dataset,
    EmbeddedEngine,
    Engine,
    EngineError,
    Query,
    QueryError,
    RemoteEngine,
    find_query,
    read_query,
)
from kb.engine import BINDINGS_FORMATS, BOOLEAN_FORMATS, FORMATS, GRAPH_FORMATS, Format, Kind
from kb.namespaces import GRAPH, PREFIXES

PROBES = Path(kb.__file__).with_name("probes")
FORMS = {"select": "cq20", "ask": "cq03", "construct": "cq38"}


@pytest.fixture(params=["embedded", "remote"])
def engine(request: pytest.FixtureRequest, base: EmbeddedEngine) -> Engine:
    """The shipped base, in this process and behind our own endpoint."""
    if request.param == "embedded":
        return base
    return RemoteEngine(f"{request.getfixturevalue('live_server')}sparql")


def first(kind: Kind) -> Format:
    """Choose the first format of a kind."""
    return FORMATS[kind][0]


def always(chosen: Format, _: Kind) -> Format:
    """Choose one format, whatever the kind."""
    return chosen


def written(tmp_path: Path, text: str) -> Query:
    """Return a query of some text."""
    path = tmp_path / "written.rq"
    path.write_text(f"#+ summary: {{en: Tried., fr: Essai.}}\n{text}", "utf-8")
    return read_query(path)


def test_rows_leave_unbound_variables_out(engine: Engine, tmp_path: Path) -> None:
    query = written(
        tmp_path,
        'SELECT ?a ?b ?c WHERE { BIND("é\\n"@fr AS ?a) BIND(<x:y> AS ?b) OPTIONAL { ?c <x:z> 1 } }',
    )
    [row] = engine.select(query)
    assert row == {"a": ox.Literal("é\n", language="fr"), "b": ox.NamedNode("x:y")}


def test_values_are_bound_on_both_sides(engine: Engine, base: EmbeddedEngine) -> None:
    for name in ("cq11", "cq19", "cq30"):
        query = find_query(name)
        assert engine.select(query, **query.examples()) == base.select(query, **query.examples())
    query = find_query("cq03")
    assert engine.ask(query, **query.examples()) is False
    query = find_query("cq38")
    built = {str(triple) for triple in engine.construct(query, **query.examples())}
    assert built == {str(triple) for triple in base.construct(query, **query.examples())}
    assert built


@pytest.mark.parametrize("asked", FORMS)
@pytest.mark.parametrize("given", FORMS)
def test_a_query_of_another_form_is_refused(base: EmbeddedEngine, asked: str, given: str) -> None:
    query = find_query(FORMS[given])
    ask: dict[str, Callable[..., object]] = {
        "select": base.select,
        "ask": base.ask,
        "construct": base.construct,
    }
    if asked == given:
        ask[asked](query, **query.examples())
    else:
        with pytest.raises(
            QueryError, match=f"is a {given.upper()} query, not an? {asked.upper()}"
        ):
            ask[asked](query, **query.examples())


def test_a_parameter_that_the_query_does_not_give_back_is_a_fault_of_the_query(
    base: EmbeddedEngine, tmp_path: Path
) -> None:
    text = "#+ params: {day: {kind: date, example: '2001-01-01'}}\nSELECT ?s WHERE { ?s ?p ?day }"
    with pytest.raises(QueryError, match=r"^written: "):
        base.select(written(tmp_path, text), day="2001-01-01")


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("SELECT ?s WHERE { ?s ?p ?o } LIMIT 2", BINDINGS_FORMATS),
        ("ASK { ?s ?p ?o }", BOOLEAN_FORMATS),
        ("CONSTRUCT WHERE { ?s a <http://www.w3.org/ns/dcat#Dataset> }", GRAPH_FORMATS),
        ("DESCRIBE <https://w3id.org/digital-rights-charter/dataset>", GRAPH_FORMATS),
    ],
)
def test_an_answer_comes_in_every_format_of_its_kind(
    engine: Engine, text: str, formats: tuple[Format, ...]
) -> None:
    for chosen in formats:
        answer = engine.answer(text, Dataset(), partial(always, chosen))
        body = answer.body()
        assert (answer.format, bool(body)) == (chosen, True)
        if chosen.rdf:
            assert list(ox.parse(input=body, format=chosen.rdf))
        elif chosen.suffix in ("srj", "srx"):
            ox.parse_query_results(input=body, format=chosen.results)


def test_a_dataset_narrows_what_is_read(engine: Engine) -> None:
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    graph = GRAPH + "principles/privacy"

    def count(answered: bytes) -> int:
        return int(answered.decode().split("\n")[1])

    def csv(_: Kind) -> Format:
        return BINDINGS_FORMATS[2]

    whole = count(engine.answer(text, Dataset(), csv).body())
    one = count(engine.answer(text, Dataset(default=(graph,)), csv).body())
    clause = text.replace("WHERE", f"FROM <{graph}> WHERE")
    assert 0 < one < whole
    assert count(engine.answer(clause, Dataset(), csv).body()) == one


def test_the_formats_have_distinct_names() -> None:
    every = {*BINDINGS_FORMATS, *BOOLEAN_FORMATS, *GRAPH_FORMATS}
    for name in ("media_type", "suffix", "iri"):
        assert len({getattr(one, name) for one in every}) == len(every)
    assert all(one.iri.startswith("http://www.w3.org/ns/formats/") for one in every)


@pytest.mark.parametrize(
    "text", ["SELECT * WHERE {", "SELECT ?s WHERE { ?s nope:x 1 }", "nonsense"]
)
def test_a_malformed_text_is_a_fault_of_the_query(engine: Engine, text: str) -> None:
    with pytest.raises(QueryError):
        engine.answer(text, Dataset(), first)


def test_an_answer_uses_our_prefixes(base: EmbeddedEngine) -> None:
    text = "DESCRIBE <https://w3id.org/digital-rights-charter/dataset>"
    body = base.answer(text, Dataset(), first).body().decode()
    assert f"@prefix dcat: <{PREFIXES['dcat']}> ." in body


def test_what_engines_are_asked_about_themselves_has_an_answer(engine: Engine) -> None:
    assert engine.ask(read_query(PROBES / "alive.rq"))
    rows = read_query(PROBES / "rows.rq")
    assert [list(row) for row in engine.select(rows)] == [list(rows.columns)]
    assert rows.text.endswith("LIMIT 1\n"), "the limit that is raised is its last word"


def test_an_engine_that_cannot_be_reached_is_told_with_its_address() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/sparql"
    with pytest.raises(EngineError, match=url):
        RemoteEngine(url, timeout_s=2).select(find_query("cq02"))


def test_an_address_that_is_no_endpoint_is_the_engines_fault(live_server: str) -> None:
    remote = RemoteEngine(f"{live_server}health")
    with pytest.raises((EngineError, QueryError)):
        remote.select(find_query("cq02"))
