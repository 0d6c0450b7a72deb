"""Dumps: every format, whole, the same bytes each time, and described truthfully."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kb import EmbeddedEngine, Layout, load_store
from kb.export import FORMATS, export
from kb.layout import TEXTS_GRAPH
from server.app import create_app
from server.dumps import describe_dumps, dump_names
from server.settings import Settings
from server.site import Site, make_site
from tests.live import LiveServer, serving

TINY = Path(__file__).parents[1] / "tiny" / "data"
NAMES = dump_names()


@pytest.fixture(scope="module")
def base(shipped_layout: Layout) -> EmbeddedEngine:
    """The invented base: in every format, the whole takes long."""
    return EmbeddedEngine(load_store(Layout(TINY, shipped_layout.ontology)))


@pytest.fixture(scope="module")
def site(base: EmbeddedEngine, shipped_layout: Layout) -> Site:
    """The site over the invented base."""
    return make_site(base, Layout(TINY, shipped_layout.ontology), Settings())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The invented base served."""
    with serving(tmp_path_factory.mktemp("dumps") / "log", "--data", str(TINY)) as server:
        yield server


def test_every_export_format_has_a_dump() -> None:
    suffixes = {form.suffix for form in FORMATS.values()}
    plain = [name for name in NAMES if not name.endswith(".gz")]
    assert {name.removeprefix("charterkb.") for name in plain} == suffixes
    assert {"charterkb.nq.gz", "charterkb.ttl.gz", "charterkb.rdf.gz"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_dump_is_what_the_library_exports(
    client: FlaskClient, base: EmbeddedEngine, name: str
) -> None:
    response = client.get(f"/dump/{name}")
    assert response.status_code == 200
    body = gzip.decompress(response.data) if name.endswith(".gz") else response.data
    suffix = name.removeprefix("charterkb.").removesuffix(".gz")
    key = next(key for key, form in FORMATS.items() if form.suffix == suffix)
    assert body == export(base.store, key)
    wanted = "application/gzip" if name.endswith(".gz") else FORMATS[key].media_type
    assert response.mimetype == wanted
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("charterkb.nq", ox.RdfFormat.N_QUADS),
        ("charterkb.trig", ox.RdfFormat.TRIG),
        ("charterkb.ttl", ox.RdfFormat.TURTLE),
        ("charterkb.nt", ox.RdfFormat.N_TRIPLES),
        ("charterkb.rdf", ox.RdfFormat.RDF_XML),
        ("charterkb.jsonld", ox.RdfFormat.JSON_LD),
    ],
)
def test_a_dump_is_read_back_whole(
    client: FlaskClient, base: EmbeddedEngine, name: str, form: ox.RdfFormat
) -> None:
    quads = set(ox.parse(input=client.get(f"/dump/{name}").data, format=form))
    triples = {str(quad.triple) for quad in quads}
    assert triples == {str(quad.triple) for quad in base.store}
    if name.endswith((".nq", ".trig")):
        assert {q.graph_name for q in quads} == set(base.store.named_graphs())
    assert TEXTS_GRAPH not in {getattr(q.graph_name, "value", "") for q in quads}


def test_the_tables_are_an_archive_of_csv_files(client: FlaskClient) -> None:
    with zipfile.ZipFile(io.BytesIO(client.get("/dump/charterkb.csv.zip").data)) as archive:
        assert "Proposal.csv" in archive.namelist()
        assert archive.testzip() is None


@pytest.mark.parametrize("name", ["charterkb.nq", "charterkb.ttl.gz"])
def test_the_bytes_of_a_dump_do_not_depend_on_when_it_is_made(
    client: FlaskClient, site: Site, name: str
) -> None:
    again = create_app(site).test_client().get(f"/dump/{name}")
    assert again.data == client.get(f"/dump/{name}").data


def test_a_dump_is_saved_under_a_name_with_its_version(client: FlaskClient, site: Site) -> None:
    headers = client.get("/dump/charterkb.nq").headers
    wanted = f"attachment; filename=charterkb-{site.dataset.version}.nq"
    assert headers["Content-Disposition"] == wanted
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in headers["Link"]


def test_an_etag_spares_a_second_download(client: FlaskClient) -> None:
    tag = client.get("/dump/charterkb.nq").headers["ETag"]
    again = client.get("/dump/charterkb.nq", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head("/dump/charterkb.nq")
    assert head.headers["ETag"] == tag and head.data == b""
    assert int(head.headers["Content-Length"]) == len(client.get("/dump/charterkb.nq").data)
    tags = {client.head(f"/dump/{name}").headers["ETag"] for name in NAMES}
    assert len(tags) == len(NAMES)


@pytest.mark.parametrize(
    "name", ["charterkb.pdf", "charterkb", "other.nq", "..%2Fpyproject.toml", "charterkb.nq.gz.gz"]
)
def test_an_unknown_dump_is_not_found(client: FlaskClient, name: str) -> None:
    response = client.get(f"/dump/{name}")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_checksums_tell_a_whole_dump(site: Site, client: FlaskClient) -> None:
    with create_app(site).app_context():
        described = describe_dumps("http://localhost/")
    assert [dump.name for dump in described] == NAMES
    for dump in described:
        body = client.get(f"/dump/{dump.name}").data
        assert (dump.size, dump.sha256) == (len(body), hashlib.sha256(body).hexdigest())
