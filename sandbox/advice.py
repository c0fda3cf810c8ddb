"""What `sandbox.spec.check` says: code → severity and English message id. Pages translate by the message id."""

from typing import Literal

from sandbox.datasets import gettext_noop

Severity = Literal["error", "warning"]

ADVICE: dict[str, tuple[Severity, str]] = {
    "too_few_outputs": (
        "error",
        gettext_noop(
            "The data has %(classes)d classes, but the last layer has only %(units)d output(s): some labels have no "
            "output that could stand for them. Give the last layer %(classes)d units."
        ),
    ),
    "unused_outputs": (
        "warning",
        gettext_noop(
            "The last layer has %(units)d outputs for %(classes)d classes. No label ever asks for the others; the "
            "network spends its first epochs learning to keep them silent."
        ),
    ),
    "too_many_outputs": (
        "error",
        gettext_noop(
            "%(loss)s compares each output with its own target, and %(classes)d classes give %(classes)d targets, not "
            "%(units)d. Give the last layer as many units as there are classes."
        ),
    ),
    "softmax_on_one_unit": (
        "error",
        gettext_noop(
            "Softmax shares 1 out among the units of a layer. A single unit always gets all of it, so its output is "
            "1 whatever the input is. Use two units, or sigmoid on one."
        ),
    ),
    "softmax_in_hidden_layer": (
        "warning",
        gettext_noop(
            "Softmax in a hidden layer makes its units share a total of 1, so little passes on to the next layer. "
            "It belongs in the output layer; relu or tanh is the usual choice here."
        ),
    ),
    "linear_hidden_layer": (
        "warning",
        gettext_noop(
            "Without a non-linear activation this layer adds nothing: it and the next layer together compute what one "
            "layer could. Good for seeing just that; otherwise choose relu or tanh."
        ),
    ),
    "linear_output_with_crossentropy": (
        "error",
        gettext_noop(
            "%(loss)s needs probabilities between 0 and 1, and a linear output gives any number. Use softmax for one "
            "class out of several, sigmoid for a yes or no."
        ),
    ),
    "no_probabilities": (
        "error",
        gettext_noop(
            "%(loss)s takes the logarithm of a probability, and %(activation)s does not give values between 0 and 1 "
            "that could be one. Use softmax for one class out of several, sigmoid for a yes or no."
        ),
    ),
    "sigmoid_with_categorical_loss": (
        "warning",
        gettext_noop(
            "%(units)d sigmoid outputs with %(loss)s do train, but they answer %(units)d separate yes-or-no questions "
            "whose probabilities need not add up to 1. Softmax is meant here."
        ),
    ),
    "softmax_with_binary_loss": (
        "warning",
        gettext_noop(
            "binary_crossentropy treats each of the %(units)d outputs as a yes-or-no question of its own, while "
            "softmax ties them together. sparse_categorical_crossentropy is meant here."
        ),
    ),
    "nesterov_without_momentum": (
        "warning",
        gettext_noop("Nesterov's look-ahead follows the momentum. With momentum 0 there is nothing to look ahead to."),
    ),
}


def advice(code: str) -> tuple[Severity, str]:
    return ADVICE[code]
