"""A recipe as it is filled in: spec → fields, fields → spec, problems of the spec → fields.

The form shows less than a spec can say. What it does not show of the spec it began with is *kept*: that spec travels
along in a hidden field, is read through the door again when it comes back, and what the form does not show is taken
from it. So a preset that is started unchanged trains exactly the preset's spec.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from pydantic import TypeAdapter

from sandbox.admission import Admitted, FieldProblem, RefusedError, admit
from sandbox.datasets import DATASETS
from sandbox.defaults import default_data, default_optimizer, keys
from sandbox.forms import LayerForm, LayerFormSet, RecipeForm
from sandbox.models import TableQuerySet
from sandbox.spec import Spec, TableData
from sandbox.spec import layers as kinds
from sandbox.spec.data import Data
from sandbox.wording import PARTS, dataset_title, layers_in_words, part, readable, table_in_words

STARTER: dict[str, Any] = {
    "schema": 1,
    "data": {"kind": "circles", "rows": 500, "noise": 0.1, "validation": 0.2, "split": "shuffled", "seed": 1},
    "layers": [
        {"kind": "dense", "units": 8, "activation": "relu"},
        {"kind": "dense", "units": 2, "activation": "softmax"},
    ],
    "optimizer": {"kind": "adam", "learning_rate": 0.01},
    "loss": "sparse_categorical_crossentropy",
    "epochs": 40,
    "batch_size": 16,
    "shuffle": True,
    "seed": 1,
}
"""What the form shows to somebody who starts from nothing: it trains in a second and learns something."""

NEW_LAYERS: dict[str, dict[str, Any]] = {
    "dense": {"kind": "dense", "units": 8, "activation": "relu"},
    "dropout": {"kind": "dropout", "rate": 0.2},
}

_DATA_FIELDS = {"kind": "dataset", "seed": "data_seed"}
_OPTIMIZER_FIELDS = {"kind": "optimizer"}
_DATA_KEYS = ("rows", "noise", "classes", "validation", "split", "seed", "scaling", "label_noise")
_TOP_KEYS = ("loss", "epochs", "batch_size", "shuffle", "seed")
_COMMON_KEYS = ("test", "shuffled_labels")
"""Keys of the data that the form does not show and every data set has."""
_USUAL = {
    "noise": 0.1, "momentum": 0.0, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "weight_decay": 0.004,
    "initial_accumulator_value": 0.1,
}  # fmt: skip
"""What fields show that the chosen data set or optimizer does not have."""
MOST_BASE_CHARACTERS = 64 * 1024
_LAYER: TypeAdapter[kinds.Layer] = TypeAdapter(kinds.Layer)


class Recipe:
    """`base` is the spec it began with, where the form does not show all of it; `tables` are those it may name."""

    def __init__(
        self, form: RecipeForm, layers: Any, base: Spec | None = None, tables: TableQuerySet | None = None
    ) -> None:
        self.form = form
        self.layers = layers
        self.base = base
        self.tables = tables
        self.admitted: Admitted | None = None
        self.problems: list[str] = []
        """What is wrong with the whole, or with a part that the form does not show."""
        self._checked = False
        self._given = _given(base) if base else {}

    @classmethod
    def of_spec(cls, value: object, title: str = "", tables: TableQuerySet | None = None) -> "Recipe":
        """The recipe of a stored spec; of the starter where it can no longer be read."""
        spec = readable(value)
        if spec is None:
            recipe = cls.of_spec(STARTER, title, tables)
            recipe.problems.append(gettext("This recipe is of an older kind and can no longer be read."))
            return recipe
        base = spec if _keeps(_given(spec)) else None
        initial = {"title": title, **_flat(spec)}
        layers = [] if base and _is_locked(_given(base)) else [_row(layer) for layer in spec.layers]
        form = RecipeForm(initial=initial, table=_table(base))
        recipe = cls(form, LayerFormSet(initial=layers, prefix="layers"), base, tables)
        recipe._admit(spec.model_dump(mode="json"))
        return recipe

    @classmethod
    def of_post(cls, post: Mapping[str, Any], tables: TableQuerySet | None = None) -> "Recipe":
        base = _read_base(post.get("base", ""))
        rows = None if base and _is_locked(_given(base)) else post
        recipe = cls(RecipeForm(post, table=_table(base)), LayerFormSet(rows, prefix="layers"), base, tables)
        if base is None and post.get("base"):
            recipe.problems.append(gettext("What was kept of the preset could not be read. Open the preset again."))
            recipe._checked = True
        return recipe

    # --- what is kept ------------------------------------------------------------------------------------------------

    @property
    def is_locked(self) -> bool:
        """Whether the layers are those of the base: the form could not show them."""
        return _is_locked(self._given)

    def base_json(self) -> str:
        return json.dumps(self._given, separators=(",", ":"), ensure_ascii=False)

    def kept_layers(self) -> list[dict[str, str]]:
        """The layers, where the form cannot show them."""
        return layers_in_words(self._given["layers"]) if self.is_locked else []

    def kept_parts(self) -> list[dict[str, str]]:
        """What else is kept, by name."""
        if self.base is None:
            return []
        parts = {**self._kept_data(self._dataset()), **self._kept_of_optimizer(), **_kept_of_top(self._given)}
        whole = self.base.model_dump(mode="json")
        full = {**whole["data"], **whole["optimizer"], **whole}
        lines = [part(name, full[name]) for name in parts if name in PARTS]
        if isinstance(self.base.data, TableData) and self._dataset() == "table":
            lines.insert(0, {"label": gettext("Table"), "text": table_in_words(self.base.data)})
        return lines

    def rows_of_kept(self) -> list[dict[str, str]]:
        """The layers among the kept ones that rows can show, for the form to go on with."""
        shown = [layer for layer in self.base.layers if layer.kind in NEW_LAYERS] if self.base else []
        if not any(isinstance(layer, kinds.Dense) for layer in shown):
            return [as_fields(layer) for layer in STARTER["layers"]]
        return [as_fields(_row(layer)) for layer in shown]

    def _dataset(self) -> str:
        return str(self.form["dataset"].value())

    def _kept_data(self, kind: str) -> dict[str, Any]:
        """All that belongs to the base's data set; of another one, only what every data set has."""
        data = self._given.get("data", {})
        names = data if data.get("kind") == kind else _COMMON_KEYS
        return {name: data[name] for name in names if name in data and name not in ("kind", *_shown_data(kind))}

    def _kept_of_optimizer(self) -> dict[str, Any]:
        optimizer = self._given.get("optimizer", {})
        return {name: optimizer[name] for name in ("schedule", "clipping") if name in optimizer}

    # --- checking ----------------------------------------------------------------------------------------------------

    @property
    def is_bound(self) -> bool:
        return self.form.is_bound

    def is_valid(self) -> bool:
        """Check the fields, then the spec they make; `admitted` is set if it may be trained. Repeating it is free."""
        if not self._checked:
            self._checked = True
            fields_are_good = self.form.is_valid() & (self.is_locked or self.layers.is_valid())
            self.problems += [str(error) for error in self.layers.non_form_errors()] if not self.is_locked else []
            if fields_are_good:
                self._admit(self.spec())
        return self.admitted is not None

    def all_problems(self) -> list[str]:
        """Every problem as one line, the field's label first."""
        lines = [*self.problems, *_lines(self.form)]
        for number, layer in enumerate(self.layers.forms, start=1):
            lines += [gettext("Layer %(number)d") % {"number": number} + ": " + line for line in _lines(layer)]
        return lines

    @property
    def hides_errors(self) -> bool:
        """Whether something is wrong below "More settings", so that the page opens it."""
        return any(name in self.form.errors for name in RecipeForm.MORE)

    def _admit(self, spec: Mapping[str, Any]) -> None:
        try:
            self.admitted = admit(spec, self.tables)
        except RefusedError as refusal:
            for problem in refusal.problems:
                self._place(problem)

    def spec(self) -> dict[str, Any]:
        """The spec of fields that are valid one by one; what is left empty gets the spec's default."""
        value = self.form.cleaned_data
        kind = value["dataset"]
        data = {"kind": kind, **_filled(value, _shown_data(kind), _DATA_FIELDS), **self._kept_data(kind)}
        names = _shown_optimizer(value["optimizer"])
        optimizer = {"kind": value["optimizer"], **_filled(value, names, {}), **self._kept_of_optimizer()}
        layers = self._given["layers"] if self.is_locked else [layer.cleaned_data for layer in self.layers]
        shown = {"schema": 1, "data": data, "layers": layers, "optimizer": optimizer}
        return {**_kept_of_top(self._given), **shown, **{name: value[name] for name in _TOP_KEYS}}

    def so_far(self) -> tuple[Data | None, Sequence[kinds.Layer]]:
        """Data and layers as far as they can be read from a recipe that is not right yet."""
        fields = self.form.cleaned_data if self.form.is_bound and hasattr(self.form, "cleaned_data") else {}
        kind = fields.get("dataset")
        if kind is None:
            return None, ()
        data = self.base.data if kind == "table" and self.base else default_data(kind)
        if self.base and self.is_locked:
            return data, self.base.layers
        return data, [*_layers_of(self.layers.forms)]

    def _place(self, problem: FieldProblem) -> None:
        parts = problem.pointer.strip("/").split("/")
        form: forms.Form = self.form
        name: str | None = _field_name(parts)
        if parts[0] == "layers" and len(parts) == 3 and not self.is_locked:
            form, name = self.layers.forms[int(parts[1])], parts[2]
        if form.is_bound and name in form.fields:
            form.add_error(name, problem.detail)
        else:
            self.problems.append(problem.detail)


