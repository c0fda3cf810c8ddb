"""A question of every kind that a file can hold, with all that an author may say in it, and how to compare files."""

from collections.abc import Iterable
from typing import Any

from quizzes import kinds
from quizzes.interchange.items import Entry, Item

SINGLE = {
    "kind": "single_choice",
    "choices": ["rate", "w", "epoch"],
    "key": "w",
    "texts": {
        "en": {
            "prompt": "What does **training** change?\n\n- weights?\n- or $\\eta$?",
            "choices": {
                "rate": {"text": "the *learning rate*", "feedback": "It is set before."},
                "w": {"text": "the `weights`", "feedback": "Yes."},
                "epoch": {"text": "-1 epoch"},
            },
            "feedback": "=SUM(1) is no formula here.",
            "hints": ["Think of `fit`.", "It is a *list* of numbers."],
        }
    },
}
MULTIPLE = {
    "kind": "multiple_choice",
    "choices": ["weights", "rate", "biases"],
    "key": ["biases", "weights"],
    "texts": {
        "en": {
            "prompt": "What is found, and <not> set?",
            "choices": {
                "weights": {"text": "weights", "feedback": "Yes & yes."},
                "rate": {"text": "rate"},
                "biases": {"text": "biases"},
            },
            "feedback": "Parameters are found.",
        }
    },
}
TRUE_FALSE = {
    "kind": "true_false",
    "key": False,
    "texts": {
        "en": {
            "prompt": "A larger rate is always better.",
            "if_true": "Larger steps are faster at first.",
            "if_false": "Yes.",
            "feedback": "Too long a step jumps.",
            "hints": ["Always?"],
        }
    },
}
SHORT_TEXT = {
    "kind": "short_text",
    "case": True,
    "answers": [{"id": "sgd"}, {"id": "half", "share": 0.5}, {"id": "far", "share": 0.0}],
    "texts": {
        "en": {
            "prompt": "Name the optimizer.",
            "answers": {
                "sgd": {"accept": ["SGD", "stochastic*descent", "a\\*b"], "feedback": "Yes."},
                "half": {"accept": ["GD"]},
                "far": {"accept": ["*tree*"], "feedback": "No."},
            },
            "feedback": "It is old.",
        }
    },
}
SHORT_TEXT_BARE = {
    "kind": "short_text",
    "answers": [{"id": "relu"}],
    "texts": {"en": {"prompt": "Which one?", "answers": {"relu": {"accept": ["ReLU", "a|b", "rectifier"]}}}},
}
NUMERIC = {
    "kind": "numeric",
    "key": -3.25,
    "tolerance": 0.005,
    "mistakes": {"sign": 4.8, "zero": 0.0},
    "texts": {
        "en": {
            "prompt": "What is the new $w$?",
            "unit": "%",
            "mistakes": {"sign": "You added.", "zero": "- not at all"},
            "feedback": "Old minus rate times gradient.",
        }
    },
}
MATCHING = {
    "kind": "matching",
    "pairs": ["loss", "rate"],
    "distractors": ["none"],
    "texts": {
        "en": {
            "prompt": "What is what?",
            "left": {"loss": "loss", "rate": "learning **rate**"},
            "right": {"loss": "how far off", "rate": "how *far* a step", "none": "1 < 2 & so_on"},
            "feedback": "So it is.",
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
CLOZE = {
    "kind": "cloze",
    "blanks": {
        "rate": {"input": "type"},
        "what": {"input": "choose", "options": ["gradient", "loss"], "key": "loss"},
    },
    "texts": {
        "en": {
            "text": "A step is the [[rate]] times the [[what]], as in `x[[0, 1]]` and {1}.",
            "blanks": {
                "rate": {"accept": ["rate", "=step", "a|b"]},
                "what": {"options": {"gradient": "gradient", "loss": "=~loss}#1"}},
            },
            "feedback": "So it is.",
            "hints": ["A rate."],
        }
    },
}
FLASHCARD = {"kind": "flashcard", "texts": {"en": {"front": "SGD?", "back": "*Stochastic* gradient descent."}}}

ALL: dict[str, dict[str, Any]] = {
    "single": SINGLE,
    "multiple": MULTIPLE,
    "true-false": TRUE_FALSE,
    "short-text": SHORT_TEXT,
    "short-text-bare": SHORT_TEXT_BARE,
    "numeric": NUMERIC,
    "matching": MATCHING,
    "ordering": ORDERING,
    "cloze": CLOZE,
    "flashcard": FLASHCARD,
}


def entry(body: dict[str, Any], name: str = "q", title: str = "A title", category: str = "") -> Entry:
    return Entry(name, title, kinds.parse(body), ("loss", "learning-rate"), category)


def entries(items: Iterable[Item]) -> list[Entry]:
    """What was read, as if it came out of a course."""
    return [
        Entry(item.id, item.title, kinds.parse(item.body), item.concepts, item.category)
        for item in items
        if item.body is not None
    ]


def said(items: Iterable[Item]) -> list[tuple[object, ...]]:
    """What items say, but for the line and the notes."""
    return [(item.id, item.title, item.body, item.concepts, item.category) for item in items if item.body is not None]
