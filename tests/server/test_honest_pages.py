"""Answers as readers see them: never cut in silence, always with the way to the whole."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from werkzeug.http import parse_options_header
from werkzeug.test import Client, TestResponse

from kb.engine import FORMATS, Kind
from server.sparql_form import MAX_ROWS

ROWS = "SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {}"
TRIPLES = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }} LIMIT {}"
FORMS: dict[Kind, str] = {"bindings": ROWS, "graph": TRIPLES}


def show(client: Client, query: str, **more: str) -> TestResponse:
    url = "/sparql?" + urlencode({"query": query, **more})
    response = client.get(url, headers={"Accept": "text/html"})
    assert (response.status_code, response.mimetype) == (200, "text/html"), response.text
    return response


def rows_of(response: TestResponse) -> list[list[str]]:
    """Return the cells of the table on a page, without their markup."""
    rows = re.findall(r"<tr>(.*?)</tr>", response.text, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [
        [unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in row] for row in cells if row
    ]


def alternates(response: TestResponse) -> dict[str, str]:
    """Return the addresses of the files of an answer, by media type."""
    found = {}
    for link in response.headers.getlist("Link"):
        target, told = parse_options_header(link)
        assert told["rel"] == "alternate"
        found[told["type"]] = target.strip("<>")
    return found


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("count", [0, 1, MAX_ROWS - 1, MAX_ROWS, MAX_ROWS + 1, 1500])
def test_a_page_says_how_many_rows_there_are_and_shows_the_first(
    client: Client, kind: Kind, count: int
) -> None:
    response = show(client, FORMS[kind].format(count))
    shown = min(count, MAX_ROWS)
    assert response.headers["Rows-Shown"] == f"{shown}/{count}"
    assert len(rows_of(response)) == shown
    assert bool(response.headers.getlist("Link")) == (count > MAX_ROWS)


@pytest.mark.parametrize("kind", FORMS)
def test_a_page_that_leaves_rows_out_leads_to_the_whole_in_every_format(
    client: Client, kind: Kind
) -> None:
    response = show(client, FORMS[kind].format(1234))
    links = alternates(response)
    assert list(links) == [form.media_type for form in FORMATS[kind]]
    for media_type, address in links.items():
        whole = client.get(address)
        assert (whole.status_code, whole.mimetype) == (200, media_type)
        assert whole.headers["Content-Disposition"].startswith("attachment; filename=answer.")
        assert address.replace("&", "&amp;") in response.text, "it stands on the page too"
    line = {"bindings": "text/csv", "graph": "application/n-triples"}[kind]
    lines = client.get(links[line]).data.splitlines()
    assert len(lines) == 1234 + (kind == "bindings")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Only the first 1000 of 1500 are shown here"),
        ("fr", "Seules les 1000 premières sur 1500 sont affichées ici"),
    ],
)
def test_a_page_says_in_words_what_it_leaves_out(client: Client, lang: str, said: str) -> None:
    text = show(client, ROWS.format(1500), lang=lang).text
    assert said in text and f'<html lang="{lang}">' in text
    assert said not in show(client, ROWS.format(10), lang=lang).text


def test_the_way_to_the_whole_keeps_the_graphs_chosen(client: Client) -> None:
    graph = "https://w3id.org/digital-rights-charter/graph/derived"
    pair = {"default-graph-uri": graph}
    response = show(client, "SELECT ?s ?p ?o { ?s ?p ?o }", **pair)
    count = int(response.headers["Rows-Shown"].split("/")[1])
    assert count > MAX_ROWS
    for address in alternates(response).values():
        assert urlencode(pair) in address
    assert len(client.get(alternates(response)["text/csv"]).data.splitlines()) == count + 1


def test_the_way_to_the_whole_counts_the_path_a_proxy_puts_before(behind_proxy: Client) -> None:
    url = "/sparql?" + urlencode({"query": ROWS.format(1001)})
    headers = {"Accept": "text/html", "X-Forwarded-Prefix": "/kb", "X-Forwarded-Proto": "https"}
    response = behind_proxy.get(url, headers=headers)
    assert all(address.startswith("/kb/sparql?") for address in alternates(response).values())
    assert 'action="/kb/sparql"' in response.text


@pytest.mark.parametrize("method", ["POST", "QUERY", "FORM"])
def test_a_page_is_given_however_the_query_was_sent(client: Client, method: str) -> None:
    query, accept = ROWS.format(1100), {"Accept": "text/html"}
    if method == "FORM":
        response = client.post("/sparql", data={"query": query}, headers=accept)
    else:
        kind = "application/sparql-query"
        response = client.open(
            "/sparql", method=method, data=query.encode(), content_type=kind, headers=accept
        )
    assert response.headers["Rows-Shown"] == "1000/1100"
    assert "?s ?p ?o" in response.text


def test_a_page_of_a_yes_or_no_counts_no_rows(client: Client) -> None:
    response = show(client, "ASK {}")
    assert "Rows-Shown" not in response.headers and "Link" not in response.headers


def test_a_page_of_what_is_new_each_time_is_not_kept(client: Client) -> None:
    query = "SELECT (RAND() AS ?x) {}"
    first, second = show(client, query), show(client, query)
    assert first.headers["Cache-Control"] == "no-store" and "ETag" not in first.headers
    assert rows_of(first) != rows_of(second)


def test_a_page_has_a_tag_of_its_own(client: Client) -> None:
    query = ROWS.format(3)
    first = show(client, query, lang="en")
    url = "/sparql?" + urlencode({"query": query, "lang": "en"})
    known = {"Accept": "text/html", "If-None-Match": first.headers["ETag"]}
    assert client.get(url, headers=known).status_code == 304
    other = show(client, query, lang="fr").headers["ETag"]
    data = client.get(url, headers={"Accept": "text/csv"}).headers["ETag"]
    assert len({first.headers["ETag"], other, data}) == 3


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT * {}", 1),
        ("SELECT ?x { VALUES ?x { UNDEF } }", 1),
        ("SELECT ?x ?y { VALUES (?x ?y) { (UNDEF 1) (2 UNDEF) (UNDEF UNDEF) } }", 3),
        ("SELECT ?x { VALUES ?x { } }", 0),
    ],
)
def test_rows_without_values_count(client: Client, query: str, rows: int) -> None:
    assert show(client, query).headers["Rows-Shown"] == f"{rows}/{rows}"


TEXTS = [
    "plain",
    "a\tb\nc\r\nd",
    'he said "no" \\n',
    "<script>alert(1)</script> & <b>",
    "{{ 7 * 7 }} {% raw %}",
    "]]>",
    "\u2028 \u0085 \u00a0",
    "😀 \u202e abc",
    "\u0001\u001f",
]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_is_shown_as_it_is(client: Client, text: str) -> None:
    escaped = "".join(f"\\U{ord(char):08x}" for char in text)
    response = show(client, f'SELECT ("{escaped}" AS ?x) {{}}')
    assert "<script>" not in response.text and "49" not in rows_of(response)[0][0]
    assert rows_of(response) == [[text.replace("\r\n", "\n").strip()]] or rows_of(response) == [
        [text.strip()]
    ]


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("rows", "attachment; filename=rows.csv"),
        ("rows.csv", "attachment; filename=rows.csv"),
        ("a\r\nSet-Cookie: x=y", "attachment; filename=a-Set-Cookie-x-y.csv"),
        ("a\nb\0c", "attachment; filename=a-b-c.csv"),
        ("../../etc/passwd", "attachment; filename=etc-passwd.csv"),
        ('"; filename=evil.exe', "attachment; filename=filename-evil.exe.csv"),
        ("été", "attachment; filename=ete.csv; filename*=UTF-8''%C3%A9t%C3%A9.csv"),
        ("中", "attachment; filename=answer.csv; filename*=UTF-8''%E4%B8%AD.csv"),
        ("....", "attachment; filename=answer.csv"),
        ("x" * 5000, f"attachment; filename={'x' * 100}.csv"),
    ],
    ids=ascii,
)
def test_the_name_of_a_file_is_harmless(client: Client, wanted: str, given: str) -> None:
    pairs = {"query": "SELECT * {}", "format": "csv", "download": wanted}
    response = client.get("/sparql?" + urlencode(pairs))
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == given
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("name", ["format", "lang", "version", "timeout", "default-graph-uri"])
@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "\0", "<script>", "%0d%0aX-Injected:1"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_no_parameter_writes_headers_or_markup(
    client: Client, name: str, value: str, accept: str
) -> None:
    url = "/sparql?" + urlencode({"query": "ASK {}", name: value})
    response = client.get(url, headers={"Accept": accept})
    assert response.status_code < 500
    assert "X-Injected" not in response.headers
    assert "<script>" not in response.text
