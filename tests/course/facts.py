"""What a student's notes on this course state, chapter by chapter, and the questions of the course that ask for it.

`quiz` marks what the notes set as a quiz statement; the other facts are what they highlight. Where the notes err, the
fact is the corrected one. Chapter n of the notes is lesson n of the course; a fact that another lesson teaches says so.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    chapter: int
    says: str
    questions: tuple[str, ...]
    quiz: bool = False
    taught_in: int | None = None

    @property
    def lesson(self) -> int:
        return self.taught_in or self.chapter


FACTS = (
    # 1 What machine learning is
    Fact(1, "algorithms analyse data and learn from it", ("ml-learns-from-data",)),
    Fact(1, "what was learned serves a prediction about new data", ("ml-learns-from-data", "ml-in-order")),
    Fact(1, "data and training take the place of instructions written by hand", ("ml-which-program",)),
    Fact(1, "the task is done without being told explicitly how", ("ml-learns-from-data", "ml-which-program")),
    # 2 Deep learning
    Fact(2, "deep learning is a part of machine learning", ("dl-widest-first",)),
    Fact(2, "its algorithms are inspired by the brain's networks, and are no copy of them", ("dl-copy-of-the-brain",)),
    Fact(2, "to learn from labelled data and infer is supervised learning", ("dl-labelled-data",), quiz=True),
    # 3 Artificial neural networks
    Fact(3, "a network is a computing system of connected neurons, also called nodes", ("true-of-every-network",)),
    Fact(3, "neurons are organised in layers, and are not layers", ("neurons-and-layers", "true-of-every-network")),
    Fact(3, "all layers between input and output are hidden", ("hidden-and-deep",)),
    Fact(3, "several hidden layers make a network deep", ("hidden-and-deep", "wide-is-not-deep")),
    Fact(3, "the input layer has one node for each component of the input", ("sizes-for-flowers",)),
    Fact(3, "the nodes of a hidden layer are chosen freely", ("sizes-for-flowers",)),
    Fact(3, "the output layer has one node for each possible output", ("sizes-for-flowers",)),
    Fact(3, "a Sequential model is written as a list or layer by layer", ("list-or-add",)),
    Fact(3, "dense layers are followed by a non-linear activation", ("nonlinear-after-dense",), quiz=True),
    # 4 Layers
    Fact(4, "a dense layer connects each of its inputs to each of its outputs", ("count-parameters",), taught_in=3),
    Fact(4, "convolutional layers look for small patterns in data", ("convolution-shares-weights", "filter-and-pool")),
    Fact(4, "pooling layers keep one number of several neighbours", ("filter-and-pool",)),
    Fact(4, "recurrent layers read a sequence and remember (they recur, they do not relapse)", ("recurrent-by-hand",)),
    Fact(4, "normalization layers bring features to one scale", ("which-layer-first",)),
    Fact(4, "a weight is the strength of the connection between two nodes", ("negative-weight",)),
    Fact(4, "what passes a connection is multiplied by its weight", ("weighted-sum-by-hand", "forward-pass-order")),
    Fact(4, "a node's output = activation(weighted sum of inputs)", ("weighted-sum-by-hand", "forward-pass-order")),
    Fact(4, "a forward pass takes a sample from the input layer to the output layer", ("forward-pass-order",)),
    Fact(4, "a node of the input layer is one feature of the data", ("input-node-is-a-feature",), quiz=True),
    Fact(4, "layers can be passed to Sequential as a list", ("layers-as-a-list",), quiz=True),
    # 5 Activation functions
    Fact(5, "an activation function maps the input of a node to its output", ("maps-sum-to-output",)),
    Fact(5, "usually the mapping is not linear", ("maps-sum-to-output", "collapse-by-hand")),
    Fact(5, "many of them keep the output between two limits, but not all", ("limits-of-the-output",)),
    Fact(5, "with non-linear activations a network can come near functions of any complexity", ("any-complexity",)),
    # 6 Training
    Fact(6, "training is an optimization: find weights that map inputs to outputs", ("what-training-looks-for",)),
    Fact(6, "training sends the same data through the network again and again", ("same-data-again",)),
    Fact(6, "SGD is the best-known optimizer and brings the loss near its minimum", ("sgd-minimises",)),
    Fact(6, "the loss is the error between the predictions and the true labels", ("loss-of-two-predictions",)),
    # 7 How a network learns
    Fact(7, "an epoch is one pass of the whole training set", ("what-is-an-epoch",)),
    Fact(7, "new weight = old weight − learning rate × gradient", ("update-formula", "one-update", "updated-bias")),
    Fact(7, "each weight has its own gradient", ("own-gradient",)),
    Fact(7, "batch_size is the number of samples of one update", ("count-updates", "larger-batches")),
    Fact(7, "epochs is how often the training set passes", ("count-updates", "larger-batches")),
    Fact(7, "two output nodes with a categorical loss want softmax, not sigmoid", ("softmax-or-sigmoid",)),
    Fact(7, "shuffle deals the training rows anew; validation rows are cut off before", ("validation-split-sorted",)),
    # 8 Loss functions
    Fact(8, "the loss is computed from predictions and true labels", ("loss-function-compares",)),
    Fact(8, "it is computed after each batch; an epoch's figure is gathered from them", ("loss-once-an-epoch",)),
    Fact(8, "the errors of single outputs are gathered into one number", ("loss-function-compares", "mse-in-order")),
    Fact(8, "the mean squared error: subtract, square, average", ("mse-in-order", "mse-of-two")),
    Fact(8, "how errors are treated depends on the loss function", ("loss-for-the-task", "why-squares")),
    # 9 Learning rate
    Fact(9, "the learning rate is the step size", ("step-on-a-parabola",)),
    Fact(9, "0.01 to 0.0001 is a usual start", ("where-to-start",)),
    Fact(9, "it can be set on the optimizer after compiling", ("change-after-compile",)),
    Fact(9, "set before training, so the learning rate is a hyperparameter", ("hyperparameter",), quiz=True),
    Fact(9, "the object that needs the learning rate is the optimizer", ("who-holds-the-rate",), quiz=True),
    # 10 Training, validation and test sets
    Fact(10, "the training set is what the weights are fitted to", ("three-sets",)),
    Fact(10, "the aim is to fit it and still do well on unseen data", ("what-validation-is-for", "overfitting-signs")),
    Fact(10, "the validation set is independent of the training set", ("three-sets", "rows-left-for-training")),
    Fact(10, "it chooses the model and its hyperparameters", ("three-sets", "what-validation-is-for")),
    Fact(10, "it guards against overfitting", ("what-validation-is-for", "overfitting-signs")),
    Fact(10, "it shows during training how well the model generalises", ("what-validation-is-for",)),
    Fact(10, "an overfitted model fails on data it was not trained on", ("overfitting-signs",)),
    Fact(10, "the test set is independent of the other two", ("order-of-work", "rows-left-for-training")),
    Fact(10, "it measures the finished model once, before use", ("three-sets", "order-of-work", "second-look")),
    Fact(10, "its labels are withheld from the model, not absent", ("test-set-labels",)),
)  # fmt: skip
