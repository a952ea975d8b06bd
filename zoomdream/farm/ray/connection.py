"""The way to a Ray cluster: an address is tried before Ray is asked to connect, which would wait for minutes."""

from __future__ import annotations

import importlib
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from zoomdream.errors import ClusterError, UsageError
from zoomdream.interruption import waiting

THIS_CLUSTER = "ray"
"""The address that means the cluster of the environment: RAY_ADDRESS, or the one that runs on this machine."""

CLIENT = "ray://"
"""How addresses of Ray's client server begin, which speaks for programs outside of the cluster."""

ANSWER_TIMEOUT = 8.0
"""Seconds that a cluster has to give a sign of life."""

_CLIENT_PORT, _PORT = 10001, 6379  # Ray's own defaults
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?P<port>:\d{1,5})?")
# Methods that every version of Ray has; an answer of any kind shows that somebody is there, and knows the token.
_METHODS = {True: "/ray.rpc.RayletDriver/ClusterInfo", False: "/ray.rpc.NodeInfoGcsService/GetClusterId"}
_NO_GRPC = "http2 header with status"  # in what gRPC says of a web server that knows nothing of it
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]


def full_address(address: str) -> str:
    """The address as Ray takes it: `ray`, HOST:PORT or ray://HOST:PORT. Raises UsageError for anything else."""
    if address == THIS_CLUSTER:
        return address
    is_client = address.startswith(CLIENT)
    parts = _ADDRESS.fullmatch(address.removeprefix(CLIENT))
    port = int((parts["port"] or ":1")[1:]) if parts else 0
    if parts is None or not 0 < port < 65536:
        raise UsageError(f"{address!r:.80} is no address of a Ray cluster: ray, ray://HOST:PORT or HOST:PORT")
    default = _CLIENT_PORT if is_client else _PORT
    return f"{CLIENT if is_client else ''}{parts['host']}{parts['port'] or f':{default}'}"


@contextmanager
def connection(address: str) -> Iterator[Any]:
    """The module `ray`, connected to a cluster for the length of the block. One that is connected already stays so.

    Raises ClusterError where Ray is not installed, where no cluster answers within `ANSWER_TIMEOUT`, and where its
    versions, or its token, are others.
    """
    if _token():
        os.environ.setdefault(
            "RAY_AUTH_MODE", "token"
        )  # Ray reads it when it is imported, and sends no token without it
    ray = import_ray()
    if ray.is_initialized():
        yield ray
        return
    place = _place(address)
    with waiting(f"the Ray cluster at {place}"):
        _try(place)
        _connect(ray, place)
    try:
        yield ray
    finally:
        ray.shutdown()


def import_ray() -> ModuleType:
    """Ray. Raises ClusterError where it is not installed."""
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise ClusterError(
            f"Ray is not installed here ({error}): pip install 'zoomdream[ray]' brings it, and every machine of the "
            f"cluster needs it"
        ) from error


def _place(address: str) -> str:
    """Where the cluster is: HOST:PORT, or ray://HOST:PORT. Raises ClusterError where the environment does not say."""
    address = full_address(address)
    if address != THIS_CLUSTER:
        return address
    said = os.environ.get("RAY_ADDRESS", "")
    if said and said != "auto":
        return full_address(said)
    services = importlib.import_module("ray._private.services")  # Ray has no public name for it
    try:
        return str(services.canonicalize_bootstrap_address_or_die("auto"))
    except ConnectionError as error:
        raise ClusterError(
            "no Ray cluster runs on this machine, and RAY_ADDRESS names none: start one, or name it as ray://HOST:PORT"
        ) from error


def _try(place: str) -> None:
    """Ask a cluster for a sign of life. Raises ClusterError where there is none, or the token is not its own."""
    if os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true"):
        return  # Ray's own certificates are needed to say a word
    try:
        grpc = importlib.import_module("grpc")
    except ImportError as error:
        raise ClusterError(f"gRPC is not installed here ({error}): pip install 'zoomdream[ray]' brings it") from error
    token = _token()
    with grpc.insecure_channel(place.removeprefix(CLIENT)) as channel:
        call = channel.unary_unary(_METHODS[place.startswith(CLIENT)])
        try:
            call(b"", timeout=ANSWER_TIMEOUT, metadata=[("authorization", f"Bearer {token}")] if token else None)
        except grpc.RpcError as error:
            _judge(place, error.code().name, error.details() or "", has_token=bool(token))


def _judge(place: str, status: str, details: str, *, has_token: bool) -> None:
    """Raise ClusterError for a status that is no sign of life."""
    if status == "UNIMPLEMENTED" and _NO_GRPC in details:
        raise ClusterError(f"{place} answers, and is no Ray cluster: is it the port of one?")
    if status == "UNAVAILABLE":
        raise ClusterError(f"no Ray cluster is at {place}: is it running there, and can the port be reached?")
    if status == "DEADLINE_EXCEEDED":
        raise ClusterError(f"{place} gives no answer within {ANSWER_TIMEOUT:g} s: is it the port of a Ray cluster?")
    if status == "UNAUTHENTICATED":
        what = "does not take the token that is set here" if has_token else "wants a token, and none is set here"
        raise ClusterError(
            f"the Ray cluster at {place} {what}: put its token into RAY_AUTH_TOKEN, or into the file ~/.ray/auth_token"
        )


def _token() -> str:
    """The token, where Ray looks for it; empty where there is none, or it is not to be sent."""
    if os.environ.get("RAY_AUTH_MODE", "token").lower() != "token":
        return ""
    if os.environ.get("RAY_AUTH_TOKEN"):
        return os.environ["RAY_AUTH_TOKEN"].strip()
    with suppress(OSError, RuntimeError):
        named = os.environ.get("RAY_AUTH_TOKEN_PATH")
        return (Path(named) if named else Path.home() / ".ray" / "auth_token").read_text().strip()
    return ""


def _connect(ray: Any, place: str) -> None:
    """Connect. Ray's own handlers of signals do not stay: this program's end it in order. Raises ClusterError."""
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    try:
        ray.init(place, log_to_driver=False, logging_level="ERROR", ignore_reinit_error=True)
    except (ray.exceptions.RayError, ConnectionError, RuntimeError, ValueError, ImportError) as error:
        raise ClusterError(f"no connection to the Ray cluster at {place}: {_sentence(error)}") from error
    finally:
        with suppress(ValueError):  # in another thread than the main one Ray has not changed them
            for number, handler in handlers.items():
                signal.signal(number, handler)


def _sentence(error: Exception) -> str:
    """What Ray says, in a line. Of a traceback, which a server sends, the end counts."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return f"{lines[-1] if 'Traceback' in str(error) else ' '.join(lines):.400}"
