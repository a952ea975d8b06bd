"""Who may use the studio's page: those who know its token, from its own page, under its own name.

A page of another site that is open in the same browser can send requests to 127.0.0.1, and under a name of its own that
it has made mean 127.0.0.1 (DNS rebinding) read the answers too. So every request is refused whose `Host` is not this
machine, whose `Origin` is not the studio's page, or that has not shown the token. The token is shown once, in the
address; from then on it is a cookie that no script reads and no other site sends.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
"""What every answer carries: the page may load and run nothing but its own files, and nobody may frame or embed it."""

SHORTEST_TOKEN = 12
"""Characters of a token that somebody has chosen."""

_SAFE_METHODS = ("GET", "HEAD")
_OWN_SITE = ("none", "same-origin")  # `Sec-Fetch-Site`: typed or opened by a program, or by the page itself


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Access:
    """What a request has to show."""

    token: str
    """What the address carries."""

    port: int
    """Browsers send a cookie to all ports of a machine, so its name has the port."""

    hosts: frozenset[str]
    """The names of this machine under which the page may be asked for, in lower case."""

    any_address: bool = False
    """Whether a number, such as 192.168.1.5, may be the name, too: no site can make a number mean this machine."""

    @property
    def cookie(self) -> str:
        """The cookie's name."""
        return f"zoomdream-studio-{self.port}"

    @property
    def cookie_value(self) -> str:
        """What the cookie says: known to who knows the token, and no way back to it."""
        return hashlib.sha256(f"zoomdream studio {self.token}".encode()).hexdigest()

    def knows_host(self, host: str) -> bool:
        """Whether a `Host` header names this machine; its port does not matter, for tunnels have others."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in self.hosts:
            return True
        if not self.any_address:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def is_token(self, shown: str) -> bool:
        """Whether this is the token; the time that it takes says nothing."""
        return secrets.compare_digest(shown.encode(), self.token.encode())

    def is_cookie(self, shown: str) -> bool:
        """Whether this is the cookie's value."""
        return secrets.compare_digest(shown.encode(), self.cookie_value.encode())


def access(token: str, host: str, port: int) -> Access:
    """What requests have to show to a studio that listens at an address of this machine."""
    is_any = host in ("0.0.0.0", "::", "")
    names = {"localhost", "127.0.0.1", "::1", host.strip("[]").lower()}
    if is_any:
        own = socket.gethostname().lower()
        names |= {own, f"{own}.local", socket.getfqdn().lower()}
    return Access(token, port, frozenset(names), is_any)


class Gate:
    """Lets requests of the studio's own page through, and refuses all others with a sentence."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        answer = self._answer(scope, Headers(scope=scope))
        if scope["type"] == "websocket":
            if answer is None:
                return await self._app(scope, receive, send)
            return await send({"type": "websocket.close", "code": 1008})  # before it is accepted: status 403
        sending = _with_headers(send)
        if answer is None:
            return await self._app(scope, receive, sending)
        return await answer(scope, receive, sending)

    def _answer(self, scope: Scope, headers: Headers) -> Response | None:
        """What is answered in place of the application; None: nothing, the request may pass."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._access.knows_host(hosts[0]):
            return _refusal(400, "this is not the studio's address: open the one that it has written to its terminal")
        shown = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        is_opening = scope["type"] == "http" and scope["path"] == "/" and scope["method"] in _SAFE_METHODS
        if is_opening and shown:
            return self._welcome(scope, shown)
        if not _is_own(headers, hosts[0], scope):
            return _refusal(403, "this request comes from another site than the studio's page, and is refused")
        if not self._is_known(headers):
            return _refusal(401, "open the address that the studio has written to its terminal: it carries the token")
        return None

    def _welcome(self, scope: Scope, shown: list[str]) -> Response:
        """Take the token out of the address, where a browser's history would keep it, into the cookie."""
        if len(shown) != 1 or not self._access.is_token(shown[0]):
            return _refusal(401, "this token is not the studio's: open the address that it has written to its terminal")
        rest = parse_qs(scope["query_string"].decode("latin-1"))
        query = urlencode({name: values for name, values in rest.items() if name != "token"}, doseq=True)
        answer = RedirectResponse(f"/?{query}" if query else "/", status_code=303)
        answer.set_cookie(self._access.cookie, self._access.cookie_value, httponly=True, samesite="strict")
        return answer

    def _is_known(self, headers: Headers) -> bool:
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._access.is_token(token.strip())
        return any(self._access.is_cookie(value) for value in _cookies(headers, self._access.cookie))


def _cookies(headers: Headers, name: str) -> Iterable[str]:
    """The values of all cookies of this name: another program of this machine may have set one, too."""
    for header in headers.getlist("cookie"):
        for pair in header.split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                yield value.strip('"')


def _is_own(headers: Headers, host: str, scope: Scope) -> bool:
    """Whether a request comes from the studio's page, or from no page at all."""
    if headers.get("sec-fetch-site", "none") not in _OWN_SITE:
        is_link = scope["path"] == "/" and headers.get("sec-fetch-mode") == "navigate"
        if not is_link:
            return False
    origins = headers.getlist("origin")
    if origins:
        return len(origins) == 1 and origins[0].lower() in (f"http://{host.lower()}", f"https://{host.lower()}")
    if "authorization" in headers:  # a program, not a page: no browser adds a token by itself
        return True
    return scope["type"] == "http" and scope["method"] in _SAFE_METHODS


def _refusal(status: int, sentence: str) -> Response:
    return JSONResponse({"message": sentence}, status)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
