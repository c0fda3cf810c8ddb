"""One weight update in numbers, taken from the engine's own step.

The step is `Network._train_step` itself, in the engine's loop, in the graph; only its gradients are written down on the
way. So the weights afterwards are those of `Epoch.run_to(step + 1)`, bit for bit, and the gradient is the one they rest
on. Equations: keras/src/optimizers/{sgd,adam,adamw,nadam,rmsprop,adagrad,adadelta}.py, in their order of operations.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from numpy.typing import NDArray

from sandbox.engine.data import Parts
from sandbox.engine.loop import Network
from sandbox.engine.numbers import all_numbers
from sandbox.engine.state import unpack
from sandbox.messages import finite, name_of_nonfinite
from sandbox.probe_messages import (
    MOST_SAMPLES_NAMED,
    Numbers,
    OptimizerMemory,
    WeightUpdate,
    WeightUpdates,
)
from sandbox.spec import Spec, training

Arrays = dict[tuple[int, str], NDArray[Any]]
"""By the place of the weight array they belong to, and their name; the weights themselves have none."""

SHARED = -1
"""The place of what the optimizer remembers of all weights together."""

_MOMENTS = "m = m + (gradient − m) · (1 − beta_1);  v = v + (gradient² − v) · (1 − beta_2);  "
_STEP = "learning_rate · √(1 − beta_2^t) / (1 − beta_1^t) · m / (√v + epsilon)"
_MEAN_SQUARE = "v = rho · v + (1 − rho) · gradient²;  "
EQUATIONS = {
    "adam": f"{_MOMENTS}new = old − {_STEP}",
    "adamw": f"{_MOMENTS}new = (old − old · weight_decay · learning_rate) − {_STEP}",
    "nadam": (
        "u = beta_1 · (1 − 0.5 · 0.96^t);  w = beta_1 · (1 − 0.5 · 0.96^(t + 1));  u_product = u_product · u;  "
        f"{_MOMENTS}new = old − learning_rate · (w · m / (1 − u_product · w) "
        "+ (1 − u) · gradient / (1 − u_product)) / (√(v / (1 − beta_2^t)) + epsilon)"
    ),
    "adagrad": "v = v + gradient²;  new = old − learning_rate · gradient / √(v + epsilon)",
    "adadelta": (
        f"{_MEAN_SQUARE}change = −√(d + epsilon) · gradient / √(v + epsilon);  "
        "d = rho · d + (1 − rho) · change²;  new = old + learning_rate · change"
    ),
}
SLOTS: dict[str, dict[str, str]] = {
    "sgd": {"velocity": "momentums"},
    "adam": {"m": "_momentums", "v": "_velocities"},
    "adamw": {"m": "_momentums", "v": "_velocities"},
    "nadam": {"m": "_momentums", "v": "_velocities"},
    "rmsprop": {"v": "_velocities", "velocity": "_momentums", "a": "_average_gradients"},
    "adagrad": {"v": "_accumulators"},
    "adadelta": {"v": "_accumulated_grads", "d": "_accumulated_delta_vars"},
}
"""What an equation calls the memory of an optimizer → where Keras keeps it: one array for each trained weight."""


class DivergedError(Exception):
    """The loss leaves the range of numbers before the step that is asked for."""


def equation(optimizer: training.Optimizer) -> str:
    """How `new` comes from `old`, in the names of a WeightUpdates."""
    match optimizer:
        case training.Sgd():
            return _of_sgd(optimizer)
        case training.RMSprop():
            return _of_rmsprop(optimizer)
        case _:
            return EQUATIONS[optimizer.kind]


def _of_sgd(optimizer: training.Sgd) -> str:
    if not optimizer.momentum:
        return "new = old − learning_rate · gradient"
    step = "momentum · velocity − learning_rate · gradient"
    return f"velocity = {step};  new = old + {f'({step})' if optimizer.nesterov else 'velocity'}"


def _of_rmsprop(optimizer: training.RMSprop) -> str:
    mean = "a = rho · a + (1 − rho) · gradient;  " if optimizer.centered else ""
    spread = "√(v − a² + epsilon)" if optimizer.centered else "√(v + epsilon)"
    step = f"learning_rate · gradient / {spread}"
    if optimizer.momentum:
        return f"{_MEAN_SQUARE}{mean}velocity = momentum · velocity + {step};  new = old − velocity"
    return f"{_MEAN_SQUARE}{mean}new = old − {step}"


class Recorder(Network):
    """The engine's network; its step also writes down the loss, the learning rate in force, and the gradients."""

    def __init__(self, spec: Spec, parts: Parts) -> None:
        super().__init__(spec, parts.training, parts.validation)
        self.last_loss, self.last_rate = tf.Variable(0.0), tf.Variable(0.0)
        self.raw, self.used = (
            [tf.Variable(tf.zeros(weight.shape)) for weight in self.model.trainable_variables] for _ in range(2)
        )
        self.looked_up = [False] * len(self.raw)

    def _apply(self, loss: Any, gradients: Any) -> None:
        self.last_loss.assign(loss)
        self.last_rate.assign(self.optimizer.learning_rate)
        self.looked_up = [isinstance(gradient, tf.IndexedSlices) for gradient in gradients]
        used = self.optimizer._clip_gradients(gradients)
        for record, gradient in zip([*self.raw, *self.used], [*gradients, *used], strict=True):
            if gradient is not None:  # a weight without influence on the loss: 0
                record.assign(tf.convert_to_tensor(gradient))
        super()._apply(loss, gradients)


