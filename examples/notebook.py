"""Use the base as a library, without any server: in a notebook, run one cell after the other.

python notebook.py
"""

# %% Open the base that comes with the package; `base.select` answers with rows of RDF terms.
from kb import Labels, find_query, open_base

base = open_base()
labels = Labels(base)

# %% A competency question by its number. `charterkb questions` lists all of them.
question = find_query("cq04")
print(question.summary["en"])
rows = base.select(question, **question.examples())
print(f"{len(rows)} rows, columns: {', '.join(question.columns)}")

# %% Names in French or English, for any IRI of the base.
for row in rows[:3]:
    iri = row["proposal"].value
    print(f"- {labels.label(iri, 'en').text} / {labels.label(iri, 'fr').text}")

# %% A query with a parameter: values are bound by the engine, never pasted into the text.
facts = base.select(
    find_query("record/facts"),
    record="https://w3id.org/digital-rights-charter/id/principle/interoperability",
)
print(f"{len(facts)} facts on interoperability")
