"""Whether the server is well, for whoever watches it."""

from __future__ import annotations

import time

from flask import Blueprint, Response, jsonify

from kb.dataset import DatasetInfo
from server.site import current_site

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Return versions, size and uptime as JSON, never from a cache."""
    site = current_site()
    dataset: DatasetInfo = site.dataset
    response = jsonify(
        status="ok",
        version=site.version,
        dataset={
            "version": dataset.version,
            "digest": dataset.digest,
            "triples": dataset.triples,
            "graphs": len(dataset.graphs),
        },
        triples=dataset.triples,
        uptime_s=round(time.monotonic() - site.started, 3),
    )
    response.headers["Cache-Control"] = "no-store"
    return response
