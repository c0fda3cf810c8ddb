"""The note type of the cards that go out: a front and a back. Its ids never change, so that Anki knows it again."""

from typing import Final

import genanki

FIELDS: Final = ("Front", "Back")
_CSS: Final = """.card {
  font-family: system-ui, sans-serif;
  font-size: 20px;
  line-height: 1.5;
  text-align: center;
  color: black;
  background-color: white;
}
ul, ol, pre, table { display: inline-block; text-align: left; }
pre { white-space: pre-wrap; }
table { border-collapse: collapse; }
td, th { border: 1px solid; padding: 0.2em 0.5em; }
mark { background: none; color: inherit; font-weight: bold; }
"""
BASIC: Final = genanki.Model(
    1_795_000_001,
    "Engram",
    fields=[{"name": name} for name in FIELDS],
    templates=[
        {
            "name": "Card 1",
            "qfmt": "{{Front}}",
            "afmt": "{{FrontSide}}\n\n<hr id=answer>\n\n{{Back}}",
        }
    ],
    css=_CSS,
)
