"""The endpoint as browsers see it: a form, an answer as a table, and nothing taken for markup."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from kb import questions
from server.front.hands import IN_MEMORY_BYTES
from server.sparql_form import MAX_ROWS

HTML = {"Accept": "text/html"}
BASE = "https://w3id.org/digital-rights-charter/"


class Page(HTMLParser):
    """Collects the elements of a page with their attributes, and the text of its table cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "td":
            self.inside = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "td"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.cells[-1] += data

    def all(self, tag: str, attribute: str) -> list[str]:
        return [attrs.get(attribute) or "" for name, attrs in self.elements if name == tag]


def show(client: Client, query: str, **more: str) -> TestResponse:
    return client.get("/sparql?" + urlencode({"query": query, **more}), headers=HTML)


@pytest.mark.parametrize(("lang", "title"), [("en", "SPARQL endpoint"), ("fr", "accès SPARQL")])
def test_a_browser_gets_a_form_in_its_language(client: FlaskClient, lang: str, title: str) -> None:
    by_header = client.get("/sparql", headers={**HTML, "Accept-Language": lang})
    by_parameter = client.get(f"/sparql?lang={lang}", headers=HTML)
    for response in (by_header, by_parameter):
        assert (response.status_code, response.mimetype) == (200, "text/html")
        assert response.headers["Content-Language"] == lang
        assert f'<html lang="{lang}">' in response.text and title in response.text
        page = Page(response.text)
        assert page.all("textarea", "name") == ["query"]
        assert "/sparql" in page.all("form", "action")


@pytest.mark.parametrize("lang", ["de", "xx", "<b>", "fr-FR"])
def test_an_unknown_language_is_answered_in_english(client: FlaskClient, lang: str) -> None:
    response = client.get("/sparql?" + urlencode({"lang": lang}), headers=HTML)
    assert (response.status_code, response.headers["Content-Language"]) == (200, "en")
    assert "<b>" not in response.text


def test_every_question_is_offered_and_answered(client: FlaskClient) -> None:
    page = Page(client.get("/sparql", headers=HTML).text)
    links = [link for link in page.all("a", "href") if link.startswith("/sparql?query=")]
    assert len(links) == len(questions()) >= 40
    for link in links[::8]:
        response = client.get(link, headers=HTML)
        assert response.status_code == 200, link
        assert 'id="answer"' in response.text


def test_terms_are_shown_as_they_are(client: FlaskClient) -> None:
    query = """SELECT * WHERE { VALUES (?a ?b ?c ?d ?e) {
      (<https://w3id.org/digital-rights-charter/id/state/france> "l’été"@fr 42 UNDEF "plain")
    } }"""
    response = show(client, query)
    page = Page(response.text)
    assert "/en/state/france" in page.all("a", "href")
    assert [" ".join(cell.split()) for cell in page.cells] == [
        "state:france",
        "l’été fr",
        "42 xsd:integer",
        "",
        "plain",
    ]
    assert '<span lang="fr">l’été</span>' in response.text