@dataclass(frozen=True)
class Weight:
    """One weight array as variables: itself, what the optimizer remembers of it, and its gradients as written down
    (none where the array is not trained)."""

    layer: str
    name: str
    value: Any
    memory: dict[str, Any]
    gradients: dict[str, Any]
    looked_up: bool = False


def update(spec: Spec, state: bytes, parts: Parts, epoch: int, step: int, *, layer: str | None = None) -> WeightUpdates:
    """Step `step` (from 0) of epoch `epoch` + 1, started from the state after `epoch` epochs; of all layers or of one.

    Raises DivergedError where the loss is no finite number before that step.
    """
    network = Recorder(spec, parts)
    network.restore(unpack(network, state))
    under_way = network.begin_epoch(epoch + 1)
    under_way.run_to(step)
    if under_way.is_over:
        raise DivergedError(f"the loss is no finite number after step {under_way.done}")
    weights = [*_weights(network, layer)]
    before = _read(network, weights)
    under_way.run_to(step + 1)
    numbers = _numbers(weights, before, _read(network, weights))
    batch = under_way.order[step * spec.batch_size : (step + 1) * spec.batch_size]
    loss = float(network.last_loss.numpy())
    nonfinite = name_of_nonfinite(loss)
    return WeightUpdates(
        step=step,
        rows=len(batch),
        samples=tuple(batch[:MOST_SAMPLES_NAMED].tolist()),
        loss=finite(loss),
        nonfinite={"loss": nonfinite} if nonfinite else {},
        learning_rate=float(network.last_rate.numpy()),
        iteration=int(network.optimizer.iterations.numpy()) - 1,
        memory=_memory(numbers, SHARED, _shared(network)),
        weights=tuple(_told(numbers, place, weight) for place, weight in enumerate(weights)),
        **_of_optimizer(spec.optimizer),
    )


def _of_optimizer(optimizer: training.Optimizer) -> dict[str, Any]:
    """What the spec says of it: its equation, and the constants in there."""
    text = equation(optimizer)
    constants = optimizer.model_dump(exclude={"kind", "learning_rate", "schedule", "clipping"})
    return {
        "optimizer": optimizer.kind,
        "equation": text,
        "constants": {name: value for name, value in constants.items() if name in text},
        "clipping": optimizer.clipping,
    }


# --- variables → arrays → numbers -------------------------------------------------------------------------------------


def _weights(network: Recorder, only: str | None) -> Iterator[Weight]:
    for layer in network.model.layers:
        if only not in (None, layer.name):
            continue
        for weight in layer.trainable_weights:
            place = network.optimizer._get_variable_index(weight)
            gradients = {"gradient": network.used[place]}
            if network.spec.optimizer.clipping:
                gradients["raw_gradient"] = network.raw[place]
            memory = _slots(network, place)
            yield Weight(layer.name, weight.name, weight, memory, gradients, network.looked_up[place])
        for weight in layer.non_trainable_weights:
            yield Weight(layer.name, weight.name, weight, {}, {})


def _slots(network: Network, place: int) -> dict[str, Any]:
    named = SLOTS[network.spec.optimizer.kind].items()
    return {name: kept[place] for name, attribute in named if (kept := getattr(network.optimizer, attribute))}


def _shared(network: Network) -> dict[str, Any]:
    """Nadam's product of all momentums so far."""
    return {"u_product": network.optimizer._u_product} if network.spec.optimizer.kind == "nadam" else {}


def _read(network: Network, weights: Sequence[Weight]) -> Arrays:
    """The weights and all memory as they are now."""
    found = {(SHARED, name): variable.numpy() for name, variable in _shared(network).items()}
    for place, weight in enumerate(weights):
        found[place, ""] = weight.value.numpy()
        found |= {(place, name): variable.numpy() for name, variable in weight.memory.items()}
    return found


def _numbers(weights: Sequence[Weight], before: Arrays, after: Arrays) -> dict[Any, Numbers]:
    """Everything there is to tell, under (place, name, "before" | "after" | "during")."""
    gradients = {
        (place, name): variable.numpy()
        for place, weight in enumerate(weights)
        for name, variable in weight.gradients.items()
    }
    moments = {"before": before, "during": gradients, "after": after}
    return all_numbers({(*key, when): array for when, arrays in moments.items() for key, array in arrays.items()})


def _told(numbers: dict[Any, Numbers], place: int, weight: Weight) -> WeightUpdate:
    return WeightUpdate(
        layer=weight.layer,
        name=weight.name,
        looked_up=weight.looked_up,
        old=numbers[place, "", "before"],
        gradient=numbers.get((place, "gradient", "during")),
        raw_gradient=numbers.get((place, "raw_gradient", "during")),
        memory=_memory(numbers, place, weight.memory),
        new=numbers[place, "", "after"],
    )


def _memory(numbers: dict[Any, Numbers], place: int, names: Iterable[str]) -> tuple[OptimizerMemory, ...]:
    return tuple(
        OptimizerMemory(name=name, before=numbers[place, name, "before"], after=numbers[place, name, "after"])
        for name in names
    )
