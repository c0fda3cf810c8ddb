import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from courses.svg import line
from quizzes.kinds.base import (
    Body,
    Graded,
    Html,
    Locale,
    Markdown,
    PublicQuestion,
    Refused,
    Render,
    Sheet,
    Strict,
    Texts,
    WrittenTexts,
    distinct,
    hints,
)

MOST_DRAWN = 7
"""A layer of more nodes is cut short; none of its nodes can be a target."""
SHOWN_OF_MORE = 3
"""So many of its first nodes are drawn, and as many of its last."""
ROW, GAP = 44.0, 60.0
"""Height of a row, and width of the strip with the edges between two columns; the page stretches it."""

Nodes = Annotated[int, Field(ge=0, le=100_000)]
Target = Annotated[str, StringConstraints(pattern=r"^(layer-[0-9]{1,2}|node-[0-9]{1,2}-[0-9]{1,2})$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]


class Network(Strict):
    """How many nodes each layer has, from the inputs on. A 0 is a layer without nodes of its own, drawn as a bar."""

    inputs: Annotated[int, Field(ge=1, le=100_000)]
    layers: Annotated[list[Nodes], Field(min_length=1, max_length=9)]

    @property
    def columns(self) -> list[int]:
        return [self.inputs, *self.layers]


class HotspotTexts(WrittenTexts):
    """`names` stand above the columns, plain: for layers that are to be told apart by what they are. Else none."""

    prompt: Markdown
    names: Annotated[list[Name], Field(max_length=10)] = []
    feedback: Markdown | None = None


class HotspotResponse(Strict):
    """The targets that were clicked, in any order: `layer-0` is the input, `node-1-2` the second node of layer 1."""

    targets: Annotated[list[str], Field(max_length=100)]


class NetworkColumn(Strict):
    """One layer as it is drawn, from left to right. `name` is empty where nothing stands above it."""

    layer: int
    nodes: int
    name: str


@dataclass(frozen=True)
class Spot:
    """Something to click, or (`target` is empty) something that is only drawn: a node, the dots of those left out.

    `column` of `columns`, and `node` of `nodes`, all from 1, say where it is; `node` is 0 for a whole layer, and `name`
    is what stands above it. `clicked` is also what had been clicked in a form that was no answer; `right` stands only
    after the answer.
    """

    target: str
    column: int
    columns: int
    nodes: int
    name: str = ""
    node: int = 0
    clicked: bool = False
    right: bool = False


@dataclass(frozen=True)
class Drawn:
    """A column of the drawing. `rows` are the numbers of the nodes that are drawn, None for the dots.

    `edges` is the strip between the column before and this one: marks of an SVG of `width` × `height`.
    """

    name: str
    whole: Spot
    rows: list[Spot | None]
    edges: Html
    is_bar: bool


@dataclass(frozen=True)
class Drawing:
    columns: list[Drawn]
    width: float
    height: float
    is_named: bool
    spots: list[Spot]
    """All that can be clicked, in reading order."""


class PublicHotspot(PublicQuestion):
    """`targets` are all that can be clicked. With `many`, several of them are to be; else one."""

    kind: Literal["hotspot"] = "hotspot"
    prompt: Html
    many: bool
    columns: list[NetworkColumn]
    targets: list[str]

    def laid_out(self, sheet: Sheet) -> Drawing:
        rows = max(len(_rows(column.nodes)) for column in self.columns)
        columns = [self._column(column, rows, sheet) for column in self.columns]
        every = [spot for column in columns for spot in (column.whole, *column.rows)]
        return Drawing(
            columns=columns,
            width=GAP,
            height=ROW * rows,
            is_named=any(column.name for column in self.columns),
            spots=[spot for spot in every if spot and spot.target],
        )

    def _column(self, column: NetworkColumn, rows: int, sheet: Sheet) -> Drawn:
        before = self.columns[column.layer - 1].nodes if column.layer else None
        return Drawn(
            name=column.name,
            whole=self._spot(column, 0, sheet),
            rows=[self._spot(column, node, sheet) if node else None for node in _rows(column.nodes) if column.nodes],
            edges=_edges(before, column.nodes, rows) if before is not None else "",
            is_bar=not column.nodes,
        )

    def _spot(self, column: NetworkColumn, node: int, sheet: Sheet) -> Spot:
        name = f"node-{column.layer}-{node}" if node else f"layer-{column.layer}"
        target = name if name in self.targets else ""
        given = sheet.response.targets if sheet.response else ()
        return Spot(
            target=target,
            column=column.layer + 1,
            columns=len(self.columns),
            nodes=column.nodes,
            name=column.name,
            node=node,
            clicked=bool(target)
            and (target in given or sheet.given.get("target") == target or f"target-{target}" in sheet.given),
            right=bool(target and sheet.key and target in sheet.key.targets),
        )


class HotspotKey(Strict):
    """With `many`, all the targets are to be clicked; else any one of them is right."""

    kind: Literal["hotspot"] = "hotspot"
    many: bool
    targets: list[str]


class Hotspot(Body):
    """Layers of a drawn network to be clicked, or single nodes: what the key names says which. Never both at once, for
    a node stands in its layer.

    One click: right if it hits any target of the key. With `many`, as in a multiple choice, the mark is

        max(0, (right clicked − wrong clicked) / number of targets in the key)
    """

    Public, Key, Response = PublicHotspot, HotspotKey, HotspotResponse
    PLAIN = {"names": True}

    kind: Literal["hotspot"]
    network: Network
    many: bool = False
    key: Annotated[list[Target], Field(min_length=1, max_length=60)]
    texts: Annotated[dict[Locale, HotspotTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        distinct(self.key, "a target of the key")
        for target in self.key:
            if target not in self.targets:
                raise ValueError(f"{target!r} of the key cannot be clicked; there are {', '.join(self.targets)}")
        if len(self.key) == len(self.targets):
            raise ValueError("every target is right: at least one must be wrong")
        for locale, texts in self.texts.items():
            if texts.names and len(texts.names) != len(self.network.columns):
                raise ValueError(
                    f"names ({locale}) are one for each of the {len(self.network.columns)} columns, or none"
                )
        return self

    @property
    def targets(self) -> list[str]:
        """All that can be clicked, from left to right and from top to bottom."""
        if not self.key[0].startswith("node-"):
            return [f"layer-{layer}" for layer in range(len(self.network.columns))]
        return [
            f"node-{layer}-{node}"
            for layer, nodes in enumerate(self.network.columns)
            if nodes <= MOST_DRAWN
            for node in range(1, nodes + 1)
        ]

    def render(self, render: Render) -> dict[str, Texts]:
        rendered = super().render(render)
        for locale, texts in rendered.items():
            texts |= {f"names.{index}": name for index, name in enumerate(self.texts[locale].names)}
        return rendered

    def public(self, texts: Texts) -> PublicHotspot:
        return PublicHotspot(
            prompt=texts["prompt"],
            hints=hints(texts),
            many=self.many,
            columns=[
                NetworkColumn(layer=layer, nodes=nodes, name=texts.get(f"names.{layer}", ""))
                for layer, nodes in enumerate(self.network.columns)
            ],
            targets=self.targets,
        )

    def revealed(self) -> HotspotKey:
        return HotspotKey(many=self.many, targets=[target for target in self.targets if target in self.key])

    def grade(self, response: HotspotResponse) -> Graded | Refused:
        """`parts`: whether the one click hit; with `many`, for each target whether it was rightly clicked or left."""
        clicked = set(response.targets)
        if not clicked:
            return Refused("/targets", "empty", "Nothing is clicked.")
        if not clicked <= set(self.targets):
            return Refused("/targets", "unknown_target", "One of these cannot be clicked.")
        if len(clicked) < len(response.targets):
            return Refused("/targets", "given_twice", "A target is given twice.")
        right = len(clicked & set(self.key))
        if self.many:
            score = max(0.0, (right - (len(clicked) - right)) / len(self.key))
            parts = {target: (target in clicked) == (target in self.key) for target in self.targets}
            return Graded(score, parts, ("feedback",))
        if len(clicked) > 1:
            return Refused("/targets", "too_many", "Only one can be clicked.")
        return Graded(float(right), {response.targets[0]: bool(right)}, ("feedback",))

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        """Boxes have a name each, for a form is read as one value per name."""
        if self.many:
            return {"targets": [target for target in self.targets if form.get(f"target-{target}")]}
        return {"targets": [form["target"]] if form.get("target") else []}

    def fields(self, response: HotspotResponse) -> dict[str, str]:
        if self.many:
            return {f"target-{target}": "1" for target in response.targets}
        return {"target": response.targets[0]} if response.targets else {}


# --- the drawing -----------------------------------------------------------------------------------------------------


def _rows(nodes: int) -> list[int]:
    """The numbers of the nodes that are drawn; 0 for the dots, and for the one row of a bar."""
    if nodes <= MOST_DRAWN:
        return list(range(1, nodes + 1)) or [0]
    return [*range(1, SHOWN_OF_MORE + 1), 0, *range(nodes - SHOWN_OF_MORE + 1, nodes + 1)]


def _heights(nodes: int, rows: int) -> list[float]:
    """Where the nodes of a column stand that is centred among so many rows; into a bar and out of it, straight on."""
    shown = _rows(nodes)
    return [ROW * ((rows - len(shown)) / 2 + place + 0.5) for place, node in enumerate(shown) if node or not nodes]


def _edges(before: int, after: int, rows: int) -> Html:
    """Every drawn node with every one of the next column."""
    left, right = _heights(before, rows), _heights(after, rows)
    pairs = list(itertools.product(left, right))
    if not before or not after:
        pairs = [(y, y) for y in (right if after else left)]
    return "".join(line(0, y1, GAP, y2, "d-edge") for y1, y2 in pairs)


KIND = Hotspot
