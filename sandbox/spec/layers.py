"""The layers of a spec, named and measured as in Keras."""

from typing import Annotated, Literal

from pydantic import Field

from sandbox.spec.base import MAXIMA, Activation, BiasInitializer, Epsilon, Initializer, Share, Strict, at_most

Units = Annotated[int, Field(ge=1, le=MAXIMA.units)]
Filters = Annotated[int, Field(ge=1, le=MAXIMA.filters)]
Window = Annotated[int, Field(ge=1, le=32)]
Padding = Literal["valid", "same"]
Side = Annotated[int, Field(ge=1, le=4096)]


class Regularizer(Strict):
    """Adds `l1 · Σ|w| + l2 · Σw²` of a layer's kernel to the loss."""

    l1: Annotated[float, Field(ge=0, le=10)] = 0.0
    l2: Annotated[float, Field(ge=0, le=10)] = 0.0


class _Layer(Strict):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = None


class _Weighted(_Layer):
    kernel_initializer: Initializer = "glorot_uniform"
    bias_initializer: BiasInitializer = "zeros"
    kernel_regularizer: Regularizer | None = None
    use_bias: bool = True


class Dense(_Weighted):
    kind: Literal["dense"]
    units: Units
    activation: Activation = "linear"


class ActivationLayer(_Layer):
    kind: Literal["activation"]
    activation: Activation


class Dropout(_Layer):
    kind: Literal["dropout"]
    rate: Share


class GaussianNoise(_Layer):
    kind: Literal["gaussian_noise"]
    stddev: Annotated[float, Field(ge=0, le=10)]


class BatchNormalization(_Layer):
    kind: Literal["batch_normalization"]
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.99
    epsilon: Epsilon = 0.001


class LayerNormalization(_Layer):
    kind: Literal["layer_normalization"]
    epsilon: Epsilon = 0.001


class Flatten(_Layer):
    kind: Literal["flatten"]


class Reshape(_Layer):
    """`shape` is that of one sample: the batch is not counted."""

    kind: Literal["reshape"]
    shape: Annotated[tuple[Side, ...], Field(min_length=1, max_length=3, strict=False), at_most(3)]


class _Convolution(_Weighted):
    filters: Filters
    kernel_size: Window
    strides: Window = 1
    padding: Padding = "valid"
    activation: Activation = "linear"


class Conv1D(_Convolution):
    kind: Literal["conv_1d"]


class Conv2D(_Convolution):
    kind: Literal["conv_2d"]


class _Pooling(_Layer):
    """Without `strides` the windows lie side by side."""

    pool_size: Annotated[int, Field(ge=1, le=32)] = 2
    strides: Window | None = None
    padding: Padding = "valid"


class MaxPooling1D(_Pooling):
    kind: Literal["max_pooling_1d"]


class MaxPooling2D(_Pooling):
    kind: Literal["max_pooling_2d"]


class AveragePooling1D(_Pooling):
    kind: Literal["average_pooling_1d"]


class AveragePooling2D(_Pooling):
    kind: Literal["average_pooling_2d"]


class GlobalAveragePooling1D(_Layer):
    kind: Literal["global_average_pooling_1d"]


class GlobalAveragePooling2D(_Layer):
    kind: Literal["global_average_pooling_2d"]


class _Recurrent(_Weighted):
    units: Annotated[int, Field(ge=1, le=128)]
    activation: Activation = "tanh"
    recurrent_initializer: Initializer = "orthogonal"
    return_sequences: bool = False


class SimpleRNN(_Recurrent):
    kind: Literal["simple_rnn"]


class LSTM(_Recurrent):
    kind: Literal["lstm"]


class GRU(_Recurrent):
    kind: Literal["gru"]


class Embedding(_Layer):
    """Whole numbers from 0 to `input_dim` − 1 become vectors of `output_dim` numbers that are learned."""

    kind: Literal["embedding"]
    input_dim: Annotated[int, Field(ge=1, le=1000)]
    output_dim: Annotated[int, Field(ge=1, le=64)]
    embeddings_initializer: Initializer = "random_uniform"


Convolution = Conv1D | Conv2D
Pooling = MaxPooling1D | MaxPooling2D | AveragePooling1D | AveragePooling2D
GlobalPooling = GlobalAveragePooling1D | GlobalAveragePooling2D
Recurrent = SimpleRNN | LSTM | GRU
Random = Dropout | GaussianNoise
OnPictures = Conv2D | MaxPooling2D | AveragePooling2D | GlobalAveragePooling2D

Layer = Annotated[
    Dense
    | ActivationLayer
    | Dropout
    | GaussianNoise
    | BatchNormalization
    | LayerNormalization
    | Flatten
    | Reshape
    | Conv1D
    | Conv2D
    | MaxPooling1D
    | MaxPooling2D
    | AveragePooling1D
    | AveragePooling2D
    | GlobalAveragePooling1D
    | GlobalAveragePooling2D
    | SimpleRNN
    | LSTM
    | GRU
    | Embedding,
    Field(discriminator="kind"),
]
