"""Packages of Anki as its own versions write them, made by hand: an SQLite database of layout 11 in a zip."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LAYOUT = """
CREATE TABLE col (id integer PRIMARY KEY, crt integer NOT NULL, mod integer NOT NULL, scm integer NOT NULL,
  ver integer NOT NULL, dty integer NOT NULL, usn integer NOT NULL, ls integer NOT NULL, conf text NOT NULL,
  models text NOT NULL, decks text NOT NULL, dconf text NOT NULL, tags text NOT NULL);
CREATE TABLE notes (id integer PRIMARY KEY, guid text NOT NULL, mid integer NOT NULL, mod integer NOT NULL,
  usn integer NOT NULL, tags text NOT NULL, flds text NOT NULL, sfld integer NOT NULL, csum integer NOT NULL,
  flags integer NOT NULL, data text NOT NULL);
CREATE TABLE cards (id integer PRIMARY KEY, nid integer NOT NULL, did integer NOT NULL, ord integer NOT NULL,
  mod integer NOT NULL, usn integer NOT NULL, type integer NOT NULL, queue integer NOT NULL, due integer NOT NULL,
  ivl integer NOT NULL, factor integer NOT NULL, reps integer NOT NULL, lapses integer NOT NULL, left integer NOT NULL,
  odue integer NOT NULL, odid integer NOT NULL, flags integer NOT NULL, data text NOT NULL);
CREATE TABLE revlog (id integer PRIMARY KEY, cid integer NOT NULL, usn integer NOT NULL, ease integer NOT NULL,
  ivl integer NOT NULL, lastIvl integer NOT NULL, factor integer NOT NULL, time integer NOT NULL,
  type integer NOT NULL);
CREATE TABLE graves (usn integer NOT NULL, oid integer NOT NULL, type integer NOT NULL);
CREATE INDEX ix_cards_nid ON cards (nid);
"""
BACK = "{{FrontSide}}\n\n<hr id=answer>\n\n{{Back}}"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
DAY = 86_400_000
FIRST = 1_735_732_800_000
"""1 January 2025, noon, in milliseconds."""


def _type(name: str, fields: Sequence[str], *templates: tuple[str, str], cloze: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "type": int(cloze),
        "flds": [{"name": one, "ord": number} for number, one in enumerate(fields)],
        "tmpls": [
            {"name": f"Card {number + 1}", "ord": number, "qfmt": front, "afmt": back}
            for number, (front, back) in enumerate(templates)
        ],
    }


TYPES = {
    "1": _type("Basic", ["Front", "Back"], ("{{Front}}", BACK)),
    "2": _type(
        "Basic (and reversed card)",
        ["Front", "Back"],
        ("{{Front}}", BACK),
        ("{{Back}}", "{{FrontSide}}<hr id=answer>{{Front}}"),
    ),
    "3": _type(
        "Basic (type in the answer)",
        ["Front", "Back"],
        ("{{Front}}\n\n{{type:Back}}", "{{Front}}\n\n<hr id=answer>\n\n{{type:Back}}"),
    ),
    "4": _type("Cloze", ["Text", "Back Extra"], ("{{cloze:Text}}", "{{cloze:Text}}<br>\n{{Back Extra}}"), cloze=True),
}
BASIC, REVERSED, TYPED, CLOZE = 1, 2, 3, 4


@dataclass
class Collection:
    """`notes`: (guid, note type, fields); `cards`: (number of the note, ordinal, queue); `log`: (number of the card,
    moment in milliseconds, ease, kind, factor, milliseconds spent)."""

    notes: list[tuple[str, int, list[str]]] = field(default_factory=list)
    cards: list[tuple[int, int, int]] = field(default_factory=list)
    log: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    scheduler: int = 2
    version: int = 11
    extra_sql: str = ""

    def database(self) -> bytes:
        database = sqlite3.connect(":memory:")
        database.executescript(LAYOUT)
        decks = {"1": {"name": "Default"}, "2": {"name": "Nets::Layers"}}
        values = (self.version, json.dumps({"schedVer": self.scheduler}), json.dumps(TYPES), json.dumps(decks))
        database.execute("INSERT INTO col VALUES (1, 1700000000, 0, 0, ?, 0, 0, 0, ?, ?, ?, '{}', '{}')", values)
        for number, (guid, kind, fields) in enumerate(self.notes, 1):
            row = (number, guid, kind, " nets ", "\x1f".join(fields), fields[0])
            database.execute("INSERT INTO notes VALUES (?, ?, ?, 0, 0, ?, ?, ?, 0, 0, '')", row)
        for number, (note, ordinal, queue) in enumerate(self.cards, 1):
            row_ = (number, note, ordinal, queue)
            sql = "INSERT INTO cards VALUES (?, ?, 2, ?, 0, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0, '')"
            database.execute(sql, row_)
        for card, moment, ease, kind, factor, spent in self.log:
            sql = "INSERT INTO revlog VALUES (?, ?, 0, ?, 1, 0, ?, ?, ?)"
            database.execute(sql, (moment, card, ease, factor, spent, kind))
        database.executescript(self.extra_sql)
        database.commit()
        return database.serialize()

    def package(self, media: Mapping[str, bytes] | None = None, name: str = "collection.anki21") -> bytes:
        return pack({name: self.database()}, media)


def pack(files: Mapping[str, bytes], media: Mapping[str, bytes] | None = None) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        names = list(media or {})
        archive.writestr("media", json.dumps({str(number): name for number, name in enumerate(names)}))
        for number, name in enumerate(names):
            archive.writestr(str(number), (media or {})[name])
    return sink.getvalue()


def sample() -> Collection:
    """Five notes of every kind, seven cards, and eight lines of a log."""
    return Collection(
        notes=[
            ("basic-1", BASIC, ["What is an <b>epoch</b>?", "One pass over the training set.<br>Not a batch."]),
            ("reversed-2", REVERSED, ["relu", r"\(\max(0, x)\)"]),
            ("typed-3", TYPED, ["The step size of SGD", "learning rate"]),
            ("cloze-4", CLOZE, ["A {{c1::neuron}} has {{c2::weights::numbers}} and a bias.", ""]),
            ("picture-5", BASIC, ['<img src="net.png"> [sound:net.mp3]', "A network"]),
        ],
        cards=[(1, 0, 2), (2, 0, 2), (2, 1, 0), (3, 0, -1), (4, 0, 2), (4, 1, 0), (5, 0, 0)],
        log=[
            (1, FIRST, 3, 0, 2500, 4000),
            (1, FIRST + 600_000, 3, 0, 2500, 3000),
            (1, FIRST + 2 * DAY, 1, 1, 2500, 9000),
            (1, FIRST + 2 * DAY + 600_000, 3, 2, 2500, 2000),
            (1, FIRST + 5 * DAY, 0, 4, 2500, 0),
            (1, FIRST + 6 * DAY, 4, 1, 2500, 1500),
            (2, FIRST + 1, 2, 0, 2500, 5000),
            (5, FIRST + 2, 4, 0, 2500, 6000),
        ],
    )


MEDIA = {"net.png": PNG, "net.mp3": b"ID3" + bytes(50)}
