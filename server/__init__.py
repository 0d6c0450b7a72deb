"""The site: linked data, dumps and pages over one base (`app`), and the processes around it:
`supervisor`, `front` (HTTP, the SPARQL endpoint) and `worker` (queries, pages).

Nothing is imported here: the supervisor and the front start without what only pages need.
"""
