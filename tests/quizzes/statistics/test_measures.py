"""The numbers, against published examples and against the definitions in exact fractions."""

from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.statistics import measures, moments
from quizzes.statistics.measures import analyse, flagged_items
from quizzes.statistics.moments import Figure

# Moodle, mod/quiz/report/statistics/tests, the seven slots of quiz 00: the marks that were given, and what a
# spreadsheet, made independently, says of them (Moodle's tests name it).
MOODLE_00 = """
1 1 1 1 1 0 1 | 1 1 1 1 .5 1 0 | 1 1 1 1 .5 0 1 | 0 0 1 1 1 0 0 | 1 0 1 0 0 1 .5 | 1 1 1 1 .5 0 .5 | 0 1 1 1 .5 1 .5
1 1 1 0 .5 1 .5 | 1 0 1 1 1 1 1 | 0 1 1 0 .5 1 .5 | .8 0 1 1 .5 1 .5 | 1 1 1 0 .5 1 1 | 1 0 1 1 .5 1 .5
1 0 1 1 1 0 .5 | 0 0 1 1 0 1 1 | 1 0 1 0 .5 1 1 | .8 0 1 1 .5 0 1 | 1 0 1 1 0 1 .5 | 1 0 1 1 .5 0 .5 | 0 1 1 0 .5 1 0
1 1 .3333333 1 .5 0 .5 | 1 1 1 0 .5 0 .5 | 1 1 1 1 0 1 .5 | 0 0 1 0 .5 1 1 | 0 0 1 1 1 1 1
"""
MOODLE_00_ITEMS = [
    # facility, standard deviation, effective weight, discrimination index, discriminative efficiency; the last 3 in %
    (0.704, 0.4513682901, 21.2922742344, -7.0650767526, -9.4550536967),
    (0.48, 0.5099019514, 18.8979800309, -28.8982125772, -36.7834118938),
    (0.973333332, 0.13333334, 4.443012573, -9.1230674268, -21.6545012165),
    (0.68, 0.4760952286, 18.9347251357, -22.6306444113, -31.4411395613),
    (0.52, 0.3055050463, 11.1450138688, -17.6997047674, -21.1794802584),
    (0.64, 0.4898979486, 9.8081339177, -45.3785178421, -56.9365974439),
    (0.62, 0.331662479, 15.4788602394, -5.6543166602, -6.5043742058),
]
# The same tests, an older quiz: three slots of one mark each that nobody ever got, one that is worth nothing, one worth
# 8, and twelve worth 1.
MOODLE_OLD = """
5.5 .3 .9 1 .3 1 0 0 1 1 0 0 1 | 1 .9 .9 .3 .3 1 0 0 1 0 1 0 1 | 2.5 1 .9 .3 1 0 0 1 1 1 1 1 1
4 .3 .9 1 .3 0 0 0 0 1 0 0 1 | 3 .9 .3 .9 1 0 1 0 0 1 1 1 0 | 4.5 .9 1 1 .9 0 1 1 1 0 0 0 0
3 .3 .3 .3 .3 1 0 1 1 1 1 1 1 | 6 .9 .9 1 .3 0 1 1 1 1 0 0 1 | .5 .9 1 .9 .3 0 1 1 0 1 1 0 1
5.5 .9 1 .9 .3 1 1 0 0 1 0 0 0 | 2.5 .9 1 1 .9 0 1 0 0 1 0 0 1 | 4 .9 .3 .9 1 0 1 1 1 1 1 0 1
4 .9 .3 .3 1 1 1 1 0 0 1 1 0 | 3 1 1 .3 1 0 1 0 1 1 1 1 0 | 1 1 .9 .3 .3 1 0 1 0 0 0 0 0
1 .3 .3 .3 .9 0 0 0 1 0 0 0 1 | 1.5 1 .3 .9 1 1 1 0 1 1 0 0 0 | 4 .9 1 .9 1 0 1 1 1 0 1 0 0
2 .9 .9 .3 .9 0 1 0 0 0 0 0 0 | 1 1 .3 .3 .3 0 1 1 0 1 0 0 0 | 6 .9 1 1 .9 0 0 0 1 0 0 1 1
7 .9 .3 .3 .3 1 0 1 1 1 1 0 0
"""
MOODLE_OLD_FACILITIES = [41.19318182, 81.36363636, 71.36363636, 65.45454545, 65.90909091, 36.36363636, 59.09090909]
MOODLE_OLD_FACILITIES += [50, 59.09090909, 63.63636364, 45.45454545, 27.27272727, 50]
MOODLE_OLD_DEVIATIONS = [1912.733589, 251.2738111, 322.6312277, 333.4199022, 337.5811591, 492.3659639, 503.2362797]
MOODLE_OLD_DEVIATIONS += [511.7663157, 503.2362797, 492.3659639, 509.6471914, 455.8423058, 511.7663157]
MOODLE_OLD_WEIGHTS = [26.58464457, 3.368456046, 3.253955259, 7.584083694, 3.79658376, 3.183278505, 4.532356904]
MOODLE_OLD_WEIGHTS += [7.78856243, 10.08351572, 8.381139345, 8.727645713, 7.946277111, 4.769500946]
MOODLE_OLD_INDEXES = [25.88327077, 1.170256965, -4.207816809, 28.16930644, -2.513606859, -12.99017581, -8.900638238]
MOODLE_OLD_INDEXES += [8.670004606, 29.63337745, 15.18945843, 16.21079629, 15.52451404, -8.396734802]
MOODLE_OLD_EFFICIENCIES = [27.23492723, 1.382386552, -4.691171307, 31.12404354, -2.877487579, -17.5074184, -10.27568922]
MOODLE_OLD_EFFICIENCIES += [10.86956522, 34.58997279, 17.4790556, 20.14359793, 22.06477733, -10]


