"""Ask the endpoint from Python with SPARQLWrapper: the proposals of the base, and who made them.

    python client_sparqlwrapper.py [ENDPOINT]

The endpoint may also be set as CHARTERKB_ENDPOINT; without either, a local server is asked.
"""

import os
import sys

from SPARQLWrapper import JSON, SPARQLWrapper

ENDPOINT = os.environ.get("CHARTERKB_ENDPOINT", "http://127.0.0.1:8000/sparql")

# Labels exist in French and English: LANG() picks one.
QUERY = """
PREFIX drc: <https://w3id.org/digital-rights-charter/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?proposal ?label ?speaker
WHERE {
  ?proposal a drc:Proposal ; rdfs:label ?label .
  OPTIONAL { ?proposal drc:statedBy/rdfs:label ?speaker . FILTER(LANG(?speaker) = "en") }
  FILTER(LANG(?label) = "en")
}
ORDER BY ?label ?speaker
"""


def main() -> None:
    """Print one line for each proposal."""
    client = SPARQLWrapper(sys.argv[1] if len(sys.argv) > 1 else ENDPOINT)
    client.setReturnFormat(JSON)
    client.setQuery(QUERY)
    for row in client.queryAndConvert()["results"]["bindings"]:
        # An unbound variable is simply absent from its row.
        speaker = row["speaker"]["value"] if "speaker" in row else "speaker not named"
        print(f"{row['label']['value']} — {speaker}")
        print(f"    {row['proposal']['value']}")


if __name__ == "__main__":
    main()
