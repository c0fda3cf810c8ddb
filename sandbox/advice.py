"""What `sandbox.spec` says of a spec: code → severity and English message id. Pages translate by the message id."""

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
    "no_weights": (
        "error",
        gettext_noop("No layer here has weights, so there is nothing to train. Put a dense layer into it."),
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
    "duplicate_name": ("error", gettext_noop("Two layers are called “%(name)s”. A name says which layer is meant.")),
    "unknown_table": (
        "error",
        gettext_noop("You have no table with this id. Upload the CSV first, or choose another table."),
    ),
    "unknown_target": (
        "error",
        gettext_noop("The table has no column “%(target)s” that could be predicted. Choose one of these: %(columns)s."),
    ),
    "target_leaks": (
        "warning",
        gettext_noop(
            "These columns give away “%(target)s”: %(columns)s. Who knows one knows the other, so the network only has "
            "to copy the answer, and its marks say nothing of rows whose answer nobody knows yet. Upload the table "
            "without them, unless that is what you want to see."
        ),
    ),
    "no_training_rows": (
        "error",
        gettext_noop("Nothing is left to learn from: take smaller shares for validation and test."),
    ),
    "needs_picture": (
        "error",
        gettext_noop(
            "%(kind)s slides over height and width and needs three numbers per sample: height, width, channels. What "
            "arrives here is %(shape)s. Put a reshape before it; the digits become pictures with shape 8, 8, 1."
        ),
    ),
    "needs_sequence": (
        "error",
        gettext_noop(
            "%(kind)s reads a sequence and needs two numbers per sample: steps, features. What arrives here is "
            "%(shape)s. Put a reshape before it; the digits become eight rows with shape 8, 8."
        ),
    ),
    "window_too_large": (
        "error",
        gettext_noop(
            "A window of %(window)d does not fit into a side of %(side)d. Take a smaller one, or padding “same”."
        ),
    ),
    "reshape_mismatch": (
        "error",
        gettext_noop("A reshape only puts numbers in another order: %(here)d arrive here, this shape holds %(asked)d."),
    ),
    "embedding_not_first": (
        "error",
        gettext_noop(
            "An embedding looks whole numbers up in a table. Only the inputs are whole numbers, so it comes first."
        ),
    ),
    "embedding_needs_whole_numbers": (
        "error",
        gettext_noop(
            "An embedding looks whole numbers up in a table. Take a data set of whole numbers (the digits, the ages of "
            "the clinical trial) and no scaling."
        ),
    ),
    "embedding_too_small": (
        "error",
        gettext_noop("The table has %(given)d lines, but the inputs go up to %(needed)d − 1: it needs %(needed)d."),
    ),
    "unscaled_inputs": (
        "warning",
        gettext_noop(
            "The inputs go up to %(largest)d. Large inputs make large weighted sums and wild steps: scale them to 0…1 "
            "or to a spread of 1."
        ),
    ),
    "sorted_rows": (
        "warning",
        gettext_noop(
            "The rows of this data set lie in the order of their classes, and validation takes the last ones: the "
            "network is measured on a class it never saw. Split it shuffled or stratified."
        ),
    ),
    "stratified_regression": (
        "error",
        gettext_noop("A stratified split keeps the shares of the classes, and a regression has no classes."),
    ),
    "label_noise_in_regression": (
        "error",
        gettext_noop(
            "Label noise swaps classes, and a regression has none. The data set's own noise moves its numbers."
        ),
    ),
    "class_weights_in_regression": (
        "error",
        gettext_noop("Class weights make some classes count more, and a regression has no classes."),
    ),
    "class_weights_length": (
        "error",
        gettext_noop(
            "The list has %(given)d class weight(s), and there are %(classes)d classes. Give one for each of them."
        ),
    ),
    "random_output": (
        "warning",
        gettext_noop(
            "The last layer disturbs the answer itself while training. Dropout and noise belong between the layers."
        ),
    ),
    "output_not_flat": (
        "error",
        gettext_noop(
            "The answer of a network is one row of numbers, and this one ends with %(shape)s. Put a flatten, a global "
            "pooling or a recurrent layer without return_sequences before the last dense layer."
        ),
    ),
    "crossentropy_in_regression": (
        "error",
        gettext_noop(
            "%(loss)s compares probabilities of classes, and here a number is to be predicted. Use the mean squared "
            "error, the mean absolute error or huber."
        ),
    ),
    "one_output_in_regression": (
        "error",
        gettext_noop("One number is to be predicted, and the last layer gives %(units)d. Give it 1 unit."),
    ),
    "bounded_regression": (
        "warning",
        gettext_noop(
            "%(activation)s cannot give every number, so the prediction is cut off. The output of a regression is "
            "usually linear."
        ),
    ),
    "logits_without_crossentropy": (
        "error",
        gettext_noop("from_logits tells a cross-entropy to do the squashing; %(loss)s does none."),
    ),
    "squashed_twice": (
        "warning",
        gettext_noop(
            "The output is already squashed by %(activation)s, and with from_logits the loss squashes it again: the "
            "network can never be sure of anything. Use one of the two."
        ),
    ),
    "metric_twice": ("error", gettext_noop("%(metric)s is measured already.")),
    "metric_of_other_task": (
        "error",
        gettext_noop(
            "%(metric)s does not fit the task: accuracy, auc, precision and recall are of classes, the mean absolute "
            "error and r2_score of numbers."
        ),
    ),
    "metric_needs_probabilities": (
        "error",
        gettext_noop(
            "%(metric)s compares each output with 0 or 1, so it needs probabilities and one target per output: use "
            "softmax or sigmoid with categorical or binary cross-entropy, without from_logits."
        ),
    ),
    "centered_with_embedding": (
        "error",
        gettext_noop(
            "Only few lines of an embedding's table get a gradient at each step, and for such gradients Keras cannot "
            "centre RMSprop: it would fail at the first step. Turn centered off, or take another optimizer."
        ),
    ),
    "large_learning_rate": (
        "warning",
        gettext_noop("For %(kind)s this learning rate is very large: the steps will probably jump over every valley."),
    ),
    "endless_warm_up": (
        "warning",
        gettext_noop(
            "The run has %(steps)d steps, so the learning rate is still rising (for %(given)d steps) at its end."
        ),
    ),
    "not_measured": (
        "error",
        gettext_noop("%(measure)s is not measured in this run. What is: %(measures)s."),
    ),
    "two_masters": (
        "error",
        gettext_noop(
            "A schedule sets the learning rate at each step, so the plateau cannot lower it. Take one of the two."
        ),
    ),
    "nesterov_without_momentum": (
        "warning",
        gettext_noop("Nesterov's look-ahead follows the momentum. With momentum 0 there is nothing to look ahead to."),
    ),
}


def advice(code: str) -> tuple[Severity, str]:
    return ADVICE[code]
