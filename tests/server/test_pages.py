"""The pages: whole, in both languages, leading nowhere that does not exist."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kb import EmbeddedEngine, Layout, load_store, page_queries
from kb.namespaces import BASE, RECORD_TYPES
from server.app import create_app
from server.catalogue import PAGES, RECORDS, all_pages
from server.settings import Settings
from server.site import make_site
from tests.server.page_check import CheckedPage, check_page

LANGUAGES = ("fr", "en")
ROOT = Path(__file__).parents[2]
SAMPLES = (
    *PAGES,
    "principle/interoperability",
    "principle/privacy",
    "proposal/charter-of-fundamental-digital-rights",
    "concern/digital-electricity-consumption",
    "statement/privacy-among-essential-principles",
    "person/benoit-thieulin",
    "geopolitical/europe",
    "workshop/european-project",
    "event/digital-workshops",
    "theme/european-project",
    "instrument/proposed-charter-on-fundamental-digital-rights",
    "document/seed-000",
    "quotation/thieulin-charter",
    "passage/seed-000-4187-4213",
    "reference/privacy-udhr-art-12",
    "membership/thieulin-president-cnnum",
    "inference/seed-000-date",
    "coding/gill-2015",
    "code/gill-2015-net-neutrality",
    "glossary/smart-city",
    "scheme/principles",
    "voc/speech-form",
    "voc/speech-form/narration",
    "questions/cq01",
    "questions/cq03",
    "questions/cq11",
    "questions/cq38",
)


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep validation reports out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def tiny(shipped_layout: Layout) -> FlaskClient:
    """A client of a site over the invented base, in which every kind of record occurs."""
    return open_client(ROOT / "tests" / "tiny" / "data", shipped_layout)


@pytest.fixture(scope="module")
def hostile(shipped_layout: Layout) -> FlaskClient:
    """A client of a site over records that mean harm: markup everywhere, addresses that run."""
    return open_client(Path(__file__).with_name("hostile"), shipped_layout)


def open_client(data: Path, shipped: Layout) -> FlaskClient:
    layout = Layout(data, shipped.ontology)
    engine = EmbeddedEngine(load_store(layout))
    return create_app(make_site(engine, layout, Settings())).test_client()


def get(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path, headers={"Accept": "text/html"})
    assert response.status_code == status, f"{path}: {response.status_code}"
    return response.get_data(as_text=True)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", SAMPLES)
def test_each_kind_of_page_is_well_formed_in_both_languages(
    client: FlaskClient, lang: str, path: str
) -> None:
    started = time.perf_counter()
    html = get(client, f"/{lang}/{path}")
    took = time.perf_counter() - started
    page = check_page(html)
    assert page.faults == []
    assert page.language == lang
    other = "en" if lang == "fr" else "fr"
    assert f"/{other}/{path}" in page.links, "the language switch keeps the page"
    assert len(re.findall(r'rel="alternate" hreflang="', html)) == 2
    assert took < 2, f"{path} took {took:.1f} s"


def records(base: EmbeddedEngine) -> Iterator[str]:
    """Yield the page address of every record, without its language."""
    subjects = {quad.subject.value for quad in base.store if isinstance(quad.subject, ox.NamedNode)}
    for iri in subjects:
        if iri.startswith(BASE + "id/") and "#" not in iri:
            yield iri.removeprefix(BASE + "id/")


MOST_OF_A_KIND = 60
"""Records of one kind share a template: ten thousand of them would say no more."""


@pytest.mark.slow
def test_every_link_of_the_site_leads_somewhere(client: FlaskClient) -> None:
    pages: dict[str, CheckedPage] = {}
    fragments: set[tuple[str, str, str]] = set()
    followed: Counter[str] = Counter()
    waiting, seen = ["/fr/"], {"/fr/"}
    while waiting:
        path = waiting.pop()
        page = pages[path] = check_page(get(client, path))
        assert page.faults == [], path
        for link in page.links:
            target, fragment = urldefrag(link)
            target = unquote(target) or path
            if not target.startswith("/fr/"):
                continue
            fragments.add((path, target, fragment))
            kind = target.split("/")[2]
            if "?" not in target and target not in seen and followed[kind] < MOST_OF_A_KIND:
                seen.add(target)
                followed[kind] += 1
                waiting.append(target)
    assert len(pages) > 500
    lost = [(p, t, f) for p, t, f in fragments if f and t in pages and f not in pages[t].ids]
    assert lost == []


@pytest.mark.parametrize("path", SAMPLES)
def test_links_to_data_queries_and_files_answer(client: FlaskClient, path: str) -> None:
    page = check_page(get(client, f"/en/{path}"))
    machine = {urldefrag(link)[0] for link in page.links if link.startswith("/")}
    for link in sorted(link for link in machine if not link.startswith(("/fr/", "/en/"))):
        accept = "text/html" if "/sparql" in link and "format=" not in link else "*/*"
        response = client.get(link, headers={"Accept": accept})
        assert response.status_code in (200, 303), f"{path}: {link}"


@pytest.mark.slow
def test_every_record_of_a_base_of_all_kinds_has_a_page_in_both_languages(
    tiny: FlaskClient, shipped_layout: Layout
) -> None:
    layout = Layout(ROOT / "tests" / "tiny" / "data", shipped_layout.ontology)
    paths = sorted(records(EmbeddedEngine(load_store(layout))))
    kinds = {path.split("/")[0] for path in paths}
    assert {"articulation", "realisation", "link", "comparison", "provision"} <= kinds
    for path in paths:
        for lang in LANGUAGES:
            assert check_page(get(tiny, f"/{lang}/{path}")).faults == [], path
    for path in PAGES:
        assert check_page(get(tiny, f"/fr/{path}")).faults == [], path


def test_what_a_principle_page_says_leads_back_to_words_and_speaker(client: FlaskClient) -> None:
    html = get(client, "/en/principle/data-portability")
    assert "<q>la portabilité des données</q>" in html
    assert "/en/person/benoit-thieulin" in html
    assert "/en/document/seed-000#c4187-4213" in html
    assert "direct quotation" in html
    assert "/en/provision/lopdgdd-titulo-x-art-95" in html


def test_privacy_is_shown_in_the_narrators_voice(client: FlaskClient) -> None:
    html = get(client, "/en/principle/privacy")
    said = html.split('id="statements"')[1].split("</section>")[0]
    assert "Author of the report, unnamed" in said
    assert "Benoît Thieulin" not in said


@pytest.mark.parametrize("slug", ["transparency-of-public-life", "privacy"])
def test_a_tension_shows_its_own_reference_on_the_pages_of_both_principles(
    client: FlaskClient, slug: str
) -> None:
    place = get(client, f"/en/principle/{slug}").split('id="place"')[1].split("</section>")[0]
    assert "/en/reference/transparency-of-public-life-chile-2022-art-167-4" in place
    assert "Artículo 167.4" in place and "/en/voc/verification/read-in-copy" in place
    assert "art-167-1" not in place and "privacy-udhr" not in place


def test_derived_facts_are_marked(client: FlaskClient) -> None:
    html = get(client, "/fr/proposal/charter-of-fundamental-digital-rights")
    assert re.search(r'prov:wasAttributedTo.*?<span class="derived">déduit</span>', html, re.S)


def test_exact_words_keep_their_language_and_spaces_on_english_pages(client: FlaskClient) -> None:
    html = get(client, "/en/")
    quote = re.search(r'<blockquote class="exact" lang="fr".*?</blockquote>', html, re.S)
    assert quote is not None
    assert "L’Europe, eldorado de l’économie contributive" in quote[0]
    inside = re.search(r"<q>(.*?)</q>", quote[0], re.S)
    assert inside is not None and "\u00a0" not in inside[1] and "\u202f" not in inside[1]


def test_a_text_in_another_language_than_the_page_is_marked(client: FlaskClient) -> None:
    html = get(client, "/en/reference/seed-000-address-page")
    assert re.search(r'lang="fr">France Stratégie, page', html)
    assert re.search(r'class="badge"[^>]*>fr<', html)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ["", "principles", "principle/hostile", "document/hostile"])
def test_markup_in_a_literal_is_text_and_an_address_that_runs_is_no_link(
    hostile: FlaskClient, lang: str, path: str
) -> None:
    html = get(hostile, f"/{lang}/{path}")
    page = check_page(html)
    assert page.faults == []
    schemes = {urlsplit(link).scheme.lower() for link in page.links}
    assert schemes <= {"", "http", "https", "mailto"}
    assert "<script>" not in html and "<img src=x" not in html


def test_a_hostile_principle_is_shown_all_the_same(hostile: FlaskClient) -> None:
    html = get(hostile, "/fr/principle/hostile")
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in html
    assert "javascript:alert(3)" in html
    assert re.search(r'<span lang="de">&lt;img src=x', html), "its language is said"
    assert re.search(r'class="badge"[^>]*>de<', html), "and marked"
    assert "<q>&lt;script&gt;</q>" in html
    assert 'href="mailto:editors@example.org"' in html
    described = json.loads("".join(check_page(html).scripts))
    assert described["name"] == [
        {"@value": "</script><script>alert(1)</script>", "@language": "en"}
    ]


def test_a_document_whose_text_is_not_held_shows_its_passages(hostile: FlaskClient) -> None:
    html = get(hostile, "/en/document/hostile")
    assert "is not held on this server" in html
    assert 'id="c0-8"' in html


def test_structured_data_says_what_the_page_is_about(client: FlaskClient) -> None:
    kinds = {
        "principle/privacy": "DefinedTerm",
        "proposal/promote-interoperability": "Claim",
        "instrument/proposed-charter-on-fundamental-digital-rights": "CreativeWork",
    }
    for path, kind in kinds.items():
        described = json.loads("".join(check_page(get(client, f"/fr/{path}")).scripts))
        assert described["@type"] == kind
        assert described["@id"] == f"{BASE}id/{path}"
        assert {text["@language"] for text in described["name"]} == {"fr", "en"}


def test_unknown_addresses_are_404_in_the_language_of_the_path(client: FlaskClient) -> None:
    for path in ("nothing", "principle/nothing", "nothing/at-all", "questions/cq99", "voc/no/x"):
        assert "Introuvable" in get(client, f"/fr/{path}", 404)
        assert "Not found" in get(client, f"/en/{path}", 404)


def test_a_withdrawn_record_is_410_and_says_so(odd: FlaskClient) -> None:
    page = get(odd, "/fr/principle/old-principle", 410)
    assert "Fiche retirée" in page
    assert check_page(page).faults == []


def test_a_question_runs_with_the_values_given(client: FlaskClient) -> None:
    html = get(client, "/en/questions/cq11?person=group:page-author")
    assert "Author of the report, unnamed" in html or "page-author" in html
    assert "VALUES (?person) { (&lt;https://w3id.org/digital-rights-charter/id/group/" in html


def test_a_question_tells_what_is_wrong_with_a_value(client: FlaskClient) -> None:
    html = get(client, "/en/questions/cq19?day=tomorrow", 400)
    assert "write YYYY-MM-DD" in html
    assert check_page(html).faults == []


def test_question_three_answers_no(client: FlaskClient) -> None:
    assert "<strong>non</strong>" in get(client, "/fr/questions/cq03")


def test_the_list_of_actors_is_in_dictionary_order(client: FlaskClient) -> None:
    html = get(client, "/fr/glossary")
    terms = re.findall(r"<dt><a [^>]*>([^<]+)</a>", html)
    assert len(terms) > 8
    assert terms.index("Économie contributive") < terms.index("Fonds d’assurance-vie")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_ontology_page_has_an_anchor_for_every_term(client: FlaskClient, lang: str) -> None:
    page = check_page(get(client, f"/{lang}/ontology"))
    assert {"Principle", "Statement", "statedBy", "evidence"} <= page.ids


def test_a_page_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/fr/principles")
    again = client.get("/fr/principles", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/en/principles").headers["ETag"] != first.headers["ETag"]


def test_every_query_file_is_used_by_a_page_or_by_the_program() -> None:
    used = {name for page in all_pages() for name in page.panels}
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("server", "kb")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    others = [query.name for query in page_queries() if query.name not in used]
    # The program may name a query whole, or by its last part behind a folder of its own.
    unused = [n for n in others if f'"{n}"' not in code and f'"{n.split("/")[1]}"' not in code]
    assert unused == []


def test_every_page_of_a_record_belongs_to_a_type_of_the_base() -> None:
    assert set(RECORDS) <= set(RECORD_TYPES)


def test_no_page_names_a_foreign_host_for_its_own_parts(client: FlaskClient) -> None:
    html = get(client, "/fr/")
    for address in re.findall(r'(?:src|href)="(https?://[^"]+)"', html):
        tag = html[: html.index(address)].rsplit("<", 1)[1]
        assert tag.startswith("a ") or urlsplit(address).hostname in ("localhost", "127.0.0.1")
