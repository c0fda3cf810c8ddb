"""The recipe of an experiment as a form: the fields of a spec with labels and help, and its layers as rows."""

from collections.abc import Mapping
from typing import Any, get_args

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sandbox.admission import Admitted, FieldProblem, RefusedError, admit
from sandbox.datasets import DATASETS, DatasetKind
from sandbox.spec import MAXIMA, Activation, Loss

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

NEW_LAYER: dict[str, Any] = {"kind": "dense", "units": 8, "activation": "relu"}

SPLITS = [
    ("last_rows", _("the last rows, as Keras' validation_split takes them")),
    ("shuffled", _("rows drawn at random by the seed")),
]
OPTIMIZERS = [("sgd", _("SGD: one step against the gradient")), ("adam", _("Adam: a step of its own for each weight"))]
LOSSES = {
    "sparse_categorical_crossentropy": _("sparse categorical cross-entropy: classes as numbers"),
    "categorical_crossentropy": _("categorical cross-entropy: classes one-hot"),
    "binary_crossentropy": _("binary cross-entropy: yes or no"),
    "mean_squared_error": _("mean squared error"),
}


class RecipeForm(forms.Form):
    """Everything of a spec but its layers. Field names are those of the spec, flattened."""

    title = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("Only for you, to find the run again.")
    )
    dataset = forms.ChoiceField(
        label=_("Data set"),
        choices=[(kind, _(each.title)) for kind, each in DATASETS.items()],
        widget=forms.RadioSelect,
    )
    rows = forms.IntegerField(
        label=_("Rows"),
        min_value=100,
        max_value=MAXIMA.rows,
        required=False,
        help_text=_("How many samples there are. The digits always have 1,797."),
    )
    noise = forms.FloatField(
        label=_("Noise"),
        min_value=0,
        max_value=0.5,
        required=False,
        help_text=_("How far the points of the circles stray from their ring, 0 to 0.5."),
    )
    validation = forms.FloatField(
        label=_("Share for validation"),
        min_value=0,
        max_value=0.9,
        help_text=_("0.1 puts a tenth of the rows aside: the network is measured on them but never learns from them."),
    )
    split = forms.ChoiceField(
        label=_("Which rows"),
        choices=SPLITS,
        help_text=_("If the rows are sorted, the last ones look different from the rest."),
    )
    data_seed = forms.IntegerField(label=_("Seed of the data"), min_value=0, max_value=2**32 - 1)
    optimizer = forms.ChoiceField(label=_("Optimizer"), choices=OPTIMIZERS)
    learning_rate = forms.FloatField(
        label=_("Learning rate"),
        min_value=1e-7,
        max_value=10,
        help_text=_("The size of a step: new weight = old weight − learning rate × gradient. Try 0.01 to 0.0001."),
    )
    momentum = forms.FloatField(
        label=_("Momentum"), min_value=0, max_value=0.9999, required=False, help_text=_("Of SGD: 0 has no memory.")
    )
    nesterov = forms.BooleanField(label=_("Nesterov's look-ahead (SGD)"), required=False)
    beta_1 = forms.FloatField(label=_("Beta 1 (Adam)"), min_value=0, max_value=0.9999999, required=False)
    beta_2 = forms.FloatField(label=_("Beta 2 (Adam)"), min_value=0, max_value=0.9999999, required=False)
    epsilon = forms.FloatField(label=_("Epsilon (Adam)"), min_value=1e-12, max_value=1, required=False)
    loss = forms.ChoiceField(
        label=_("Loss"),
        choices=[(loss, LOSSES[loss]) for loss in get_args(Loss)],
        help_text=_("What the network tries to make small: how wrong its predictions are."),
    )
    epochs = forms.IntegerField(
        label=_("Epochs"),
        min_value=1,
        max_value=MAXIMA.epochs,
        help_text=_("How often the network sees every training row."),
    )
    batch_size = forms.IntegerField(
        label=_("Batch size"),
        min_value=1,
        max_value=MAXIMA.rows,
        help_text=_("After so many rows the weights are changed once."),
    )
    shuffle = forms.BooleanField(label=_("Shuffle the training rows before each epoch"), required=False)
    seed = forms.IntegerField(
        label=_("Seed of the weights"),
        min_value=0,
        max_value=2**32 - 1,
        help_text=_("The same seed gives the same numbers, to the last digit."),
    )


class LayerForm(forms.Form):
    units = forms.IntegerField(label=_("Units"), min_value=1, max_value=MAXIMA.units)
    activation = forms.ChoiceField(label=_("Activation"), choices=[(name, name) for name in get_args(Activation)])


LayerFormSet = forms.formset_factory(
    LayerForm, extra=0, min_num=1, max_num=MAXIMA.layers, absolute_max=MAXIMA.layers, validate_min=True
)