# --- the spec it began with ------------------------------------------------------------------------------------------


def _given(spec: Spec) -> dict[str, Any]:
    """The spec as JSON, without what it would be anyway."""
    return spec.model_dump(mode="json", exclude_defaults=True)


def _read_base(text: str) -> Spec | None:
    """The spec in the hidden field, through the same door as every other."""
    if len(text) > MOST_BASE_CHARACTERS:
        return None
    try:
        return readable(json.loads(text)) if text else None
    except (ValueError, RecursionError):
        return None


def _keeps(given: Mapping[str, Any]) -> bool:
    """Whether this spec has parts that the form does not show."""
    data, optimizer = given["data"], given["optimizer"]
    shown = ("kind", *_shown_data(data["kind"]))
    return (
        _is_locked(given)
        or bool(_kept_of_top(given))
        or any(name not in shown for name in data)
        or any(name in optimizer for name in ("schedule", "clipping"))
    )


def _is_locked(given: Mapping[str, Any]) -> bool:
    return any(not layer.keys() <= {*LayerForm.FIELDS.get(layer["kind"], ())} for layer in given.get("layers", ()))


def _kept_of_top(given: Mapping[str, Any]) -> dict[str, Any]:
    return _but(given, "schema", "data", "layers", "optimizer", *_TOP_KEYS)


