"""Hold a mapping against the base: what it names must be there, or be described in it."""

from __future__ import annotations

from collections.abc import Iterable

from kb.importing.assertions import right_slug
from kb.importing.complaints import Complaints, Place
from kb.importing.known import Known
from kb.importing.mapping import Document, Mapping, Reference
from kb.importing.records import version_iri
from kb.importing.wording import nearest
from kb.namespaces import PREFIXES, expand

_MATCHES = tuple(
    PREFIXES["skos"] + name
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
)


def check_mapping(mapping: Mapping, known: Known, complaints: Complaints) -> None:
    """Complain about all that a mapping names and the base does not have."""
    coding = mapping.coding
    _check_reference("coding.reference", coding.reference, mapping, known, complaints)
    _check_actors("coding.authors", [coding.authors], mapping, known, complaints)
    iri = expand(f"coding:{coding.slug}")
    is_described = coding.label.get("en") and coding.definition.get("en") and coding.reference.url
    if iri not in known and not is_described:
        complaints.add("coding-undescribed", Place(mapping.file, "coding"), value=coding.slug)
    _check_rights(mapping, known, complaints)
    instruments: dict[str, str] = {}
    for document in mapping.documents.values():
        _check_document(document, mapping, known, complaints)
        other = instruments.setdefault(document.instrument, document.key)
        if other != document.key:
            place = _place(mapping, document, "instrument")
            complaints.add("instrument-twice", place, value=document.instrument, other=other)


def _check_rights(mapping: Mapping, known: Known, complaints: Complaints) -> None:
    """Complain about unknown principles, and rights that are no category of a known coding."""
    start = expand(f"code:{mapping.coding.slug}-")
    categories = [iri for iri in known.files if iri.startswith(start)]
    principles = known.slugs("principle")
    slugs: dict[str, str] = {}
    for right, principle in mapping.rights.items():
        place = Place(mapping.file, f'rights."{right}"')
        if not right_slug(right):
            example = '"Open data" = "open-data"'
            complaints.add("mapping-wrong", place, value=right, expected=example)
        other = slugs.setdefault(right_slug(right), right)
        if other != right:
            complaints.add("right-like-another", place, value=right, other=other)
        category = start + right_slug(right)
        if principle not in principles:
            near = nearest(principle, principles)
            complaints.add("record-unknown", place, value=f"principle/{principle}", nearest=near)
        elif category in categories:
            matches = {
                m for p in _MATCHES for m in known.values(expand(f"principle:{principle}"), p)
            }
            if category not in matches:
                complaints.add("category-unmatched", place, value=right, principle=principle)
        if categories and category not in categories:
            near = nearest(right, [known.label(iri)["en"] for iri in categories])
            complaints.add("category-unknown", place, value=right, nearest=near)


def _check_document(
    document: Document, mapping: Mapping, known: Known, complaints: Complaints
) -> None:
    """Complain about an instrument that is neither there nor described, or of unclear version."""
    iri = expand(f"instrument:{document.instrument}")
    if new := document.new:
        key = _place(mapping, document, "new").cell
        actors = [*new.jurisdictions, *new.adopted_by, *new.proposed_by]
        _check_actors(key, actors, mapping, known, complaints)
        _check_reference(f"{key}.reference", new.reference, mapping, known, complaints)
    elif document.instrument and iri not in known:
        near = nearest(document.instrument, known.slugs("instrument"))
        place = _place(mapping, document, "instrument")
        complaints.add("instrument-unknown", place, value=document.instrument, nearest=near)
    _check_version(document, mapping, known, complaints)


def _check_version(
    document: Document, mapping: Mapping, known: Known, complaints: Complaints
) -> None:
    """Complain about a version that is not there, or is not named where there are several."""
    iri = expand(f"instrument:{document.instrument}")
    if iri not in known and not document.new:
        return
    start = expand(f"text:{document.instrument}-")
    versions = known.values(iri, expand("drc:hasTextVersion"))
    shown = ", ".join(version.removeprefix(start) for version in versions) or "—"
    version, place = document.version, _place(mapping, document, "version")
    if version and not version.language:
        if version_iri(document.instrument, version) not in versions:
            complaints.add("version-unknown", place, value=version.slug, versions=shown)
    elif not version and len(versions) > 1:
        complaints.add("version-missing", place, value=document.instrument, versions=shown)


def _check_actors(
    key: str, paths: Iterable[str], mapping: Mapping, known: Known, complaints: Complaints
) -> None:
    """Complain about actors that are neither in the base nor in the mapping."""
    described = {actor.path for actor in mapping.actors}
    for path in paths:
        iri = expand(path.replace("/", ":", 1))
        if path and path not in described and iri not in known:
            near = nearest(path, [f"{t}/{s}" for t in _ACTOR_TYPES for s in known.slugs(t)])
            complaints.add("record-unknown", Place(mapping.file, key), value=path, nearest=near)


def _check_reference(
    key: str, reference: Reference, mapping: Mapping, known: Known, complaints: Complaints
) -> None:
    """Complain about a reference that is neither in the base nor described."""
    if reference.slug and not reference.url and expand(f"reference:{reference.slug}") not in known:
        near = nearest(reference.slug, known.slugs("reference"))
        name = f"reference/{reference.slug}"
        complaints.add("record-unknown", Place(mapping.file, key), value=name, nearest=near)


_ACTOR_TYPES = ("group", "organisation", "state", "union", "geopolitical", "person", "agent")


def _place(mapping: Mapping, document: Document, key: str) -> Place:
    """Return the place of a key of a document in the mapping."""
    return Place(mapping.file, f"documents.{document.key}.{key}")