_DATA_FIELDS = {"kind": "dataset", "seed": "data_seed"}
_OPTIMIZER_FIELDS = {"kind": "optimizer"}
_OF_DATASET: dict[str, tuple[str, ...]] = {"circles": ("rows", "noise"), "clinical_trial": ("rows",), "digits": ()}
_OF_OPTIMIZER = {
    "sgd": ("learning_rate", "momentum", "nesterov"),
    "adam": ("learning_rate", "beta_1", "beta_2", "epsilon"),
}


class Recipe:
    """A recipe as it is filled in: spec → fields, fields → spec, problems of the spec → fields."""

    def __init__(self, form: RecipeForm, layers: Any) -> None:
        self.form = form
        self.layers = layers
        self.admitted: Admitted | None = None
        self.problems: list[str] = []
        """What is wrong with the whole, or with a part that the form does not show."""
        self._checked = False

    @classmethod
    def of_spec(cls, spec: Mapping[str, Any], title: str = "") -> "Recipe":
        initial = {"title": title, **_flat(spec)}
        layers = [{"units": layer["units"], "activation": layer["activation"]} for layer in spec["layers"]]
        recipe = cls(RecipeForm(initial=initial), LayerFormSet(initial=layers, prefix="layers"))
        recipe._admit(spec)
        return recipe

    @classmethod
    def of_post(cls, post: Mapping[str, Any]) -> "Recipe":
        return cls(RecipeForm(post), LayerFormSet(post, prefix="layers"))

    @property
    def is_bound(self) -> bool:
        return self.form.is_bound

    def is_valid(self) -> bool:
        """Check the fields, then the spec they make; `admitted` is set if it may be trained. Repeating it is free."""
        if not self._checked:
            self._checked = True
            fields_are_good = self.form.is_valid() & self.layers.is_valid()
            self.problems += [str(error) for error in self.layers.non_form_errors()]
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
        hidden = ("seed", "data_seed", "momentum", "nesterov", "beta_1", "beta_2", "epsilon")
        return any(name in self.form.errors for name in hidden)

    def _admit(self, spec: Mapping[str, Any]) -> None:
        try:
            self.admitted = admit(spec)
        except RefusedError as refusal:
            for problem in refusal.problems:
                self._place(problem)

    def spec(self) -> dict[str, Any]:
        """The spec of fields that are valid one by one; what is left empty gets the spec's default."""
        value = self.form.cleaned_data
        data = {"kind": value["dataset"], "validation": value["validation"], "split": value["split"]}
        data["seed"] = value["data_seed"]
        optimizer = {"kind": value["optimizer"]}
        for target, names in ((data, _OF_DATASET[value["dataset"]]), (optimizer, _OF_OPTIMIZER[value["optimizer"]])):
            target.update({name: value[name] for name in names if value[name] is not None})
        return {
            "schema": 1,
            "data": data,
            "layers": [{"kind": "dense", **layer.cleaned_data} for layer in self.layers],
            "optimizer": optimizer,
            **{name: value[name] for name in ("loss", "epochs", "batch_size", "shuffle", "seed")},
        }

    def _place(self, problem: FieldProblem) -> None:
        parts = problem.pointer.strip("/").split("/")
        if parts[0] == "layers" and len(parts) == 3:
            form: forms.Form = self.layers.forms[int(parts[1])]
            name: str | None = parts[2]
        else:
            form, name = self.form, _field_name(parts)
        if form.is_bound and name in form.fields:
            form.add_error(name, problem.detail)
        else:
            self.problems.append(problem.detail)


def _lines(form: forms.Form) -> list[str]:
    return [f"{form.fields[name].label}: {error}" for name, errors in form.errors.items() for error in errors]


def _field_name(parts: list[str]) -> str | None:
    if parts[0] == "data" and len(parts) == 2:
        return _DATA_FIELDS.get(parts[1], parts[1])
    if parts[0] == "optimizer" and len(parts) == 2:
        return _OPTIMIZER_FIELDS.get(parts[1], parts[1])
    return parts[0] if len(parts) == 1 else None


def _flat(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a spec, with usable values for what its data set and its optimizer do not have."""
    data, optimizer = spec["data"], spec["optimizer"]
    kind: DatasetKind = data["kind"]
    return {
        "noise": 0.1,
        "split": "last_rows",
        "validation": 0.1,
        "rows": DATASETS[kind].default_rows,
        "momentum": 0.0,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "epsilon": 1e-7,
        **{_DATA_FIELDS.get(name, name): value for name, value in data.items()},
        **{_OPTIMIZER_FIELDS.get(name, name): value for name, value in optimizer.items()},
        **{name: spec[name] for name in ("loss", "epochs", "batch_size", "shuffle", "seed") if name in spec},
    }
