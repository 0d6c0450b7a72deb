#!/bin/sh
# Ask the endpoint from a shell with curl.
#
#     sh client_curl.sh [ENDPOINT]
#
# The endpoint may also be set as CHARTERKB_ENDPOINT; without either, a local server is asked.
set -eu
endpoint="${1:-${CHARTERKB_ENDPOINT:-http://127.0.0.1:8000/sparql}}"
site="${endpoint%/sparql}"

# A table for a spreadsheet: the Accept header names the format.
echo '# principles, as CSV'
curl --silent --show-error --fail "$endpoint" --header 'Accept: text/csv' \
  --data-urlencode 'query=
    PREFIX drc: <https://w3id.org/digital-rights-charter/ontology#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    SELECT ?principle ?label
    WHERE { ?principle a drc:Principle ; skos:prefLabel ?label . FILTER(LANG(?label) = "fr") }
    ORDER BY ?label LIMIT 5'

# The data of one record: its name redirects (-L) to a document in the format asked for.
echo '# one record, as Turtle'
curl --silent --show-error --fail --location --header 'Accept: text/turtle' \
  "$site/id/person/benoit-thieulin"

# The whole base in one file.
echo '# size of the whole base, in bytes'
curl --silent --show-error --fail "$site/dump/charterkb.nq.gz" | wc -c
