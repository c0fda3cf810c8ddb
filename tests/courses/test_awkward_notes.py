"""Awkward notes, each with what is expected of it beside it; `tests.courses.awkward` says how to renew that."""

from pathlib import Path

import pytest

from courses.folders import check_folder
from tests.courses.awkward import AWKWARD, FILES, drafted, expected_file

RENEW = "if this is right, read the difference and take it: python -m tests.courses.awkward --write"


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.stem)
def outcome(request, tmp_path_factory) -> tuple[Path, str, Path]:
    """The notes, what became of them, and the folder."""
    folder = tmp_path_factory.mktemp("awkward") / "course"
    return request.param, drafted(request.param, folder), folder


def test_it_drafts_what_is_expected(outcome):
    notes, now, _ = outcome
    assert now == expected_file(notes).read_text(), RENEW


def test_the_importer_accepts_it(outcome):
    notes, now, folder = outcome
    if now.startswith("Refused"):
        assert notes.stem in ("32-empty", "33-only-comments")
        assert not folder.exists()
    else:
        assert [str(found) for found in check_folder(folder).problems if found.severity == "error"] == []


def test_every_expectation_has_its_notes():
    assert {expected_file(notes) for notes in FILES} == set(AWKWARD.glob("*.expected.md"))
    assert len(FILES) >= 20
