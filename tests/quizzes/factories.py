"""A small course made of rows, with one lesson, two concepts and the questions of a YAML text."""

from datetime import UTC, datetime

from courses.documents import read_yaml
from courses.ids import content_id
from courses.models import Concept, ConceptText, Course, CourseText, Lesson, LessonBody, Section
from quizzes.importing import import_questions, read_questions
from quizzes.models import Quiz

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

QUESTIONS = """
quiz:
  id: first-steps
  texts: {en: {title: First steps}, zh-hans: {title: 第一步}}
  questions: [nonlinear, output]
questions:
  - id: nonlinear
    kind: single_choice
    section: activations
    concepts: [activation-function]
    choices: [nonlinear, linear, constant]
    key: nonlinear
    texts:
      en:
        prompt: "After a dense layer usually comes a **function** that is…"
        choices:
          nonlinear: {text: non-linear, feedback: "Yes: else depth adds nothing."}
          linear: {text: linear, feedback: "Stacked linear maps stay one linear map."}
          constant: {text: constant}
        feedback: "Depth needs non-linearity."
      zh-hans:
        prompt: "密集层之后通常是……函数"
        choices:
          nonlinear: {text: 非线性}
          linear: {text: 线性}
          constant: {text: 常数}
  - id: output
    kind: cloze
    section: forward
    concepts: [forward-pass]
    blanks:
      sum: {input: choose, options: [weighted-sum, product], key: weighted-sum}
      name: {input: type}
    texts:
      en:
        text: "A node activates the [[sum]] of its inputs; the step is a [[name]]."
        blanks:
          sum: {options: {weighted-sum: weighted sum, product: product}}
          name: {accept: [forward pass, forward propagation]}
        feedback: "From input to output."
      zh-hans:
        text: "节点激活输入的[[sum]]；这一步叫[[name]]。"
        blanks:
          sum: {options: {weighted-sum: 加权和, product: 乘积}}
          name: {accept: [前向传播]}
  - id: card-epoch
    kind: flashcard
    section: forward
    concepts: [forward-pass]
    texts:
      en: {front: "What is an epoch?", back: "One pass over the training set."}
      zh-hans: {front: "什么是 epoch？", back: "遍历训练集一次。"}
"""


def make_course(slug: str = "small", questions: str = QUESTIONS) -> Course:
    course = Course.objects.create(id=content_id(slug, "course", slug), slug=slug, locales=["en", "zh-hans"])
    CourseText.objects.create(course=course, locale="en", title="Small")
    lesson = Lesson.objects.create(id=content_id(slug, "lesson", "nets"), course=course, slug="nets", position=1)
    LessonBody.objects.create(lesson=lesson, locale="en", title="Nets")
    for position, section in enumerate(["activations", "forward"], start=1):
        section_id = content_id(slug, "section", f"nets/{section}")
        Section.objects.create(id=section_id, lesson=lesson, slug=section, position=position)
    for concept in ["activation-function", "forward-pass"]:
        row = Concept.objects.create(id=content_id(slug, "concept", concept), course=course, slug=concept)
        ConceptText.objects.create(concept=row, locale="en", name=concept)
    import_yaml(course, questions)
    return course


def import_yaml(course: Course, questions: str, now: datetime = NOW):
    draft, problems = read_questions(read_yaml(questions, "questions.yaml"))
    assert problems == []
    return import_questions(course, [("nets", draft)], now=now)


def the_quiz(course: Course) -> Quiz:
    return Quiz.objects.select_related("lesson__course").get(lesson__course=course)
