"""Ask the endpoint with nothing but Python itself, heeding what it says when it refuses.

    python client_considerate.py [ENDPOINT]

The endpoint may also be set as CHARTERKB_ENDPOINT; without either, a local server is asked.
"""

import json
import os
import sys
import time
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

ENDPOINT = os.environ.get("CHARTERKB_ENDPOINT", "http://127.0.0.1:8000/sparql")
ATTEMPTS = 5

COUNT = """
PREFIX drc: <https://w3id.org/digital-rights-charter/ontology#>
SELECT ?principle (COUNT(DISTINCT ?statement) AS ?statements)
WHERE { ?statement drc:targetsPrinciple ?principle }
GROUP BY ?principle
ORDER BY DESC(?statements) ?principle
LIMIT 3
"""

# Every subject beside every other: more than any server should be made to work out.
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def ask(endpoint: str, query: str, seconds: float) -> dict:
    """Return the answer to a query that may take so many seconds; HTTPError when refused.

    QUERY is a GET whose question stands in the body (RFC 10008): of any length, safe to repeat.
    """
    request = Request(
        f"{endpoint}?{urlencode({'timeout': seconds})}",
        data=query.encode(),
        method="QUERY",
        headers={"Content-Type": "application/sparql-query", "Accept": "application/json"},
    )
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urlopen(request) as response:
                return json.load(response)
        except HTTPError as error:
            # Busy is not broken: the answer says when to come back.
            if error.code not in (429, 503) or attempt == ATTEMPTS:
                raise
            time.sleep(float(error.headers["Retry-After"]))
    raise AssertionError("unreachable")


def main() -> None:
    """Print the principles most spoken of, then what the endpoint says to a query too long."""
    endpoint = sys.argv[1] if len(sys.argv) > 1 else ENDPOINT
    for row in ask(endpoint, COUNT, 5)["results"]["bindings"]:
        print(f"{row['statements']['value']} statements target {row['principle']['value']}")
    try:
        ask(endpoint, ENDLESS, 0.5)
    except HTTPError as error:
        # Every refusal is a problem document (RFC 9457) that names its type and what to do.
        problem = json.load(error)
        print(f"{problem['status']} {problem['title']}: {problem['detail']}")
        print(f"    {problem['type']}")


if __name__ == "__main__":
    main()
