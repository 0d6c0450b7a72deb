"""Work with the endpoint as if it were a local rdflib graph: what is proposed on a principle.

    python client_rdflib_store.py [ENDPOINT]

The endpoint may also be set as CHARTERKB_ENDPOINT; without either, a local server is asked.
"""

import os
import sys

from rdflib import RDFS, Graph, Namespace
from rdflib.plugins.stores.sparqlstore import SPARQLStore

ENDPOINT = os.environ.get("CHARTERKB_ENDPOINT", "http://127.0.0.1:8000/sparql")
DRC = Namespace("https://w3id.org/digital-rights-charter/ontology#")
PRINCIPLE = Namespace("https://w3id.org/digital-rights-charter/id/principle/")


def main() -> None:
    """Print the statements that target interoperability, and the words each rests on."""
    endpoint = sys.argv[1] if len(sys.argv) > 1 else ENDPOINT
    graph = Graph(store=SPARQLStore(endpoint, returnFormat="json"))
    # Each pattern below is one small query to the endpoint.
    for statement in sorted(graph.subjects(DRC.targetsPrinciple, PRINCIPLE.interoperability)):
        labels = [label for label in graph.objects(statement, RDFS.label) if label.language == "en"]
        print(labels[0] if labels else statement)
        for passage in graph.objects(statement, DRC.evidence):
            print(f"    rests on {passage}")


if __name__ == "__main__":
    main()
