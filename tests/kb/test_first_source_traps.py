"""The twelve reading traps of the first source: what a hasty reader would get wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb.namespaces import expand, shorten

DATA = Path(__file__).parents[2] / "kb" / "data"
KINDS = ("Aim", "Concern", "Expectation", "Observation", "Opportunity", "Proposal")
NAMED_BY_THIEULIN = {"principle:interoperability", "principle:data-portability"}
ADDED_BY_THE_AUTHOR = {"principle:privacy", "principle:individual-freedoms"}


@pytest.fixture(scope="module")
def text() -> str:
    """The source, decoded from its exact bytes, line ends untouched."""
    return (DATA / "texts" / "seed-000.txt").read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """Every Turtle file of the data, in one graph."""
    loaded = ox.Store()
    for path in sorted(DATA.rglob("*.ttl")):
        loaded.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE)
    return loaded


def node(name: str) -> ox.NamedNode:
    """Return the node of a CURIE or IRI."""
    return ox.NamedNode(expand(name))


def values(store: ox.Store, name: str, predicate: str) -> set[str]:
    """Return the CURIEs or texts that a record has for a predicate."""
    found = (q.object for q in store.quads_for_pattern(node(name), node(predicate), None))
    return {shorten(o.value) for o in found if isinstance(o, ox.NamedNode | ox.Literal)}


def holders(store: ox.Store, predicate: str, value: str) -> set[str]:
    """Return the CURIEs of the records that have a value for a predicate."""
    found = (q.subject for q in store.quads_for_pattern(None, node(predicate), node(value)))
    return {shorten(subject.value) for subject in found if isinstance(subject, ox.NamedNode)}


def labels(store: ox.Store, name: str, predicate: str) -> dict[str, str]:
    """Return the texts of a record for a predicate, by language."""
    found = (q.object for q in store.quads_for_pattern(node(name), node(predicate), None))
    return {o.language or "": o.value for o in found if isinstance(o, ox.Literal)}


def bounds(store: ox.Store, passage: str) -> tuple[int, int]:
    """Return the start and end of a passage."""
    (start,) = values(store, expand(passage) + "#p", "oa:start")
    (end,) = values(store, expand(passage) + "#p", "oa:end")
    return int(start), int(end)


def statements_of_the_source(store: ox.Store) -> set[str]:
    """Return the records of the six kinds that rest on a passage of the first source."""
    own = holders(store, "drc:fromDocument", "document:seed-000")
    return {
        record
        for kind in KINDS
        for record in holders(store, "rdf:type", f"drc:{kind}")
        if own & values(store, record, "drc:evidence")
    }


def principles_of(store: ox.Store, statement: str) -> set[str]:
    """Return the principles a statement is about or promotes."""
    about = values(store, statement, "drc:concernsPrinciple")
    return about | values(store, statement, "drc:targetsPrinciple")


# 1
def test_privacy_is_never_attributed_to_thieulin(store: ox.Store) -> None:
    for name in sorted(ADDED_BY_THE_AUTHOR):
        slug = name.removeprefix("principle:")
        statement = f"statement:{slug}-among-essential-principles"
        assert values(store, statement, "drc:statedBy") == {"group:page-author"}
        assert values(store, statement, "drc:speechForm") == {"speech-form:narration"}
    for statement in holders(store, "drc:statedBy", "person:benoit-thieulin"):
        assert not principles_of(store, statement) & ADDED_BY_THE_AUTHOR, statement


def test_the_words_on_privacy_follow_the_end_of_the_quotation(store: ox.Store) -> None:
    _, end = bounds(store, "quotation:thieulin-charter")
    for name in sorted(ADDED_BY_THE_AUTHOR):
        slug = name.removeprefix("principle:")
        statement = f"statement:{slug}-among-essential-principles"
        for passage in values(store, statement, "drc:evidence"):
            assert bounds(store, passage)[0] > end


def test_interoperability_and_portability_are_thieulins_own_words(store: ox.Store) -> None:
    first, last = bounds(store, "quotation:thieulin-charter")
    quoted = holders(store, "drc:speechForm", "speech-form:direct-quotation")
    own = quoted & statements_of_the_source(store)
    assert own
    named: set[str] = set()
    for statement in own:
        assert values(store, statement, "drc:statedBy") == {"person:benoit-thieulin"}
        for passage in values(store, statement, "drc:evidence"):
            start, end = bounds(store, passage)
            assert first <= start and end <= last, statement
        named |= principles_of(store, statement)
    assert named >= NAMED_BY_THIEULIN
    assert values(store, "quotation:thieulin-charter", "drc:hasSpeaker") == {
        "person:benoit-thieulin"
    }


# 2
def test_europe_and_european_union_are_distinct(store: ox.Store) -> None:
    assert values(store, "geopolitical:europe", "drc:mayDenote") == {"union:european-union"}
    assert not values(store, "geopolitical:europe", "skos:exactMatch")
    assert not holders(store, "drc:addressedTo", "union:european-union") & statements_of_the_source(
        store
    )
    charter = "proposal:charter-of-fundamental-digital-rights"
    assert values(store, charter, "drc:addressedTo") == {"geopolitical:europe"}
    assert holders(store, "drc:concernsParty", "union:european-union") & statements_of_the_source(
        store
    ) == {"statement:eu-can-play-major-role"}


# 3
def test_nothing_said_is_pinned_to_a_workshop_the_text_does_not_name(store: ox.Store) -> None:
    for statement in statements_of_the_source(store):
        assert values(store, statement, "drc:madeAt") <= {"event:digital-workshops"}
    workshops = holders(store, "rdf:type", "drc:Workshop")
    aims = {aim for workshop in workshops for aim in values(store, workshop, "drc:hasAim")}
    assert {aim for aim in statements_of_the_source(store) if aim.startswith("aim:w")} <= aims


# 4
def test_ambiguous_sentences_have_no_speaker(store: ox.Store) -> None:
    ambiguous = {
        "statement:digital-enables-data-sharing",
        "statement:digital-enables-collaborative-work",
        "statement:digital-boosts-open-innovation",
        "statement:open-innovation-will-transform-model",
    }
    impersonal = {"proposal:integrate-digital-in-education-policy"}
    unstated = holders(store, "drc:attributionBasis", "attribution-basis:unstated")
    assert unstated & statements_of_the_source(store) == ambiguous | impersonal
    for statement in ambiguous | impersonal:
        assert not values(store, statement, "drc:statedBy")
    for statement in ambiguous:
        assert "Benoît Thieulin" in labels(store, statement, "skos:editorialNote")["fr"]


# 5
def test_the_two_groups_of_proposers_stay_apart(store: ox.Store) -> None:
    assert holders(store, "drc:statedBy", "group:workshop-participants") & statements_of_the_source(
        store
    ) == {
        "proposal:partnership-policies",
        "proposal:redirect-life-insurance-to-venture-capital",
        "aim:support-digital-transition",
    }
    assert holders(store, "drc:statedBy", "group:speakers-republican-model") == {
        "proposal:chief-digital-officer-per-administration",
        "proposal:hybrid-state-civil-society-projects",
    }


# 6
def test_an_ambiguous_purpose_is_linked_only_where_it_is_certain(store: ox.Store) -> None:
    aim = "aim:support-digital-transition"
    assert holders(store, "drc:isMeansTo", aim) == {
        "proposal:redirect-life-insurance-to-venture-capital"
    }
    assert "ambiguë" in labels(store, aim, "skos:editorialNote")["fr"]


# 7
def test_pronouns_are_resolved_in_the_paraphrase_and_noted(store: ox.Store) -> None:
    for statement, name, pronoun in [
        ("statement:digital-transition-helps-energy-transition", "transition num", "Celle-ci"),
        ("expectation:citizens-access-to-public-services", "l’éducation", "Ces services"),
        ("statement:new-democratic-participation", "numérique", "« Il »"),
    ]:
        assert name in labels(store, statement, "drc:paraphrase")["fr"]
        assert pronoun in labels(store, statement, "skos:editorialNote")["fr"]


# 8
def test_problems_challenge_benefits_and_telemedicine_mitigates_difficulties(
    store: ox.Store,
) -> None:
    for concern in (
        "concern:digital-electricity-consumption",
        "concern:digital-rare-metals-consumption",
    ):
        assert values(store, concern, "drc:challenges") == {
            "statement:digital-optimises-resource-use",
            "statement:digital-transition-helps-energy-transition",
        }
    assert values(store, "statement:telemedicine-helps-access", "drc:mitigates") == {
        "concern:access-difficulties-ageing",
        "concern:access-difficulties-remoteness",
    }


# 9
def test_open_lists_stay_open(store: ox.Store) -> None:
    statements = statements_of_the_source(store)
    marked = {s for s in statements if values(store, s, "drc:isNonExhaustive") == {"true"}}
    assert marked == {
        "statement:eu-can-play-major-role",
        "proposal:partnership-policies",
        "proposal:redirect-life-insurance-to-venture-capital",
        "proposal:chief-digital-officer-per-administration",
        "proposal:hybrid-state-civil-society-projects",
        "proposal:charter-of-fundamental-digital-rights",
        "proposal:promote-interoperability",
        "proposal:promote-data-portability",
        "proposal:promote-other-principles",
        "statement:privacy-among-essential-principles",
        "statement:individual-freedoms-among-essential-principles",
    }
    assert principles_of(store, "proposal:promote-other-principles") == set()


# 10
def test_the_nsa_revelations_are_context_and_nothing_more(store: ox.Store) -> None:
    event = "event:nsa-revelations"
    assert values(store, event, "rdf:type") == {"drc:Event"}
    assert not holders(store, "drc:madeAt", event)
    assert not holders(store, "drc:concernsParty", "organisation:nsa") & statements_of_the_source(
        store
    )
    for statement in statements_of_the_source(store):
        said = " ".join(labels(store, statement, "drc:paraphrase").values())
        assert not re.search(r"surveillance|NSA|Snowden", said), statement


# 11
def test_errors_of_the_source_are_kept_and_noted(store: ox.Store, text: str) -> None:
    for wrong, statement in [
        ("qu’induisent le numérique", "statement:digital-transforms-society"),
        ("difficultés d’accès dus", "concern:access-difficulties-ageing"),
        ("l’Etat", "proposal:hybrid-state-civil-society-projects"),
    ]:
        quoted = [text[slice(*bounds(store, p))] for p in values(store, statement, "drc:evidence")]
        assert any(wrong in words for words in quoted)
        assert "Sic" in labels(store, statement, "skos:editorialNote")["fr"]
        assert wrong not in labels(store, statement, "drc:paraphrase")["fr"]


# 12
def test_the_charter_is_a_means_given_by_way_of_example(store: ox.Store) -> None:
    charter = "proposal:charter-of-fundamental-digital-rights"
    duty = "proposal:europe-must-guarantee-internet-values"
    assert duty in values(store, charter, "drc:isMeansTo")
    assert values(store, charter, "drc:isNonExhaustive") == {"true"}
    assert values(store, charter, "drc:epistemicMode") == {"epistemic-mode:proposed"}
    assert values(store, duty, "drc:epistemicMode") == {"epistemic-mode:required"}
    (instrument,) = values(store, charter, "drc:callsForInstrument")
    periods = values(store, instrument, "drc:hasStatusPeriod")
    statuses = {s for period in periods for s in values(store, period, "drc:status")}
    assert "instrument-status:proposed" in statuses


def test_no_date_is_given_that_the_file_does_not_give(store: ox.Store) -> None:
    dates = ("drc:notBefore", "drc:notAfter", "drc:edtfDate", "dcterms:date", "dcterms:issued")
    silent = ("document:seed-000", "event:digital-workshops", "event:nsa-revelations")
    for record in silent:
        assert not any(values(store, record, date) for date in dates)
        assert not values(store, record, "dcterms:publisher")
    for inference in holders(store, "drc:inferenceAbout", "document:seed-000"):
        assert values(store, inference, "drc:reference"), inference
