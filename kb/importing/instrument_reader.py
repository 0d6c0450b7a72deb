"""Read the part of a mapping that describes an instrument, or a text cited."""

from __future__ import annotations

from kb.importing.known import Known
from kb.importing.mapping import NewInstrument, Reference, Status
from kb.importing.toml_section import Section


def read_reference(section: Section, known: Known) -> Reference:
    """Return a reference: its slug alone, if the base is to have it, or all that is needed."""
    slug = section.slug("slug", "gill-2015-table")
    if "url" not in section and "citation" not in section:
        section.close()
        return Reference(slug)
    reference = Reference(
        slug=slug,
        label=section.texts("label"),
        citation=section.texts("citation"),
        url=section.text("url", "https://example.org/table"),
        locus=section.text("locus", "Table 2", ""),
        accessed=section.day("accessed"),
        verification=section.code("verification", known.codes("verification")),
        note=section.texts("note", optional=True),
    )
    if reference.url and not reference.url.startswith(("http://", "https://")):
        values = {"value": reference.url, "expected": 'url = "https://…"'}
        section.complaints.add("mapping-wrong", section.place("url"), **values)
    section.close()
    return reference


def read_new_instrument(section: Section, known: Known) -> NewInstrument:
    """Return what a mapping says of an instrument that the base does not have yet."""
    new = NewInstrument(
        title=section.texts("title"),
        is_charter=section.flag("charter"),
        type=section.code("type", known.codes("instrument-type")),
        force=section.code("force", known.codes("normative-force")),
        region=section.code("region", known.codes("region")),
        jurisdictions=section.strings("jurisdictions", "state/france"),
        adopted_by=section.strings("adopted_by", "organisation/example"),
        proposed_by=section.strings("proposed_by", "organisation/example"),
        number=section.text("number", "2014/1", ""),
        statuses=tuple(_status(each, known) for each in section.tables("status")),
        reference=read_reference(section.table("reference"), known),
    )
    if not new.statuses:
        expected = 'status = [{ code = "adopted", since = 2014-10-13 }]'
        section.complaints.add("mapping-missing", section.place("status"), expected=expected)
    section.close()
    return new


def _status(section: Section, known: Known) -> Status:
    """Return one period of the life of an instrument."""
    status = Status(
        code=section.code("code", known.codes("instrument-status")),
        since=section.period("since"),
        until=section.period("until"),
    )
    section.close()
    return status