def read(table):
    return [[float(mark) for mark in row.split()] for row in table.replace("\n", "|").split("|") if row.strip()]


def value(figure: Figure) -> float:
    assert figure.reason is None
    assert figure.value is not None
    return figure.value


def digits(published):
    """Equal to a figure that was published with ten significant digits, or with fewer places that end in nothing."""
    return pytest.approx(published, rel=1e-9, abs=1e-12)


# --- published examples


def test_shape_is_that_of_the_spreadsheets() -> None:
    """The example in the documentation of Excel's SKEW and KURT; KURT(10, 20, 30, −20) from bettersolutions.com."""
    sample = [3, 4, 5, 2, 3, 4, 5, 6, 4, 7]
    assert value(moments.skewness(sample)) == pytest.approx(0.359543071, abs=5e-10)
    assert value(moments.kurtosis(sample)) == pytest.approx(-0.151799637, abs=5e-10)
    assert value(moments.kurtosis([10, 20, 30, -20])) == pytest.approx(1.5, abs=1e-12)


def test_skewness_is_that_of_other_spreadsheets() -> None:
    """The examples of Entisoft's SkewExcel and of Ability Spreadsheet's SKEW."""
    assert value(moments.skewness([12, 34, 78])) == pytest.approx(0.935219529582824, abs=1e-14)
    assert value(moments.skewness([12, 34, 56])) == 0
    assert value(moments.skewness([16, 17, 19, 12, 11, 10, 9])) == pytest.approx(0.367654, abs=5e-7)


def test_alpha_is_that_of_an_example_worked_by_hand() -> None:
    """Three items, four people (calkulon.com, "Cronbach's alpha"): variances 5/3, 11/12 and 5/3, of the totals 49/4."""
    marks = [[4, 5, 4], [3, 4, 3], [5, 5, 5], [2, 3, 2]]
    expected = Fraction(3, 2) * (1 - (Fraction(5, 3) + Fraction(11, 12) + Fraction(5, 3)) / Fraction(49, 4))
    assert value(measures.internal_consistency(marks)) == pytest.approx(float(expected), abs=1e-12)


def test_a_quiz_has_the_statistics_that_moodle_publishes() -> None:
    quiz = analyse(read(MOODLE_00), [1] * 7, {}).quiz
    assert quiz.attempts == 25
    assert value(quiz.mean) * 7 == digits(4.617333332)
    assert value(quiz.median) * 7 == digits(4.5)
    assert value(quiz.standard_deviation) * 7 == digits(0.8117265554)
    assert value(quiz.skewness) == digits(-0.092502502)
    assert value(quiz.kurtosis) == digits(-0.7073968557)
    assert value(quiz.internal_consistency) * 100 == digits(-87.2230935542)
    assert value(quiz.error_ratio) * 100 == digits(136.8294900795)
    assert value(quiz.standard_error) * 7 == digits(1.1106813066)


