"""No query makes the server call another host, however the word SERVICE is dressed up."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import EmbeddedEngine
from kb.engine import FORMATS, Dataset
from kb.errors import EngineError, QueryError
from kb.sparql_text import decode_escapes
from server.guard import MAX_DEPTH, check_query
from server.refusal import Refusal

CALLS = {
    "plain": "SELECT * { SERVICE @ { ?a ?b ?c } }",
    "silent": "SELECT * { SERVICE SILENT @ { ?a ?b ?c } }",
    "lower case": "select * { service @ { ?a ?b ?c } }",
    "mixed case": "SELECT * { sErViCe sIlEnT @ { ?a ?b ?c } }",
    "no blanks": "SELECT*{SERVICE@{?a ?b ?c}}",
    "glued to SILENT": "SELECT*{SERVICESILENT@{?a ?b ?c}}",
    "new lines": "SELECT * {\r\nSERVICE\n\r\t@\n{ ?a ?b ?c } }",
    "comments between": "SELECT * { SERVICE#x\n#y {\rSILENT#z\n @#q\n { ?a ?b ?c } }",
    "prefixed name": "PREFIX ex: @ SELECT * { SERVICE ex:x { ?a ?b ?c } }",
    "glued to a prefixed name": "PREFIX ex: @ SELECT * { SERVICEex:x { ?a ?b ?c } }",
    "glued to the empty prefix": "PREFIX : @ SELECT * { SERVICE:x { ?a ?b ?c } }",
    "variable": "SELECT * { VALUES ?e { @ } SERVICE ?e { ?a ?b ?c } }",
    "glued to a variable": "SELECT * { VALUES ?e { @ } SERVICE?e { ?a ?b ?c } }",
    "glued to a boolean": "SELECT * { OPTIONAL { ?s ?p trueSERVICE@{ ?a ?b ?c } } }",
    "glued to a number": "SELECT * { OPTIONAL { ?s ?p 1.SERVICE@{ ?a ?b ?c } } }",
    "after a name's dot": "PREFIX ex: <http://a/> SELECT * { OPTIONAL { ?s ?p ex:.SERVICE@{} } }",
    "nested": "SELECT * { FILTER NOT EXISTS { OPTIONAL { SERVICE @ { ?a ?b ?c } } } }",
    "subselect": "SELECT * { { SELECT * { SERVICE @ { ?a ?b ?c } } } }",
    "in a false IRI": "SELECT * { FILTER(1<2)SERVICE#>\n@{ ?a ?b ?c } }",
    "behind a false IRI": 'SELECT * { FILTER(?a<?b)#>"""\nSERVICE @ { ?a ?b ?c }\n#"""\n}',
    "behind a false name": (
        'PREFIX ex: <http://a/> SELECT * { FILTER(?a<ex:b#>"""\n)SERVICE @ { ?a ?b ?c }\n#"""\n}'
    ),
    "behind an escape in an IRI": (
        'SELECT * { OPTIONAL { ?s <http://a/\\u0041#x> "\\u0022 # " } SERVICE @ { ?a ?b ?c } }'
    ),
    "codepoint escape": "SELECT * { \\u0053ERVICE @ { ?a ?b ?c } }",
    "long codepoint escape": "SELECT * { S\\U00000045RVICE @ { ?a ?b ?c } }",
    "escape closes a string": 'SELECT * { ?s ?p "\\u0022 . SERVICE @ { ?a ?b ?c } #" }',
    "CONSTRUCT": "CONSTRUCT { ?a ?b ?c } WHERE { SERVICE @ { ?a ?b ?c } }",
    "ASK": "ASK { SERVICE @ { ?a ?b ?c } }",
    "DESCRIBE": "DESCRIBE ?a { SERVICE @ { ?a ?b ?c } }",
    "escape in the IRI": "SELECT * { SERVICE <\\u0068ttp://127.0.0.1:PORT/> { ?a ?b ?c } }",
    "prefix beyond ASCII": "PREFIX a\u0300: @ SELECT * { SERVICE a\u0300:x { } }",
    "name beyond letters": "PREFIX a: @ SELECT * { SERVICE a:x\u203f\u2070 { } }",
    "variable beyond letters": "SELECT * { VALUES ?a\u00b7 { @ } SERVICE ?a\u00b7 { } }",
    "behind a false string": "PREFIX a: @ ASK { ?s ?p a:b\u0300\\'. SERVICE a:x { }#'\n}",
    "behind a false comment": "PREFIX a: @ ASK { ?s ?p a:b\u00b7\\#. SERVICE a:x { } }",
    "boolean glued to a prefix": "PREFIX a: @ ASK { ?s ?p trueSERVICEa:x { } }",
    "boolean glued to no prefix": "PREFIX : @ ASK { ?s ?p falseSERVICESILENT:x { } }",
    "number glued to a prefix": "PREFIX a: @ ASK { ?s ?p 1.e0SERVICEa:x { } }",
    "between quotes that are none": "ASK { FILTER(?a<'>')SERVICE @ { }FILTER(''='') }",
    "right after the word in a comment": "PREFIX a: @ ASK { # SERVICE\nSERVICEa:x { } }",
    "right after the word as a variable": "PREFIX a: @ ASK { ?s ?p ?SERVICE SERVICEa:x { } }",
    "too many to search": "SELECT * { " + "SERVICE " * 300 + "@ { } }",
}

