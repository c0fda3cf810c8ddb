"""What the README says is so."""

import re
from pathlib import Path

from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()


def test_every_make_command_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)", README, re.MULTILINE))
    assert {name for pair in named for name in pair if name} <= targets


def test_every_management_command_exists() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", README))
    assert named
    assert named <= set(get_commands())


def test_every_variable_is_read_by_the_settings() -> None:
    rows = [line.split("|")[1] for line in README.splitlines() if line.startswith("| `") and line.count("|") == 4]
    variables = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert variables
    settings = (ROOT / "config" / "settings.py").read_text()
    assert [name for name in sorted(variables) if f'"{name}"' not in settings] == []


def test_every_folder_and_picture_is_there() -> None:
    folders = re.findall(r"^\| `([a-z]+/)` \|", README, re.MULTILINE)
    assert len(folders) == 6
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert [name for name in [*folders, *pictures] if not (ROOT / name).exists()] == []
