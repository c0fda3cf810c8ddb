"""The API that phones were built for does not change unseen: `docs/openapi.yaml` is what it promises."""

from pathlib import Path

from django.core.management import call_command

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "openapi.yaml"


def test_the_api_is_the_one_that_is_documented(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--file", str(made))
    assert made.read_text() == DOCUMENT.read_text(), "The API has changed. If it was meant to: make api-document"
