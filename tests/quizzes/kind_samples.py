"""A question of every kind that is marked, its right response, a form that gives it, and responses that nearly fit."""

from typing import Any

from hypothesis import strategies as st

TRUE_FALSE = {
    "kind": "true_false",
    "key": False,
    "texts": {
        "en": {
            "prompt": "A *larger* learning rate is always better.",
            "if_true": "Larger steps are indeed faster at first.",
            "if_false": "Yes: a step may be too long.",
            "feedback": "Too long a step jumps over the minimum.",
        }
    },
}
MULTIPLE = {
    "kind": "multiple_choice",
    "choices": ["weights", "rate", "biases", "epochs"],
    "key": ["weights", "biases"],
    "texts": {
        "en": {
            "prompt": "What does training **find**?",
            "choices": {
                "weights": {"text": "the `weights`", "feedback": "Yes, they are moved."},
                "rate": {"text": "the learning rate", "feedback": "It steers the training, but is set before."},
                "biases": {"text": "the biases", "feedback": "Yes, like weights."},
                "epochs": {"text": "the epochs"},
            },
            "feedback": "Parameters are found, hyperparameters are set.",
        }
    },
}
NUMERIC = {
    "kind": "numeric",
    "key": 3.2,
    "tolerance": 0.005,
    "mistakes": {"sign": 4.8},
    "texts": {
        "en": {
            "prompt": "What is the new $w$?",
            "unit": "%",
            "mistakes": {"sign": "You added instead of subtracting."},
            "feedback": "Old minus rate times gradient.",
        }
    },
}
ORDERING = {
    "kind": "ordering",
    "items": ["update", "forward", "gradient"],
    "key": ["forward", "gradient", "update"],
    "texts": {
        "en": {
            "prompt": "What comes first?",
            "items": {"forward": "forward `pass`", "gradient": "gradients", "update": "update"},
            "feedback": "First the loss must be known.",
        }
    },
}
SAMPLES: dict[str, dict[str, Any]] = {
    body["kind"]: body  # type: ignore[misc]
    for body in (TRUE_FALSE, MULTIPLE, NUMERIC, ORDERING)
}
RIGHT: dict[str, Any] = {
    "true_false": {"answer": False},
    "multiple_choice": {"choices": ["biases", "weights"]},
    "numeric": {"value": "3,2 %"},
    "ordering": {"order": ["forward", "gradient", "update"]},
}
WRONG: dict[str, Any] = {
    "true_false": {"answer": True},
    "multiple_choice": {"choices": ["rate"]},
    "numeric": {"value": "4.8"},
    "ordering": {"order": ["update", "gradient", "forward"]},
}
FORMS: dict[str, dict[str, str]] = {
    "true_false": {"answer": "false"},
    "multiple_choice": {"choice-weights": "1", "choice-biases": "1"},
    "numeric": {"value": "3,2 %"},
    "ordering": {"place-forward": "1", "place-gradient": "2", "place-update": "3"},
}
SECRETS = {
    "true_false": ["if_true", "if_false", "indeed", "too long"],
    "multiple_choice": ["moved", "set before", "hyperparameters"],
    "numeric": ["4.8", "subtracting", "Old minus", "tolerance"],
    "ordering": ["loss must be known"],
}
"""What only who has answered may read."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_ids = st.sampled_from(["weights", "rate", "biases", "epochs", "update", "forward", "gradient", "z"])
_digits = st.text("0123456789.,-+eE −％３ %", max_size=12)
near_misses = st.fixed_dictionaries(
    {},
    optional={
        "answer": json_values,
        "choices": json_values | st.lists(_ids, max_size=6),
        "value": json_values | _digits,
        "order": json_values | st.lists(_ids, max_size=6),
    },
)
one_field = (
    st.fixed_dictionaries({"answer": json_values})
    | st.fixed_dictionaries({"choices": json_values | st.lists(_ids, max_size=6)})
    | st.fixed_dictionaries({"value": json_values | _digits})
    | st.fixed_dictionaries({"order": json_values | st.lists(_ids, max_size=4) | st.permutations(ORDERING["key"])})
)


def in_two_languages(body: dict[str, Any]) -> dict[str, Any]:
    """The question as a course in English and Chinese has it."""
    return {**body, "texts": {"en": body["texts"]["en"], "zh-hans": body["texts"]["en"]}}