HARMLESS = {
    "string": 'SELECT ("SERVICE <http://a/> {}" AS ?x) {}',
    "long string": "SELECT ('''a ' SERVICE <http://a/> {}''' AS ?x) {}",
    "string with escaped quote": 'SELECT ("\\" SERVICE <http://a/> { }" AS ?x) {}',
    "comment": "ASK {} # SERVICE <http://a/> { }",
    "comment before": "# SERVICE <http://a/> { ?a ?b ?c }\nASK {}",
    "IRI": "ASK { ?s ?p <http://a/SERVICE?x> }",
    "fragment": "ASK { ?s ?p <http://a/#SERVICE> }",
    "variable": "SELECT ?service ?x { VALUES (?service ?x) { (1 2) } }",
    "prefixed name": "PREFIX service: <http://a/> ASK { service:x service:SERVICE ex:SERVICE }",
    "prefixed graph": "PREFIX service: <http://a/> ASK { GRAPH service:x { ?s ?p ?o } }",
    "middle of a prefix": "PREFIX myservice: <http://a/> ASK { GRAPH myservice:x { ?s ?p ?o } }",
    "commented out": "ASK {\n# SERVICE SILENT <http://a/> { ?a ?b ?c }\n}",
    "quote in an IRI": "ASK { ?s <http://a/it's> 'SERVICE <http://a/> {}' }",
    "beyond ASCII": "SELECT ?\u00e9t\u00e9 { VALUES ?\u00e9t\u00e9 { 'SERVICE' } }",
    "language tag": 'SELECT ("x"@en-service AS ?x) {}',
    "escape beside the word": 'SELECT ("num\\u00e9rique, service public" AS ?x) {}',
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A socket on loopback that waits for whoever calls."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.05)
        yield listening


def was_called(listening: socket.socket) -> bool:
    with contextlib.suppress(TimeoutError):
        connection, _ = listening.accept()
        connection.close()
        return True
    return False


def address(text: str, listening: socket.socket) -> str:
    port = str(listening.getsockname()[1])
    return text.replace("@", f"<http://127.0.0.1:{port}/>").replace("PORT", port)


@pytest.mark.parametrize("case", CALLS)
def test_a_call_is_refused_and_nobody_is_called(
    client: FlaskClient, listener: socket.socket, case: str
) -> None:
    query = address(CALLS[case], listener)
    sent = [
        client.get("/sparql?" + urlencode({"query": query})),
        client.post("/sparql", data={"query": query}),
        client.post("/sparql", data=query.encode(), content_type="application/sparql-query"),
        client.get("/sparql?" + urlencode({"query": query}), headers={"Accept": "text/html"}),
    ]
    assert [response.status_code for response in sent] == [403] * 4
    assert sent[0].json is not None and sent[0].json["type"].endswith("/service-refused")
    assert not was_called(listener)


def test_the_embedded_engine_would_have_called(
    base: EmbeddedEngine, listener: socket.socket
) -> None:
    """Why the guard is there: without it, the listener hears from the engine."""
    query = address("SELECT * { FILTER(1<2)SERVICE#>\n@{ ?a ?b ?c } }", listener)
    # The listener answers nothing; the engine gives up when it hangs up.
    listener.settimeout(5)
    heard = []
    thread = threading.Thread(target=lambda: heard.append(was_called(listener)))
    thread.start()
    with contextlib.suppress(EngineError, QueryError):
        base.answer(query, Dataset(), lambda kind: FORMATS[kind][0])
    thread.join()
    assert heard == [True]


@pytest.mark.parametrize("case", HARMLESS)
def test_the_word_alone_is_no_call(case: str) -> None:
    check_query(HARMLESS[case], Dataset(), [])


@pytest.mark.parametrize("case", [case for case in HARMLESS if case != "prefixed name"])
def test_harmless_queries_are_answered(client: FlaskClient, case: str) -> None:
    assert client.get("/sparql?" + urlencode({"query": HARMLESS[case]})).status_code == 200


@pytest.mark.parametrize("bracket", ["{", "(", "["])
def test_deep_nesting_is_refused_before_it_is_parsed(client: FlaskClient, bracket: str) -> None:
    query = "ASK { ?s ?p " + bracket * 5000
    response = client.get("/sparql?" + urlencode({"query": query}))
    assert response.status_code == 413
    assert response.json is not None and response.json["limit"] == MAX_DEPTH


def test_brackets_in_strings_do_not_count_as_nesting() -> None:
    check_query(f'SELECT ("{"(" * 500}" AS ?x) {{}}', Dataset(), [])


@pytest.mark.parametrize(
    "text", ["SERVICE<" * 8000, "SERVICE#" * 8000, "SERVICE" * 9000, "a" * 65000, '"' * 65000]
)
def test_the_guard_takes_no_time_over_hostile_texts(text: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(Refusal):
        check_query(text, Dataset(), [])
    assert time.perf_counter() - started < 2


@given(st.text(), st.text())
@settings(max_examples=200, deadline=None)
def test_a_whole_call_in_plain_text_never_passes(before: str, after: str) -> None:
    """Whatever surrounds it, a call passes only inside a string, an IRI, a comment or a name."""
    text = f"{before}\nASK {{ SERVICE <http://127.0.0.1:9/> {{ ?s ?p ?o }} }} {after}"
    if not set("#'\"<\\") & set(before):
        with pytest.raises(Refusal):
            check_query(text, Dataset(), [])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("\\u0053", "S"),
        ("\\U0001F600", "😀"),
        ("\\u00e9t\\u00E9", "été"),
        ("\\ud800", "\\ud800"),
        ("\\UFFFFFFFF", "\\UFFFFFFFF"),
        ("\\u12", "\\u12"),
    ],
)
def test_codepoint_escapes_are_decoded(written: str, read: str) -> None:
    assert decode_escapes(written) == read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'SERVICE <http://a/> { }'", "SERVICE <http://a/> { }"),
        ("'a\\\\SERVICE <http://a/> { }'", "a\\SERVICE <http://a/> { }"),
        ('"""sErViCe?x{ """', "sErViCe?x{ "),
    ],
)
def test_a_quoted_call_reaches_the_engine_unfit_to_be_one_but_says_the_same(
    base: EmbeddedEngine, written: str, value: str
) -> None:
    """Should the engine's reading of the text ever differ from ours, it still calls nobody."""
    query = f"SELECT ({written} AS ?x) {{}} # SERVICE <http://a/> {{ }}"
    passed = check_query(query, Dataset(), [])
    assert "SERVICE" not in passed.upper()
    answer = base.answer(passed, Dataset(), lambda kind: FORMATS[kind][0])
    assert json.loads(answer.body())["results"]["bindings"][0]["x"]["value"] == value
