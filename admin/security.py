"""Headers of every console answer: nothing inline, nothing from elsewhere, nothing kept by a cache."""

from __future__ import annotations

import secrets

from flask import Response, g, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def csp_nonce() -> str:
    """A nonce for Flask-Admin's own templates. None of ours needs one: the policy does not even name it, so a
    forgotten inline script fails in the browser test instead of running."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def secure(response: Response) -> Response:
    """Put the headers on an answer; static files may be cached after asking again."""
    headers = response.headers
    headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if not (request.endpoint or "").endswith(".static"):
        headers["Cache-Control"] = "no-store"
    return response