def test_items_have_the_statistics_that_moodle_publishes() -> None:
    found = analyse(read(MOODLE_00), [1] * 7, {}).items
    for slot, (facility, deviation, weight, index, efficiency) in enumerate(MOODLE_00_ITEMS):
        assert value(found[slot].facility) == digits(facility)
        assert value(found[slot].standard_deviation) == digits(deviation)
        assert value(found[slot].intended_weight) == digits(1 / 7)
        assert value(found[slot].effective_weight) * 100 == digits(weight)
        assert value(found[slot].discrimination_index) * 100 == digits(index)
        assert value(found[slot].discriminative_efficiency) * 100 == digits(efficiency)


def test_slots_of_unequal_marks_have_the_statistics_that_moodle_publishes() -> None:
    """Moodle gives the deviation in thousandths of the first mark, so that of the slot worth 8 is eightfold here."""
    marks = [[0, 0, 0, *row[:1], 0, *row[1:]] for row in read(MOODLE_OLD)]
    maxima = [1, 1, 1, 8, 0] + [1] * 12
    items = analyse(marks, maxima, {}).items
    slots = [3, *range(5, 17)]
    assert [value(items[slot].facility) * 100 for slot in slots] == [digits(one) for one in MOODLE_OLD_FACILITIES]
    deviations = [value(items[slot].standard_deviation) * maxima[slot] * 1000 for slot in slots]
    assert deviations == [digits(one) for one in MOODLE_OLD_DEVIATIONS]
    weights = [value(items[slot].effective_weight) * 100 for slot in slots]
    assert weights == [digits(one) for one in MOODLE_OLD_WEIGHTS]
    assert [value(items[slot].discrimination_index) * 100 for slot in slots] == [
        digits(one) for one in MOODLE_OLD_INDEXES
    ]
    assert [value(items[slot].discriminative_efficiency) * 100 for slot in slots] == [
        digits(one) for one in MOODLE_OLD_EFFICIENCIES
    ]
    assert value(items[0].facility) == 0
    assert value(items[0].effective_weight) == 0
    assert items[0].discrimination_index == items[0].discriminative_efficiency == Figure(None, "no_variance")
    assert items[4].facility == Figure(None, "worth_nothing")


# --- the definitions, in fractions

halves = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


@st.composite
def tables(draw, least=10):
    rows, width = draw(st.integers(least, 16)), draw(st.integers(2, 5))
    return draw(st.lists(st.lists(halves, min_size=width, max_size=width), min_size=rows, max_size=rows))


def exact_covariance(first, second):
    first, second = [Fraction(one) for one in first], [Fraction(one) for one in second]
    means = sum(first) / len(first), sum(second) / len(second)
    products = [(x - means[0]) * (y - means[1]) for x, y in zip(first, second, strict=True)]
    return sum(products) / (len(products) - 1)


@given(tables())
def test_discrimination_is_the_correlation_of_an_item_with_the_rest(marks) -> None:
    items = analyse(marks, [1] * len(marks[0]), {}).items
    for slot in range(len(marks[0])):
        own, rest = [row[slot] for row in marks], [sum(row) - row[slot] for row in marks]
        spread = exact_covariance(own, own) * exact_covariance(rest, rest)
        if not spread:
            assert items[slot].discrimination_index == Figure(None, "no_variance")
            continue
        together = exact_covariance(own, rest)
        largest = exact_covariance(sorted(own), sorted(rest))
        assert value(items[slot].discrimination_index) == pytest.approx(float(together) / sqrt(spread), abs=1e-9)
        assert value(items[slot].discriminative_efficiency) == pytest.approx(float(together / largest), abs=1e-9)
        assert items[slot].flagged == (together < 0)


@given(tables())
def test_alpha_and_what_follows_from_it_are_as_defined(marks) -> None:
    slots, totals = len(marks[0]), [sum(row) for row in marks]
    quiz = analyse(marks, [1] * slots, {}).quiz
    whole = exact_covariance(totals, totals)
    if not whole:
        assert quiz.internal_consistency == quiz.error_ratio == quiz.standard_error == Figure(None, "no_variance")
        return
    parts = sum(exact_covariance(column, column) for column in zip(*marks, strict=True))
    alpha = Fraction(slots, slots - 1) * (1 - parts / whole)
    assert value(quiz.internal_consistency) == pytest.approx(float(alpha), abs=1e-9)
    assert value(quiz.error_ratio) == pytest.approx(sqrt(1 - alpha), abs=1e-6)
    assert value(quiz.standard_error) == pytest.approx(sqrt(1 - alpha) * sqrt(whole) / slots, abs=1e-6)


