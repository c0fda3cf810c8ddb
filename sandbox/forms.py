"""The fields of a recipe, with labels and help. `sandbox.recipes` puts a spec into them and takes it out again."""

import math
from collections.abc import Mapping
from typing import Any, get_args

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from sandbox.datasets import DATASETS, Dataset
from sandbox.spec import MAXIMA, Activation

SPLITS = [
    ("last_rows", _("the last rows, as Keras' validation_split takes them")),
    ("shuffled", _("rows drawn at random by the seed")),
    ("stratified", _("rows drawn at random, each class in its share")),
]
SCALINGS = [
    ("", _("as is usual for the data set")),
    ("none", _("none: the numbers as they are")),
    ("min_max", _("min–max: every input from 0 to 1")),
    ("standard", _("standard: every input with mean 0 and spread 1")),
]
OPTIMIZERS = [
    ("sgd", _("SGD: one step against the gradient")),
    ("adam", _("Adam: a step of its own for each weight")),
    ("adamw", _("AdamW: Adam that lets the weights shrink")),
    ("nadam", _("Nadam: Adam that looks ahead")),
    ("rmsprop", _("RMSprop: steps measured by the last gradients")),
    ("adagrad", _("Adagrad: steps that only grow smaller")),
    ("adadelta", _("Adadelta: Adagrad that forgets")),
]
LOSSES = [
    (
        _("For classes"),
        [
            ("sparse_categorical_crossentropy", _("sparse categorical cross-entropy: classes as numbers")),
            ("categorical_crossentropy", _("categorical cross-entropy: classes one-hot")),
            ("binary_crossentropy", _("binary cross-entropy: yes or no")),
        ],
    ),
    (
        _("For a number"),
        [
            ("mean_squared_error", _("mean squared error")),
            ("mean_absolute_error", _("mean absolute error")),
            ("huber", _("Huber: squared where it is small, absolute where it is large")),
        ],
    ),
]


def _dataset_choice(dataset: Dataset) -> tuple[str, Any]:
    title = _(dataset.title)
    return dataset.kind, format_lazy(_("{title} (a number)"), title=title) if dataset.is_regression else title


