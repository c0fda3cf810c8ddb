"""Reads of content carry a strong ETag; a client that has it gets 304 and no body."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response

from config.renderers import ModelJSONRenderer


def conditional(method: Callable[..., Response]) -> Callable[..., Any]:
    """Decorate `get(self, request, …)`: the ETag is the hash of what would be sent."""

    @wraps(method)
    def get(self: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        response = method(self, request, *args, **kwargs)
        if response.status_code != 200:
            return response
        etag = f'"{hashlib.sha256(ModelJSONRenderer().render(response.data)).hexdigest()[:32]}"'
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Accept-Language", "Cookie", "X-Session-Token"])
        return get_conditional_response(request._request, etag=etag, response=response)

    return get