def test_markup_in_literals_is_shown_as_text(odd_endpoint: Client) -> None:
    query = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
      SELECT ?label WHERE { ?s skos:prefLabel ?label FILTER(CONTAINS(?label, "alert")) }"""
    response = show(odd_endpoint, query)
    page = Page(response.text)
    assert len(page.cells) == 2
    assert any("<script>alert('label')</script>" in cell for cell in page.cells)
    assert "<script>alert" not in response.text and "<img src=x" not in response.text


@pytest.mark.parametrize(
    "iri",
    ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///x"],
)
def test_only_harmless_schemes_become_links(odd_endpoint: Client, iri: str) -> None:
    query = f"SELECT (<{iri}> AS ?x) (<https://example.org/> AS ?y) WHERE {{}}"
    response = show(odd_endpoint, query)
    hrefs = Page(response.text).all("a", "href")
    assert "https://example.org/" in hrefs
    assert not [link for link in hrefs if link.lower().startswith(iri.split(":")[0].lower() + ":")]
    assert iri in response.text


def test_a_query_with_markup_comes_back_as_text(client: FlaskClient) -> None:
    query = "SELECT </textarea><script>alert(1)</script>"
    response = show(client, query)
    assert response.status_code == 400
    assert "<script>alert" not in response.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in response.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("SELECT", 400),
        ("CLEAR ALL", 403),
        ("ASK { SERVICE <http://127.0.0.1:9/> {} }", 403),
        ("ASK FROM <file:///etc/passwd> {}", 403),
        ("ASK {} #" + "x" * 70000, 413),
    ],
)
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_browser_is_told_in_the_form_what_is_wrong(
    client: FlaskClient, query: str, status: int, lang: str
) -> None:
    response = show(client, query, lang=lang)
    assert (response.status_code, response.mimetype) == (status, "text/html")
    assert 'role="alert"' in response.text and "<textarea" in response.text
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "shown"),
    [("ASK {}", "<strong>Yes</strong>"), ("ASK { <a:a> <a:a> 1 }", "<strong>No</strong>")],
)
def test_a_yes_or_no_is_said_in_words(client: FlaskClient, query: str, shown: str) -> None:
    assert shown in show(client, query).text


def test_a_graph_is_shown_as_a_table(client: FlaskClient) -> None:
    response = show(client, f"DESCRIBE <{BASE}id/person/benoit-thieulin>")
    page = Page(response.text)
    assert len(page.cells) >= 9 and len(page.cells) % 3 == 0
    assert "/en/person/benoit-thieulin" in page.all("a", "href")


def test_an_empty_answer_is_said_to_be_empty(client: FlaskClient) -> None:
    assert "Nothing in the base matches" in show(client, "SELECT ?s {?s <a:a> 1}").text


def test_a_long_answer_is_never_cut_in_silence(client: FlaskClient) -> None:
    response = show(client, "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 1500")
    assert len(Page(response.text).cells) == 3 * MAX_ROWS
    assert f"the first {MAX_ROWS} of 1500" in response.text
    csv = next(x for x in Page(response.text).all("a", "href") if "format=csv" in x)
    whole = client.get(csv)
    assert len(whole.data.splitlines()) == 1501
    assert whole.headers["Content-Disposition"] == "attachment; filename=answer.csv"


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "save the whole answer"), ("fr", "enregistrer plutôt la réponse")]
)
@pytest.mark.parametrize(
    ("query", "suffix"),
    [
        (f'SELECT ?s ("{"x" * 9000}" AS ?wide) {{ ?s ?p ?o }} LIMIT 500', "csv"),
        (f'CONSTRUCT {{ ?s ?p "{"x" * 9000}" }} {{ ?s ?p ?o }} LIMIT 1500', "ttl"),
    ],
)
def test_rows_too_large_for_a_page_are_left_to_the_files(
    client: Client, query: str, suffix: str, lang: str, told: str
) -> None:
    response = show(client, query, lang=lang)
    assert (response.status_code, response.mimetype) == (413, "text/html")
    assert response.headers["Cache-Control"] == "no-store"
    text = unescape(response.text)
    assert 'role="alert"' in text and told in text and f"format={suffix}" in text
    assert Page(text).all("select", "name") == ["format"], "where a file is asked for"
    assert query in text and f'href="/{lang}/limits#page-size"' in text
    whole = client.get("/sparql?" + urlencode({"query": query, "format": suffix}))
    assert whole.status_code == 200 and len(whole.data) > IN_MEMORY_BYTES


def test_a_page_may_hold_rows_that_just_fit(client: Client) -> None:
    query = f'SELECT ("{"x" * 8000}" AS ?wide) {{ ?s ?p ?o }} LIMIT 500'
    assert len(Page(show(client, query).text).cells) == 500


def test_the_files_of_an_answer_keep_the_chosen_graphs(client: FlaskClient) -> None:
    graph = f"{BASE}graph/actors/benoit-thieulin"
    parameters = {"query": "SELECT ?s { ?s ?p ?o }", "default-graph-uri": graph}
    response = client.get("/sparql?" + urlencode(parameters), headers=HTML)
    csv = next(x for x in Page(response.text).all("a", "href") if "format=csv" in x)
    assert len(client.get(csv).data.splitlines()) == len(Page(response.text).cells) + 1


def test_pages_run_no_script_and_load_nothing_from_elsewhere(client: FlaskClient) -> None:
    response = show(client, "SELECT * { ?s ?p ?o } LIMIT 3")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe-inline" not in policy
    page = Page(response.text)
    assert not [e for e in page.elements if any(name.startswith("on") for name in e[1])]
    assert not [e for e in page.elements if "style" in e[1]]
    sources = page.all("link", "href") + page.all("img", "src") + page.all("script", "src")
    assert not [s for s in sources if re.match(r"(https?:)?//(?!localhost)", s)]