@given(tables())
def test_effective_weights_are_shares_of_one(marks) -> None:
    weights = measures.effective_weights(marks, [1] * len(marks[0]))
    given_weights = [figure.value for figure in weights if figure.value is not None]
    if any(given_weights):
        assert sum(given_weights) == pytest.approx(1)
    assert {figure.reason for figure in weights} <= {None, "negative_covariance", "no_variance"}


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=30))
def test_of_right_and_wrong_the_correlation_is_the_point_biserial(answers) -> None:
    """(mean of the right − mean of the wrong) / s · √(p q), with s over S (Lord and Novick 1968, 15.5)."""
    right = [score for was_right, score in answers if was_right]
    wrong = [score for was_right, score in answers if not was_right]
    found = moments.correlation([float(one) for one, _ in answers], [score for _, score in answers])
    scores = [score for _, score in answers]
    if not right or not wrong or len(set(scores)) == 1:
        assert found == Figure(None, "no_variance")
        return
    middle = Fraction(sum(scores), len(scores))
    spread = sqrt(sum((score - middle) ** 2 for score in scores) / len(scores))
    difference = Fraction(sum(right), len(right)) - Fraction(sum(wrong), len(wrong))
    share = len(right) / len(scores)
    assert value(found) == pytest.approx(float(difference) / spread * sqrt(share * (1 - share)), abs=1e-9)


# --- properties


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_attempts_changes_no_digit(marks, chance) -> None:
    shuffled = list(marks)
    chance.shuffle(shuffled)
    maxima = [3.0] * len(marks[0])
    assert analyse(marks, maxima, {}) == analyse(shuffled, maxima, {})


@given(tables(), halves)
def test_a_slot_that_everybody_does_alike_dilutes_alpha_by_the_count_alone(marks, constant) -> None:
    slots = len(marks[0])
    before = measures.internal_consistency(marks)
    after = measures.internal_consistency([[*row, constant] for row in marks])
    if before.value is None:
        assert after == before
    else:
        assert value(after) == pytest.approx(before.value * (slots - 1) / slots * (slots + 1) / slots, abs=1e-9)


@given(tables(least=1))
def test_every_share_is_one_and_every_reason_comes_with_no_number(marks) -> None:
    found = analyse(marks, [1] * len(marks[0]), {0: 0.25})
    for item in found.items.values():
        assert 0 <= value(item.facility) <= 1
        for figure in (item.discrimination_index, item.discriminative_efficiency, item.effective_weight):
            assert (figure.value is None) != (figure.reason is None)
            assert figure.value is None or -1 - 1e-9 <= figure.value <= 1 + 1e-9
    assert 0 <= value(found.quiz.mean) <= 1
    assert 0 <= value(found.quiz.median) <= 1
    assert found.quiz.internal_consistency.value is None or found.quiz.internal_consistency.value <= 1 + 1e-9


@given(tables())
def test_other_units_change_nothing_but_the_units(marks) -> None:
    larger = [[mark * 4 for mark in row] for row in marks]
    assert analyse(marks, [1] * len(marks[0]), {}) == analyse(larger, [4] * len(marks[0]), {})


# --- what a reader of the numbers is told


def class_of(size, *columns):
    """`columns`: for each slot, who got it right, by the number of the learner."""
    return [[float(right(learner)) for right in columns] for learner in range(size)]


def test_the_question_that_the_better_learners_miss_is_flagged() -> None:
    marks = class_of(12, lambda one: one > 3, lambda one: one > 5, lambda one: one > 7, lambda one: one < 4)
    analysis = analyse(marks, [1] * 4, {})
    assert flagged_items(analysis) == {3: ("negative_discrimination",)}
    assert value(analysis.items[3].discrimination_index) < 0 < value(analysis.items[0].discrimination_index)


def test_a_correlation_of_nothing_is_not_flagged() -> None:
    """Those who got the first slot and those who did not have the same rest, but for the rounding of tenths."""
    rest = [0.1, 0.1 + 0.2, 0.3, 0.7, 0.1 * 3, 0.9]
    marks = [[first, mark] for mark in rest for first in (1.0, 0.0)]
    covariance = moments.covariance(*zip(*marks, strict=True)).value
    assert covariance == pytest.approx(0, abs=1e-12)
    assert flagged_items(analyse(marks, [1] * 2, {})) == {}


