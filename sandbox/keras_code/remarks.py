"""What the reader of Keras code says to a learner: every remark has a place in the code and a sentence.

The sentences are English message ids, marked for the translators; whoever shows them calls gettext and fills them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.datasets import gettext_noop as _

MESSAGES: dict[str, str] = {
    # the code as a whole
    "too_long": _("This is too long to be read here: at most %(kilobytes)d KB and %(lines)d lines."),
    "too_complex": _("This is too deeply nested or too complex to be read here."),
    "no_python": _("This is not Python: %(reason)s."),
    "slashes": _("This is not Python: a comment starts with #, not with //."),
    "no_model": _("No Sequential model is made here, so there is nothing to train."),
    "not_compiled": _(
        "The network is described, but compile() does not say how it learns: it needs an optimizer and a loss."
    ),
    "other_model": _("Another network of the same code was chosen; this one is left out."),
    # old forms, and what is written today
    "old_module": _("%(old)s is the old place. Today you write: from %(new)s import %(name)s."),
    "old_argument": _("%(old)s= is the old name. Today you write %(new)s=."),
    "old_method": _("%(old)s is the old form. Today you write %(new)s."),
    "old_input": _("%(old)s= still works with a warning. Today you put keras.Input(shape=%(inputs)s) first."),
    "no_import": _("%(name)s is used without an import. Write: from %(module)s import %(name)s."),
    "decay": _("decay= is ignored by today's Keras; a learning-rate schedule does this now."),
    "merged_activation": _(
        "Activation('%(activation)s') after a Dense layer is the same as activation='%(activation)s' in it."
    ),
    # left out, because
    "ignored_print": _("Left out, because it only shows something."),
    "ignored_magic": _("Left out, because it is a command to the notebook, not Python."),
    "ignored_import": _("Left out, because %(module)s is not needed for the network itself."),
    "ignored_statement": _("Left out, because it is not part of the network: this code is read, not run."),
    "ignored_method": _("%(method)s() is left out, because the sandbox shows results in its own way."),
    "ignored_argument": _("%(argument)s= is left out, because it changes nothing here."),
    "ignored_callback": _("%(name)s is left out. Of the callbacks, EarlyStopping and ReduceLROnPlateau are kept."),
    "ignored_metrics": _("These metrics are left out; the sandbox measures the loss and what suits the data set."),
    "ignored_validation_data": _("validation_data= is not known here; the last tenth of the rows validates instead."),
    "own_batches": _("ShuffledBatches is read as the sandbox's own class: batches of %(batch)d rows, shuffled."),
    "earlier_fit": _("fit() is called more than once; only the last call is taken."),
    # filled in
    "no_data": _(
        "The numbers behind %(name)s are not known here; the network trains on the sandbox's data set “%(dataset)s”."
    ),
    "sorted_data": _(
        "The rows of “%(dataset)s” lie in the order of their classes, so the validation rows are drawn at random."
    ),
    "no_fit": _("The code does not call fit(); the experiment trains for %(epochs)d epochs in batches of %(batch)d."),
    "no_input": _("The code does not say how many inputs there are; one is taken."),
    "no_input_shape": _(
        "The code does not say what goes in; its first layer needs the shape %(shape)s: handwritten digits are taken."
    ),
    "other_pictures": _(
        "The code's pictures have the shape %(shape)s. The sandbox's digits are 8×8 and grey: %(digits)s."
    ),
    "reshaped": _("The sandbox's data are rows of numbers, so a reshape to %(shape)s is put in front."),
    "flat_already": _("Flatten is left out at the start, because the sandbox's data are rows of numbers already."),
    # refused
    "unknown_name": _("%(name)s is not known here: it is neither imported from Keras nor set before."),
    "unknown_value": _(
        "The value of %(name)s is computed by the code; this code is read, not run. Write the number itself."
    ),
    "no_plain_value": _("Only plain numbers, texts, lists and Keras' own names can be read here."),
    "bad_constant": _("This value is too large, too long or of a kind that has no meaning here."),
    "no_whole_number": _("%(argument)s= needs a whole number."),
    "no_number": _("%(argument)s= needs a number."),
    "no_truth": _("%(argument)s= needs True or False."),
    "missing_argument": _("%(argument)s= is missing."),
    "unknown_argument": _("%(name)s has no argument %(argument)s= that can be read here."),
    "repeated_argument": _("%(argument)s= is given twice."),
    "starred": _("Arguments with * or ** cannot be read here."),
    "other_value": _("%(argument)s= can only be left as it is by default in the sandbox."),
    "layer_not_offered": _("The layer %(name)s is not offered in the sandbox. There are: %(layers)s."),
    "optimizer_not_offered": _("The optimizer %(name)s is not offered in the sandbox. There are: %(optimizers)s."),
    "initializer_not_offered": _(
        "The initializer %(name)s is not offered in the sandbox. There are: %(initializers)s."
    ),
    "loss_not_offered": _("The loss %(name)s is not offered in the sandbox. There are: %(losses)s."),
    "activation_not_offered": _("The activation %(name)s is not offered in the sandbox. There are: %(activations)s."),
    "no_layer": _("A layer is expected here."),
    "no_layers": _("The network has no layers."),
    "no_loss": _("compile() names no loss, so there is nothing to learn from."),
    "input_not_first": _("The input can only stand before the first layer."),
    "input_shape": _(
        "An input shape is one to three whole numbers here: (n,), (steps, features) or (height, width, channels)."
    ),
    "no_square": _("%(argument)s= is one number in the sandbox, the same in all directions."),
    "no_padding": _("%(argument)s= is “valid” or “same” in the sandbox."),
    "no_shape": _("%(argument)s= needs whole numbers, such as (8, 8, 1)."),
    "clipped_twice": _("The gradients are clipped in two ways; the sandbox has one at a time."),
    "warm_up_from_zero": _("In the sandbox a warm-up starts at a learning rate of 0."),
    "no_measure": _("This is nothing that a run measures. There are: %(measures)s."),
    "wrong_mode": _("%(measure)s is better the other way round: in the sandbox its mode is “%(mode)s”."),
    "class_weight": _("class_weight= needs one number for each class, in order: {0: 1.0, 1: 2.5}."),
    "no_dataset": _(
        "No data set of the sandbox fits a network of this kind with %(inputs)d inputs. There are: %(datasets)s."
    ),
    "after_compile": _("A layer is added after compile(); add all layers first."),
    "fit_before_compile": _("fit() comes before compile()."),
    "control_flow": _(
        "Loops, conditions and functions around the network cannot be read here; write its layers one by one."
    ),
    "cannot_read": _("This changes the network in a way that cannot be read here."),
    "unknown_call": _("%(name)s cannot be read here."),
    "out_of_range": _("%(field)s: %(problem)s."),
}


@dataclass(frozen=True)
class Remark:
    """`line` and `column` count from 1. `message` is the message id, `parameters` what fills it in."""

    line: int
    column: int
    code: str
    message: str
    parameters: Mapping[str, str | int]

    @property
    def detail(self) -> str:
        return self.message % self.parameters


def remark(place: tuple[int, int], code: str, **parameters: str | int) -> Remark:
    return Remark(place[0], place[1], code, MESSAGES[code], parameters)


class RefusedError(Exception):
    """Raised where a statement cannot be translated; the reader collects the remark and goes on with the next one."""

    def __init__(self, found: Remark) -> None:
        super().__init__(found.detail)
        self.remark = found
