from typing import Any

from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    """Pages that stay stable while rows are added. The view names its `ordering`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        ordering: str | tuple[str, ...] = view.ordering
        return (ordering,) if isinstance(ordering, str) else tuple(ordering)