def _but(part: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in names}


def _table(base: Spec | None) -> str | None:
    return dataset_title(base.data) if base and isinstance(base.data, TableData) else None


# --- fields ----------------------------------------------------------------------------------------------------------


def _shown_data(kind: str) -> list[str]:
    """The keys of a data set that the form shows. The rows and classes of a table are the table's own."""
    described = DATASETS.get(kind)
    if described is None:
        return ["validation", "split", "seed", "scaling", "label_noise"]
    hidden = {"rows"} if described.rows_are_fixed else set()
    hidden |= {"label_noise"} if described.is_regression else set()
    return [name for name in keys(default_data(kind)) if name in _DATA_KEYS and name not in hidden]


def _shown_optimizer(kind: str) -> list[str]:
    return [name for name in keys(default_optimizer(kind)) if name not in ("schedule", "clipping")]


def _filled(value: Mapping[str, Any], names: Sequence[str], fields: Mapping[str, str]) -> dict[str, Any]:
    given = {name: value[fields.get(name, name)] for name in names}
    return {name: each for name, each in given.items() if each not in (None, "")}


def _flat(spec: Spec) -> dict[str, Any]:
    """The fields of a spec, with usable values for what its data set and its optimizer do not have."""
    data, optimizer = spec.data.model_dump(mode="json"), spec.optimizer.model_dump(mode="json")
    described = DATASETS.get(spec.data.kind)
    usual_scaling = spec.data.scaling == type(spec.data).model_fields["scaling"].default
    return {
        **_USUAL,
        "rows": described.default_rows if described else None,
        **{_DATA_FIELDS.get(name, name): data[name] for name in _shown_data(spec.data.kind)},
        "scaling": "" if usual_scaling else spec.data.scaling,
        "dataset": spec.data.kind,
        **{name: optimizer[name] for name in _shown_optimizer(spec.optimizer.kind)},
        "optimizer": spec.optimizer.kind,
        **{name: getattr(spec, name) for name in _TOP_KEYS},
    }


def _row(layer: kinds.Layer) -> dict[str, Any]:
    values = {name: getattr(layer, name) for name in LayerForm.FIELDS[layer.kind]}
    return {name: value for name, value in values.items() if value is not None}


def as_fields(row: Mapping[str, Any]) -> dict[str, str]:
    """A row as a browser would send it."""
    return {name: str(value) for name, value in row.items()}


def _layers_of(rows: Sequence[forms.Form]) -> Iterator[kinds.Layer]:
    """Nothing at all where one of the rows cannot be read."""
    if all(row.is_bound and row.is_valid() for row in rows):
        yield from (_LAYER.validate_python(row.cleaned_data) for row in rows)


def _lines(form: forms.Form) -> list[str]:
    return [f"{form.fields[name].label}: {error}" for name, errors in form.errors.items() for error in errors]


def _field_name(parts: list[str]) -> str | None:
    if parts[0] == "data" and len(parts) == 2:
        return _DATA_FIELDS.get(parts[1], parts[1])
    if parts[0] == "optimizer" and len(parts) == 2:
        return _OPTIMIZER_FIELDS.get(parts[1], parts[1])
    return parts[0] if len(parts) == 1 else None