def test_few_attempts_say_so_instead_of_giving_a_number() -> None:
    few = analyse(class_of(4, lambda one: one > 1, lambda one: one < 2), [1, 1], {})
    assert few.quiz.mean == Figure(0.5)
    for figure in (few.quiz.standard_deviation, few.quiz.skewness, few.quiz.kurtosis, few.quiz.internal_consistency):
        assert figure == Figure(None, "too_few_attempts")
    for figure in (few.items[0].standard_deviation, few.items[0].discrimination_index, few.items[0].effective_weight):
        assert figure == Figure(None, "too_few_attempts")
    assert flagged_items(few) == {}
    enough = analyse(class_of(10, lambda one: one > 1, lambda one: one < 2), [1, 1], {})
    assert flagged_items(enough) == dict.fromkeys((0, 1), ("negative_discrimination",))
    assert enough.quiz.skewness == Figure(None, "too_few_attempts")


def test_nothing_to_compare_says_what_is_missing() -> None:
    alone = analyse(class_of(10, lambda one: one > 5), [1], {})
    assert alone.quiz.internal_consistency == Figure(None, "too_few_slots")
    assert alone.items[0].discrimination_index == Figure(None, "no_variance")
    same = analyse(class_of(20, lambda one: True, lambda one: True), [1, 1], {})
    assert same.quiz.skewness == same.quiz.kurtosis == same.quiz.internal_consistency == Figure(None, "no_variance")
    assert same.quiz.standard_deviation == Figure(0.0)
    assert analyse([], [1, 1], {}).items[1].facility == Figure(None, "too_few_attempts")
    assert analyse([], [1, 1], {}).quiz.mean == Figure(None, "too_few_attempts")


def test_a_guess_is_handed_on_and_an_unknown_one_says_so() -> None:
    items = analyse([[1, 0]], [1, 1], {0: 0.25, 1: None}).items
    assert items[0].guess_score == Figure(0.25)
    assert items[1].guess_score == Figure(None, "no_guess")


def test_an_item_counts_the_attempts_that_asked_it() -> None:
    marks = [[1.0, None, 0.0]] * 6 + [[0.0, 1.0, None]] * 6
    items = analyse(marks, [1, 2, 1], {}).items
    assert [items[slot].attempts for slot in range(3)] == [12, 6, 6]
    assert [value(items[slot].facility) for slot in range(3)] == [0.5, 0.5, 0]
    assert value(items[0].intended_weight) == pytest.approx((1 / 2 + 1 / 3) / 2)


def test_a_question_drawn_into_several_slots_is_one_item() -> None:
    marks = [[1.0, 1.0, 0.0]] * 6 + [[0.0, 0.0, 1.0]] * 6
    drawn = [["own", "a", "b"]] * 6 + [["own", "b", "a"]] * 6
    found = analyse(marks, [1, 1, 1], {}, drawn).items
    assert {name: item.attempts for name, item in found.items()} == {"own": 12, "a": 12, "b": 12}
    assert value(found["a"].facility) == 1
    assert value(found["b"].facility) == 0
    assert found["a"].effective_weight == Figure(None, "drawn")
    assert found["own"].effective_weight.reason != "drawn"


def test_alpha_takes_the_largest_group_that_was_asked_the_same() -> None:
    old = [[*row, None] for row in class_of(12, lambda one: one > 5, lambda one: one > 3)]
    new = [[1.0, None, 0.0]] * 5
    whole = measures.internal_consistency([*new, *old])
    assert whole == measures.internal_consistency(class_of(12, lambda one: one > 5, lambda one: one > 3))


@pytest.mark.parametrize(
    ("marks", "maxima", "place"),
    [
        ([[1.0, 1.0], [1.0]], [1, 1], "attempt 1"),
        ([[1.0, float("nan")]], [1, 1], "attempt 0, slot 1"),
        ([[1.0, 1.0]], [1, -1], "slot 1"),
        ([[1.0, 1.0]], [float("inf"), 1], "slot 0"),
    ],
)
def test_what_is_no_mark_is_refused_with_its_place(marks, maxima, place) -> None:
    with pytest.raises(ValueError, match=place):
        analyse(marks, maxima, {})