class RecipeForm(forms.Form):
    """Everything of a spec but its layers. Field names are those of the spec, flattened; an optional field that is
    empty means the default of the data set or the optimizer."""

    title = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("Only for you, to find the run again.")
    )
    dataset = forms.ChoiceField(
        label=_("Data set"),
        choices=[_dataset_choice(dataset) for dataset in DATASETS.values()],
        widget=forms.RadioSelect,
    )
    rows = forms.IntegerField(
        label=_("Rows"),
        min_value=100,
        max_value=MAXIMA.rows,
        required=False,
        help_text=_("How many samples there are."),
    )
    noise = forms.FloatField(
        label=_("Noise"),
        min_value=0,
        max_value=0.5,
        required=False,
        help_text=_("How far the points stray from where they belong, 0 to 0.5."),
    )
    classes = forms.IntegerField(
        label=_("Classes"),
        min_value=2,
        max_value=10,
        required=False,
        help_text=_("Blobs come in 2 to 10, arms of a spiral in 2 to 5. The last layer needs as many units."),
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
    scaling = forms.ChoiceField(
        label=_("Scaling"),
        choices=SCALINGS,
        required=False,
        help_text=_("Measured on the training rows, then applied to all."),
    )
    label_noise = forms.FloatField(
        label=_("Wrong labels"),
        min_value=0,
        max_value=0.5,
        required=False,
        help_text=_("Share of the training labels that are replaced by another class, 0 to 0.5."),
    )
    optimizer = forms.ChoiceField(label=_("Optimizer"), choices=OPTIMIZERS)
    learning_rate = forms.FloatField(
        label=_("Learning rate"),
        min_value=1e-7,
        max_value=10,
        help_text=_("The size of a step: new weight = old weight − learning rate × gradient. Try 0.01 to 0.0001."),
    )
    momentum = forms.FloatField(
        label=_("Momentum"),
        min_value=0,
        max_value=0.9999999,
        required=False,
        help_text=_("How much of the last step is taken again: 0 has no memory."),
    )
    nesterov = forms.BooleanField(label=_("Nesterov's look-ahead (SGD)"), required=False)
    beta_1 = forms.FloatField(label=_("Beta 1"), min_value=0, max_value=0.9999999, required=False)
    beta_2 = forms.FloatField(label=_("Beta 2"), min_value=0, max_value=0.9999999, required=False)
    epsilon = forms.FloatField(label=_("Epsilon"), min_value=1e-12, max_value=1, required=False)
    rho = forms.FloatField(
        label=_("Rho"),
        min_value=0,
        max_value=0.9999999,
        required=False,
        help_text=_("How long the gradients are remembered. Empty: 0.9 for RMSprop, 0.95 for Adadelta."),
    )
    centered = forms.BooleanField(label=_("Gradients measured from their mean (RMSprop)"), required=False)
    weight_decay = forms.FloatField(
        label=_("Weight decay"),
        min_value=0,
        max_value=1,
        required=False,
        help_text=_("This share of each weight, times the learning rate, is taken away at each step."),
    )
    initial_accumulator_value = forms.FloatField(
        label=_("Initial sum of squares"), min_value=0, max_value=10, required=False
    )
    loss = forms.ChoiceField(
        label=_("Loss"),
        choices=LOSSES,
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

    MORE = (
        "scaling", "label_noise", "seed", "data_seed", "momentum", "beta_1", "beta_2", "epsilon", "rho",
        "weight_decay", "initial_accumulator_value", "nesterov", "centered",
    )  # fmt: skip
    """What stands below "More settings"."""

    def __init__(self, *args: Any, table: Any = None, **options: Any) -> None:
        """`table` is the title of a learner's own table, the one data set that is not built in."""
        super().__init__(*args, **options)
        if table is not None:
            self.fields["dataset"].choices = [*self.fields["dataset"].choices, ("table", table)]  # type: ignore[attr-defined]

    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MORE]


RATE = _("The rate is a number from 0 to 1, but not 1 itself: nothing would get through.")


class LayerForm(forms.Form):
    """One layer. It has the fields of its kind alone, so what they hold when cleaned is the layer as a spec has it."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=[("dense", "dense"), ("dropout", "dropout")], widget=forms.HiddenInput, required=False
    )
    name = forms.CharField(label=_("Name"), max_length=100, widget=forms.HiddenInput, required=False)
    units = forms.IntegerField(label=_("Units"), min_value=1, max_value=MAXIMA.units)
    activation = forms.ChoiceField(label=_("Activation"), choices=[(name, name) for name in get_args(Activation)])
    rate = forms.FloatField(
        label=_("Rate"),
        min_value=0,
        max_value=math.nextafter(1, 0),
        help_text=_("This share of the outputs is set to 0 at each step, drawn anew; 0.2 to 0.5 is usual."),
        error_messages={"min_value": RATE, "max_value": RATE},
    )

    FIELDS: Mapping[str, tuple[str, ...]] = {
        "dense": ("kind", "name", "units", "activation"),
        "dropout": ("kind", "name", "rate"),
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "empty_permitted": False})
        for name in self.fields.keys() - self.FIELDS.get(self.kind_name, self.FIELDS["dense"]):
            del self.fields[name]

    @property
    def kind_name(self) -> str:
        return str(self["kind"].value() or "dense")

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or "dense"

    def clean_name(self) -> str | None:
        return self.cleaned_data["name"] or None


LayerFormSet = forms.formset_factory(
    LayerForm, extra=0, min_num=1, max_num=MAXIMA.layers, absolute_max=MAXIMA.layers, validate_min=True
)
