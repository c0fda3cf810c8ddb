"""A class that has taken a quiz: learners of different strength, written straight into the tables."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import yaml

from accounts.models import User
from courses.models import Course
from quizzes import grading
from quizzes.models import Attempt, Quiz, Response, Slot
from tests.quizzes.factories import NOW, make_course

SAMPLES: dict[str, dict[str, Any]] = {
    "single_choice": {
        "section": "activations",
        "choices": ["nonlinear", "linear", "constant"],
        "key": "nonlinear",
        "texts": {
            "en": {
                "prompt": "After a dense layer usually comes a **function** that is…",
                "choices": {
                    "nonlinear": {"text": "non-linear"},
                    "linear": {"text": "linear"},
                    "constant": {"text": "constant"},
                },
            },
            "zh-hans": {
                "prompt": "密集层之后通常是……**函数**",
                "choices": {"nonlinear": {"text": "非线性"}, "linear": {"text": "线性"}, "constant": {"text": "常数"}},
            },
        },
    },
    "multiple_choice": {
        "choices": ["weights", "rate", "biases", "epochs"],
        "key": ["weights", "biases"],
        "texts": {
            "en": {
                "prompt": "What does training **find**?",
                "choices": {
                    "weights": {"text": "the `weights`"},
                    "rate": {"text": "the learning rate"},
                    "biases": {"text": "the biases"},
                    "epochs": {"text": "the epochs"},
                },
            },
            "zh-hans": {
                "prompt": "训练**求出**什么？",
                "choices": {
                    "weights": {"text": "权重 `weights`"},
                    "rate": {"text": "学习率"},
                    "biases": {"text": "偏置"},
                    "epochs": {"text": "轮数"},
                },
            },
        },
    },
    "true_false": {
        "key": False,
        "texts": {
            "en": {"prompt": "A *larger* learning rate is always better."},
            "zh-hans": {"prompt": "学习率*越大*越好。"},
        },
    },
    "numeric": {
        "key": 3.2,
        "tolerance": 0.005,
        "texts": {
            "en": {"prompt": "The weight is 4, the gradient 8, the rate 0.1. What is the new weight?"},
            "zh-hans": {"prompt": "权重为 4，梯度为 8，学习率为 0.1。新的权重是多少？"},
        },
    },
    "ordering": {
        "items": ["update", "forward", "gradient"],
        "key": ["forward", "gradient", "update"],
        "texts": {
            "en": {
                "prompt": "What comes first in one step of training?",
                "items": {"forward": "forward `pass`", "gradient": "gradients", "update": "update"},
            },
            "zh-hans": {
                "prompt": "训练的一步中先后顺序是什么？",
                "items": {"forward": "前向传播", "gradient": "计算梯度", "update": "更新权重"},
            },
        },
    },
    "cloze": {
        "blanks": {
            "sum": {"input": "choose", "options": ["weighted", "product"], "key": "weighted"},
            "name": {"input": "type"},
        },
        "texts": {
            "en": {
                "text": "A node activates the [[sum]] of its inputs; the step is a [[name]].",
                "blanks": {
                    "sum": {"options": {"weighted": "weighted sum", "product": "product & more"}},
                    "name": {"accept": ["forward pass", "forward propagation"]},
                },
            },
            "zh-hans": {
                "text": "节点激活输入的[[sum]]；这一步叫[[name]]。",
                "blanks": {
                    "sum": {"options": {"weighted": "加权和", "product": "乘积"}},
                    "name": {"accept": ["前向传播"]},
                },
            },
        },
    },
}
RIGHT: dict[str, Any] = {
    "single_choice": {"choice": "nonlinear"},
    "multiple_choice": {"choices": ["weights", "biases"]},
    "true_false": {"answer": False},
    "numeric": {"value": "3.2"},
    "ordering": {"order": ["forward", "gradient", "update"]},
    "cloze": {"blanks": {"sum": "weighted", "name": "forward pass"}},
}
WRONG: dict[str, list[Any]] = {
    "single_choice": [{"choice": "linear"}],
    "multiple_choice": [{"choices": ["weights", "rate"]}, {"choices": ["rate", "biases"]}, {"choices": ["rate"]}],
    "true_false": [{"answer": True}],
    "numeric": [{"value": "4.8"}, {"value": "3.92"}, {"value": "-4"}],
    "ordering": [{"order": ["update", "gradient", "forward"]}, {"order": ["gradient", "forward", "update"]}],
    "cloze": [
        {"blanks": {"sum": "product", "name": "forward pass"}},
        {"blanks": {"sum": "weighted", "name": "backpropagation"}},
        {"blanks": {"sum": "product"}},
    ],
}
"""What those take who do not know; nobody takes "constant"."""


def course_of(kinds: Sequence[str], slug: str = "small") -> Course:
    """A course with one quiz that asks a question of each of these kinds, in this order; kinds may stand twice."""
    questions = [{"id": f"q{number}", "kind": kind, **SAMPLES[kind]} for number, kind in enumerate(kinds)]
    quiz = {
        "id": "first-steps",
        "texts": {"en": {"title": "First steps"}, "zh-hans": {"title": "第一步"}},
        "questions": [question["id"] for question in questions],
    }
    return make_course(slug, yaml.safe_dump({"quiz": quiz, "questions": questions}, allow_unicode=True))


def class_of(
    quiz: Quiz, learners: int, *, backwards: int | None = None, retakes: int = 0, seed: int = 1
) -> list[Attempt]:
    """Let so many learners submit the quiz, the first `retakes` of them twice; one in ten leaves a question open.

    The stronger a learner, the more is right; in the slot number `backwards` the more is wrong.
    """
    chance = random.Random(seed)
    slots = list(quiz.slots.active().select_related("question__current").order_by("position"))
    emails = [f"learner-{seed}-{number}@example.org" for number in range(learners)]
    users = User.objects.bulk_create(User(email=email, name=email) for email in emails)
    sittings = [(user, number / learners) for number, user in enumerate(users)]
    sittings += [(user, 0.9) for user, _ in sittings[:retakes]]
    layout = [{"slot": str(slot.id), "version": _version(slot).pk, "mark": slot.mark} for slot in slots]
    worth = sum(slot.mark for slot in slots)
    attempts, responses = [], []
    for minute, (user, strength) in enumerate(sittings):
        started = NOW + timedelta(minutes=minute)
        attempt = Attempt(
            user=user, quiz=quiz, started_at=started, submitted_at=started, layout=layout, max_score=worth
        )
        given = [
            _response(attempt, slot, strength if number != backwards else 1 - strength, chance)
            for number, slot in enumerate(slots)
            if chance.random() > 0.1 / len(slots)
        ]
        attempt.score = sum(one.mark for one in given)
        attempts.append(attempt)
        responses += given
    Attempt.objects.bulk_create(attempts)
    Response.objects.bulk_create(responses, batch_size=500)
    return attempts


def _version(slot: Slot) -> Any:
    assert slot.question is not None
    return slot.question.current


def _response(attempt: Attempt, slot: Slot, strength: float, chance: random.Random) -> Response:
    version = _version(slot)
    kind = version.parsed.kind
    answer = RIGHT[kind] if chance.random() < 0.15 + 0.7 * strength else chance.choice(WRONG[kind])
    graded = grading.grade(version.parsed, answer)
    assert isinstance(graded, grading.Graded), graded
    return Response(
        attempt=attempt,
        slot=slot,
        version=version,
        answer=answer,
        score=graded.score,
        worth=slot.mark,
        mark=graded.score * slot.mark,
        answered_at=attempt.started_at,
    )
