"""The Flask application: linked data, dumps and pages over one base."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from server import context, crawlers, descriptions, dumps, limits, linked_data, sparql
from server.headers import add_headers
from server.pages import pages
from server.problem_details import handle_errors
from server.site import EXTENSION, Site


def create_app(opened: Site) -> Flask:
    """Return the application over an open site."""
    app = Flask(__name__)
    app.extensions[EXTENSION] = opened
    app.config["MAX_CONTENT_LENGTH"] = opened.settings.max_body
    app.config["MAX_FORM_MEMORY_SIZE"] = None
    app.url_map.strict_slashes = False
    add_headers(app)
    handle_errors(app)
    for module in (sparql, linked_data, dumps, descriptions, context, crawlers, limits):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(pages)
    if hops := opened.settings.proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    return app
