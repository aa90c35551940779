"""Identity provider of the JupyterLab of dx lab: the token is accepted from our own page only."""

from __future__ import annotations

from collections.abc import Awaitable

from jupyter_server.auth.identity import PasswordIdentityProvider, User
from tornado.web import RequestHandler


class SameOrigin(PasswordIdentityProvider):
    """Asks for the token, and for our own page also where the token is right.

    Jupyter lets any page that knows the token speak to it; a token that got out (a screenshot, a copied address, the
    history of a browser) would then be enough to start programs, or to read files, from a page elsewhere.
    """

    def get_user(self, handler: RequestHandler) -> User | Awaitable[User | None] | None:
        """Know nobody who comes from another page. A program that is no browser sends no origin."""
        request = handler.request
        ours = f"{request.protocol}://{request.host}".lower()
        known = all(one.lower() == ours for one in request.headers.get_list("Origin"))
        return super().get_user(handler) if known else None
