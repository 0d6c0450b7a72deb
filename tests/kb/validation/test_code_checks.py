"""Each rule written in Python, broken by a small base that trips exactly this rule."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

import pytest

from kb.namespaces import ID
from kb.validation.base import Base
from kb.validation.canonical import find_untidy_files
from kb.validation.causes import find_claimed_causes
from kb.validation.characters import find_unseen_signs
from kb.validation.digests import find_wrong_texts
from kb.validation.external import find_unaligned
from kb.validation.placement import find_misplaced
from kb.validation.quotations import find_doubtful_quotations
from kb.validation.result import Result

MakeBase = Callable[[Mapping[str, str | bytes]], Base]

TEXT = "Le droit d’accès. Le droit à l’oubli, « dit-il ».\n" + "Autre chose encore. " * 40
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
DOCUMENT = f'document:t a drc:SourceDocument ; drc:sha256 "{SHA256}" .\n'
STEPS = (
    find_untidy_files,
    find_misplaced,
    find_wrong_texts,
    find_doubtful_quotations,
    find_claimed_causes,
    find_unaligned,
    find_unseen_signs,
)
TABLE = (
    "# mapping_set_id: https://example.org/set\n"
    "# license: https://creativecommons.org/licenses/by/4.0/\n"
    "subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification\n"
)


def rules(results: Iterable[Result]) -> list[str]:
    """Return the names of the rules that some results break, sorted."""
    return sorted(result.rule.value.rpartition("#")[2] for result in results)


def everything(base: Base) -> list[str]:
    """Return the names of the rules that a base breaks, of all steps written in Python."""
    assert not base.problems
    return rules(result for step in STEPS for result in step(base))


def passage(exact: str, *, prefix: str = "", suffix: str = "", start: int | None = None) -> str:
    """Return a passage of the text, its offsets right unless told otherwise."""
    begin = TEXT.find(exact) if start is None else start
    end = begin + len(exact)
    node = f"https://w3id.org/digital-rights-charter/id/passage/t-{begin}-{end}"
    return (
        f"<{node}> a drc:Passage ; drc:fromDocument document:t ;"
        f" oa:hasSelector <{node}#p> , <{node}#q> .\n"
        f"<{node}#p> oa:start {begin} ; oa:end {end} .\n"
        f'<{node}#q> oa:exact "{exact}" ; oa:prefix "{prefix}" ; oa:suffix "{suffix}" .\n'
    )


def source(*passages: str, document: str = DOCUMENT) -> dict[str, str | bytes]:
    """Return the files of a document with its text and some passages."""
    return {"sources/t.ttl": document + "".join(passages), "texts/t.txt": TEXT}


def test_a_small_base_in_order_breaks_no_rule(make_base: MakeBase) -> None:
    files = source(passage("droit d’accès", prefix="Le ", suffix=". Le"))
    files["themes/health.ttl"] = 'theme:health skos:prefLabel "Santé"@fr .'
    files["alignments/x.sssom.tsv"] = (
        TABLE + "theme:health\tskos:closeMatch\thttps://example.org/1\thealth\tsemapv:x\n"
    )
    files["themes/health.ttl"] = (
        "theme:health a drc:Theme ; dcterms:relation <https://example.org/1> ."
    )
    assert everything(make_base(files)) == []


def test_an_altered_text_differs_from_its_digest(make_base: MakeBase) -> None:
    files = source()
    files["texts/t.txt"] = TEXT.replace("oubli", "Oubli")
    base = make_base(files)
    assert everything(base) == ["TextMatchesDigest"]
    (result,) = find_wrong_texts(base)
    assert result.value is not None and result.value.value == SHA256
    assert len(result.values["found"]) == 64


def test_passages_of_a_text_that_is_not_held_cannot_be_checked(make_base: MakeBase) -> None:
    files = source(passage("droit d’accès"))
    del files["texts/t.txt"]
    assert everything(make_base(files)) == ["TextIsHeld"]


def test_a_text_without_document_is_told(make_base: MakeBase) -> None:
    assert everything(make_base({"texts/stray.txt": "x"})) == ["TextHasDocument"]


def test_a_context_copied_wrongly_is_told(make_base: MakeBase) -> None:
    base = make_base(source(passage("droit d’accès", prefix="La ")))
    assert everything(base) == ["QuoteContextOccursOnce"]
    assert next(iter(find_doubtful_quotations(base))).values["count"] == "0"


def test_a_quote_that_occurs_twice_needs_a_longer_context(make_base: MakeBase) -> None:
    base = make_base(source(passage("Le droit")))
    assert everything(base) == ["QuoteContextOccursOnce"]
    assert next(iter(find_doubtful_quotations(base))).values["count"] == "2"


@pytest.mark.parametrize(
    ("typed", "original"),
    [
        ("droit d'accès", "droit d’accès"),
        ("“ dit-il ”", "« dit-il »"),
        ("Le\u00a0droit d’accès", "Le droit d’accès"),
        ("« dit‑il »", "« dit-il »"),
    ],
)
def test_a_typed_quote_gets_the_words_of_the_text_as_a_hint(
    make_base: MakeBase, typed: str, original: str
) -> None:
    base = make_base(source(passage(typed, start=3)))
    found = list(find_doubtful_quotations(base))
    assert rules(found) == ["QuoteMatchesAfterFolding"]
    assert found[0].values["original"] == original


def test_words_that_are_not_in_the_text_at_all_get_no_hint(make_base: MakeBase) -> None:
    assert everything(make_base(source(passage("liberté", start=3)))) == []


def test_long_quotation_of_a_third_party_is_told(make_base: MakeBase) -> None:
    half = passage(TEXT[: len(TEXT) // 2].replace("\n", "\\n"), start=0)
    base = make_base(source(half))
    assert everything(base) == ["QuotationsAreShort"]
    assert next(iter(find_doubtful_quotations(base))).values["share"] == "50"


@pytest.mark.parametrize(
    "ground", ['dcterms:rights "Cité par passages."@fr', "dcterms:license theme:x"]
)
def test_a_stated_ground_allows_long_quotation(make_base: MakeBase, ground: str) -> None:
    half = passage(TEXT[: len(TEXT) // 2].replace("\n", "\\n"), start=0)
    allowed = source(half, document=f"{DOCUMENT} document:t {ground} .")
    assert rules(find_doubtful_quotations(make_base(allowed))) == []


def test_overlapping_passages_count_once(make_base: MakeBase) -> None:
    tenth = len(TEXT) // 12
    parts = [passage(TEXT[50 : 50 + tenth], start=50), passage(TEXT[55 : 55 + tenth], start=55)]
    assert "QuotationsAreShort" not in everything(make_base(source(*parts)))


@pytest.mark.parametrize(
    ("rationale", "words"),
    [
        ('"Art. 20 came about thanks to the proposal."@en', "thanks to"),
        ('"Article adopté grâce à la proposition."@fr', "grâce à"),
        ('"Article adopté en raison de la proposition."@fr', "en raison de"),
    ],
)
def test_convergence_worded_as_cause_is_told(
    make_base: MakeBase, rationale: str, words: str
) -> None:
    record = (
        "realisation:r a drc:Realisation ; drc:influenceBasis influence-basis:{basis} ;"
        f" drc:rationale {rationale} ."
    )
    base = make_base({"realisations/r.ttl": record.format(basis="convergence")})
    assert everything(base) == ["ConvergenceIsNotCause"]
    assert next(iter(find_claimed_causes(base))).values["words"] == words
    documented = make_base({"realisations/r.ttl": record.format(basis="documented")})
    assert everything(documented) == []


def test_likeness_is_not_taken_for_cause(make_base: MakeBase) -> None:
    record = (
        "realisation:r drc:influenceBasis influence-basis:convergence ; drc:rationale"
        ' "L’article a le même contenu, sans lien connu."@fr , "Same content, no known link."@en .'
    )
    assert everything(make_base({"realisations/r.ttl": record})) == []


def test_an_external_identifier_needs_a_row_in_a_table(make_base: MakeBase) -> None:
    record = "theme:a a drc:Theme ; dcterms:relation <https://example.org/1> ."
    assert everything(make_base({"themes/a.ttl": record})) == ["ExternalIriIsAligned"]


@pytest.mark.parametrize(
    "link",
    [
        "dcterms:license <https://example.org/l>",
        "dcterms:source <https://example.org/s>",
        "a skos:Concept",
    ],
)
def test_pages_and_vocabulary_terms_need_no_row(make_base: MakeBase, link: str) -> None:
    assert everything(make_base({"themes/a.ttl": f"theme:a {link} ."})) == []


def test_a_row_about_no_record_is_told_at_its_line(make_base: MakeBase) -> None:
    row = "theme:nowhere\tdcterms:subject\thttps://example.org/1\tone\tsemapv:x\n"
    base = make_base({"alignments/x.sssom.tsv": TABLE + row})
    assert everything(base) == ["MappingSubjectExists"]
    assert [result.line for result in find_unaligned(base)] == [4]


def test_rows_out_of_order_doubled_or_with_windows_line_ends_are_told(make_base: MakeBase) -> None:
    record = {"themes/a.ttl": "theme:a a drc:Theme ."}
    first, second = (
        f"theme:a\tskos:closeMatch\thttps://example.org/{i}\tone\tsemapv:x\n" for i in (1, 2)
    )
    for body in (second + first, first + first, (first + second).replace("\n", "\r\n")):
        base = make_base({**record, "alignments/x.sssom.tsv": TABLE + body})
        assert everything(base) == ["AlignmentOrder"], body
    base = make_base({**record, "alignments/x.sssom.tsv": TABLE + first + second})
    assert everything(base) == []


def test_a_table_says_its_name_and_licence(make_base: MakeBase) -> None:
    head = TABLE.split("\n", 2)[2]
    base = make_base({"alignments/x.sssom.tsv": head})
    assert everything(base) == ["AlignmentHeader"]
    assert next(iter(find_untidy_files(base))).values["missing"] == "mapping_set_id, license"


def test_letters_in_another_normal_form_are_told(make_base: MakeBase) -> None:
    record = 'theme:a skos:prefLabel "Sante\u0301"@fr .'
    assert everything(make_base({"themes/a.ttl": record})) == ["TextIsNormalised"]


@pytest.mark.parametrize("sign", ["\\u0007", "\\u200B", "\\u202E", "\\u00AD", "\\uFEFF"])
def test_invisible_signs_are_told_by_their_code(make_base: MakeBase, sign: str) -> None:
    base = make_base({"themes/a.ttl": f'theme:a skos:prefLabel "San{sign}té"@fr .'})
    assert everything(base) == ["TextHasNoControlCharacter"]
    (result,) = find_unseen_signs(base)
    assert result.values["code"] == sign.replace("\\u", "U+")


def test_words_of_a_source_keep_their_signs(make_base: MakeBase) -> None:
    record = 'text:i-v drc:wording "e\u0301\\u200B"@fr .'
    assert everything(make_base({"instruments/i.ttl": record})) == []


@pytest.mark.parametrize(
    ("file", "record", "expected"),
    [
        ("principles/health.ttl", "theme:health a drc:Theme .", ["RecordIsInItsFile"]),
        ("themes/other.ttl", "theme:health a drc:Theme .", ["RecordIsInItsFile"]),
        ("nowhere/health.ttl", "theme:health a drc:Theme .", ["RecordIsInItsFile"]),
        ("theme.ttl", "theme:health a drc:Theme .", ["RecordIsInItsFile"]),
        ("instruments/i.ttl", "provision:j-art-1 a drc:Provision .", ["RecordIsInItsFile"]),
        ("instruments/i.ttl", "provision:i-art-1 a drc:Provision .", []),
        ("themes/t.ttl", "theme:t-1 a drc:Theme .", ["RecordIsInItsFile"]),
        ("themes/t.ttl", "reference:t-1 a drc:SourceReference .", []),
        ("sources/s.ttl", "quotation:of-somebody a drc:Quotation .", []),
        ("codings/c.ttl", "articulation:any a drc:Articulation .", []),
        ("themes/t.ttl", "<https://example.org/t> a skos:Concept .", ["SubjectIsOurs"]),
        ("themes/t.ttl", "drc:Thing a owl:Class .", ["RecordIsInItsFile"]),
        ("themes/t.ttl", "", ["FileDescribesSomething"]),
        ("dataset.ttl", "<https://w3id.org/digital-rights-charter/dataset> a dcat:Dataset .", []),
        ("schemes.ttl", "scheme:themes a skos:ConceptScheme .", []),
    ],
)
def test_a_record_stands_in_the_file_that_its_name_announces(
    make_base: MakeBase, file: str, record: str, expected: list[str]
) -> None:
    assert rules(find_misplaced(make_base({file: record}))) == expected


def test_a_subject_in_two_files_is_told_in_the_wrong_one(make_base: MakeBase) -> None:
    files: dict[str, str | bytes] = {
        "themes/a.ttl": 'theme:a a drc:Theme . theme:b skos:note "x"@en .',
        "themes/b.ttl": "theme:b a drc:Theme .",
    }
    found = list(find_misplaced(make_base(files)))
    assert rules(found) == ["RecordHasOneFile", "RecordIsInItsFile"]
    assert {result.file.name for result in found if result.file} == {"a.ttl"}


def test_a_file_out_of_canonical_form_is_told_at_the_first_difference(make_base: MakeBase) -> None:
    content = f"@prefix theme: <{ID}theme/> .\n\n\ntheme:a a theme:b .\n".encode()
    (result,) = find_untidy_files(make_base({"themes/a.ttl": content}))
    assert result.rule.value.endswith("#CanonicalForm")
    assert result.line == 3


def test_shapes_and_ontology_are_held_to_canonical_form_too(make_base: MakeBase) -> None:
    base = make_base({"ontology/voc/x.ttl": b"<urn:a> a <urn:b> . # note\n"})
    assert rules(find_untidy_files(base)) == ["CanonicalForm"]


def test_a_file_that_has_no_canonical_form_says_why(make_base: MakeBase) -> None:
    content = b"_:a <urn:p> _:x . _:b <urn:p> _:x .\n"
    (result,) = find_untidy_files(make_base({"themes/a.ttl": content}))
    assert result.texts is not None
    assert "blank node" in result.texts.message["en"]
