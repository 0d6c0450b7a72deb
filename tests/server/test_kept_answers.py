"""Kept answers over a running server: the same bytes, no engine, and nothing that may go stale."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from werkzeug.test import Client, TestResponse

from tests.live import LiveServer, serving
from tests.server.metrics import metric

ODD = Path(__file__).with_name("odd")
_numbers = count()


def fresh() -> str:
    """Return a query that was not asked before."""
    return f"SELECT ?s ?p WHERE {{ ?s ?p ?o }} ORDER BY ?s ?p ?o LIMIT 20 # {next(_numbers)}"


def ask(client: Client, query: str, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/sparql?" + urlencode({"query": query}), headers=named)


@contextmanager
def counting(server: LiveServer, **wanted: int) -> Iterator[None]:
    """Check how many queries had each outcome meanwhile; what is not named had none."""
    outcomes = {"answered": 0, "kept": 0, "not_modified": 0, **wanted}

    def told() -> dict[str, float]:
        return {
            name: metric(server, "charterkb_queries_total", outcome=name.replace("_", "-"))
            for name in outcomes
        }

    before = told()
    yield
    assert {name: value - before[name] for name, value in told().items()} == outcomes


def test_a_second_answer_is_the_same_and_asks_no_engine(
    running: LiveServer, client: Client
) -> None:
    query = fresh()
    with counting(running, answered=1, kept=2):
        first, second, third = (ask(client, query) for _ in range(3))
    for again in (second, third):
        assert (again.status_code, again.data) == (200, first.data)
        mine, other = dict(first.headers), dict(again.headers)
        assert {**mine, "Date": ""} == {**other, "Date": ""}
    assert first.headers["ETag"].startswith('"')
    assert first.headers["Cache-Control"].startswith("public, max-age=")


@pytest.mark.parametrize("method", ["POST", "QUERY", "FORM"])
def test_an_answer_is_kept_however_it_was_asked_for(
    running: LiveServer, client: Client, method: str
) -> None:
    query = fresh()
    with counting(running, answered=1, kept=1):
        first = ask(client, query)
        if method == "FORM":
            second = client.post("/sparql", data={"query": query})
        else:
            kind = "application/sparql-query"
            second = client.open("/sparql", method=method, data=query.encode(), content_type=kind)
    assert second.data == first.data


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', '"a",W/{} , "b"'])
def test_who_has_the_answer_is_told_so_without_an_engine(
    running: LiveServer, client: Client, known: str
) -> None:
    query = fresh()
    tag = ask(client, query).headers["ETag"]
    with counting(running, not_modified=1):
        response = ask(client, query, If_None_Match=known.format(tag))
    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == tag
    assert "Content-Type" not in response.headers and "Content-Length" not in response.headers
    assert response.headers["Vary"] == "Accept, Accept-Language"
    with counting(running, kept=1):
        assert ask(client, query, If_None_Match='"other"').status_code == 200


def test_a_tag_is_none_for_a_request_that_is_not_safe(running: LiveServer, client: Client) -> None:
    query = fresh()
    tag = ask(client, query).headers["ETag"]
    response = client.post("/sparql", data={"query": query}, headers={"If-None-Match": tag})
    assert response.status_code == 200


def test_a_tag_stands_for_query_format_and_graphs(client: Client) -> None:
    query, graph = fresh(), "https://w3id.org/digital-rights-charter/graph/voc/confidence"
    base = "/sparql?query=" + quote(query)
    urls = [
        base,
        f"{base}&format=xml",
        f"{base}&format=csv",
        f"{base}&download=a",
        f"{base}%20",
        f"{base}&default-graph-uri={quote(graph)}",
        f"{base}&named-graph-uri={quote(graph)}",
    ]
    answers = [client.get(url) for url in urls]
    assert [answer.status_code for answer in answers] in ([200] * 7, [200] * 5 + [403] * 2)
    tags = [answer.headers["ETag"] for answer in answers if answer.status_code == 200]
    assert len(set(tags)) == len(tags) >= 5


def test_what_accepts_the_same_is_kept_once(running: LiveServer, client: Client) -> None:
    query = fresh()
    with counting(running, answered=2, kept=1):
        ask(client, query, Accept="text/csv")
        ask(client, query, Accept="text/csv;q=0.9")
        ask(client, query, Accept="text/tab-separated-values")


def test_head_has_the_headers_of_get_and_serves_later_ones(
    running: LiveServer, client: Client
) -> None:
    url = "/sparql?" + urlencode({"query": fresh()})
    with counting(running, answered=1, kept=2):
        first, got, head = client.head(url), client.get(url), client.head(url)
    assert first.data == head.data == b"" and got.data
    for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control", "Vary"):
        assert first.headers[name] == got.headers[name] == head.headers[name]
    assert int(head.headers["Content-Length"]) == len(got.data)
    with counting(running, not_modified=1):
        known = {"If-None-Match": got.headers["ETag"]}
        assert client.head(url, headers=known).status_code == 304


@pytest.mark.parametrize("call", ["NOW()", "now ( )", "RAND()", "UUID()", "STRUUID()"])
def test_what_is_new_each_time_is_never_kept(
    running: LiveServer, client: Client, call: str
) -> None:
    query = f"SELECT ({call} AS ?x) WHERE {{}} # {next(_numbers)}"
    with counting(running, answered=3):
        answers = [ask(client, query) for _ in range(2)]
        answers.append(ask(client, query, If_None_Match='"x"'))
    for response in answers:
        assert response.status_code == 200, response.text
        assert "ETag" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
    assert len({response.data for response in answers}) == 3


def test_a_word_in_a_string_makes_nothing_new(client: Client) -> None:
    response = ask(client, f'SELECT ("NOW() RAND()" AS ?x) {{}} # {next(_numbers)}')
    assert "ETag" in response.headers


@pytest.mark.parametrize(
    "query", ["SELECT", "CLEAR ALL", "ASK { SERVICE <http://127.0.0.1:9/> {} }"]
)
def test_a_refusal_is_never_kept(running: LiveServer, client: Client, query: str) -> None:
    text = f"{query} # {next(_numbers)}"
    with counting(running):
        for _ in range(2):
            response = ask(client, text)
            assert response.status_code in (400, 403)
            assert response.headers["Cache-Control"] == "no-store"
            assert "ETag" not in response.headers


@pytest.mark.parametrize("path", ["/en/", "/data/voc/confidence.ttl", "/void", "/sparql?lang=fr"])
def test_pages_and_data_answer_tags_too(client: Client, path: str) -> None:
    accept = {"Accept": "text/html, */*;q=0.1"}
    first = client.get(path, headers=accept)
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get(path, headers=accept | known)
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(path, headers=accept).data == first.data


def test_without_memory_every_query_is_answered_anew(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--data", str(ODD), "--cache", "0") as server:
        client, query = server.client(), fresh()
        with counting(server, answered=2):
            first, second = ask(client, query), ask(client, query)
        assert first.data == second.data
        with counting(server, not_modified=1):
            known = first.headers["ETag"]
            assert ask(client, query, If_None_Match=known).status_code == 304
        client.get("/en/")
        assert metric(server, "charterkb_cache_entries") == 0
        assert metric(server, "charterkb_cache_bytes") == 0
