"""What the studio answers: JSON, or an error as a status and one sentence."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from zoomdream.errors import OutputBusyError, OutputExistsError, ZoomdreamError

MOST_JSON = 24_000_000
"""Bytes of a request's JSON: twice what a preset's file may have."""

Endpoint = Callable[[Request], Awaitable[Response]]
Data = dict[str, Any]

_LOG = logging.getLogger("zoomdream.studio")
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Refused(ZoomdreamError):
    """A request that cannot be done, with the status of its answer, and facts beside the sentence."""

    def __init__(self, status: int, message: str, **facts: object) -> None:
        super().__init__(message)
        self.status = status
        self.facts: Mapping[str, object] = facts


def answer(function: Callable[[Request, Data], object]) -> Endpoint:
    """An endpoint of a function that takes a request and its JSON, runs in a thread, and returns JSON or a response."""

    async def endpoint(request: Request) -> Response:
        try:
            data = await read_json(request) if request.method in ("POST", "PUT") else {}
            result = await run_in_threadpool(function, request, data)
        except Exception as error:
            return failure(error)
        return result if isinstance(result, Response) else JSONResponse(result)

    return endpoint


async def read_json(request: Request) -> Data:
    """A request's body as a JSON object; empty where there is none. Raises Refused."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MOST_JSON:
                raise Refused(413, f"the request has more than {MOST_JSON // 1_000_000} MB: no preset needs that")
    except ClientDisconnect:
        raise Refused(400, "the page has ended the request midway") from None
    if not body:
        return {}
    try:
        data = json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise Refused(400, "the request is not JSON") from None
    if not isinstance(data, dict):
        raise Refused(400, "the request is no JSON object")
    return data


def failure(error: Exception) -> Response:
    """An error as a status and one sentence; what nobody foresaw goes to the log with its traceback."""
    if isinstance(error, Refused):
        return JSONResponse({"message": str(error), **error.facts}, error.status)
    if isinstance(error, OutputExistsError | OutputBusyError):
        return JSONResponse({"message": str(error)}, 409)
    if isinstance(error, ZoomdreamError):
        return JSONResponse({"message": str(error)}, 400)
    if isinstance(error, OSError) and error.errno in _FULL:
        return JSONResponse({"message": f"the disk is full: {error.filename or 'nothing was written'}"}, 507)
    if isinstance(error, OSError) and error.strerror:
        return JSONResponse({"message": f"{error.filename or 'a file'}: {error.strerror}"}, 500)
    _LOG.error("a request failed", exc_info=error)
    return JSONResponse({"message": "something failed that nobody foresaw: the terminal says what"}, 500)


def text_of(data: Data, key: str, *, longest: int = 10_000_000) -> str:
    """A text of the request. Raises Refused where it is missing or too long."""
    value = data.get(key)
    if not isinstance(value, str):
        raise Refused(400, f"{key} is missing: it must be a text")
    if len(value) > longest:
        raise Refused(413, f"{key} has {len(value)} characters: it has at most {longest}")
    return value


def number_of(data: Data, key: str) -> float:
    """A finite number of the request. Raises Refused where it is missing."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        raise Refused(400, f"{key} is missing: it must be a number")
    return float(value)
