from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    """Pages that stay stable while rows are added. The view names its `ordering`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
