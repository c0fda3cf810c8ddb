"""`weight-update`: one step of gradient descent on the loss around one weight, in numbers."""

from courses.diagrams.canvas import WIDTH, Options, Panel
from courses.diagrams.options import labels, number
from courses.svg import Frame, arrow_head, circle, figure, in_brackets, label, line


def weight_update(options: Options) -> list[Panel]:
    old, rate, gradient = (number(options, key) for key in ("old", "rate", "gradient"))
    if rate <= 0:
        raise ValueError("rate: a learning rate is greater than 0.")
    new = old - rate * gradient
    if gradient and new == old:
        raise ValueError("The step, rate · gradient, is too small to see beside the old weight.")
    # The parabola is the one whose slope at the old weight is the gradient. Where its minimum lies is free: by default
    # where this step covers two fifths of the way.
    minimum = number(options, "minimum", old - rate * gradient * 2.5)
    distance = old - minimum
    if gradient and gradient * distance <= 0:
        raise ValueError("minimum: a positive gradient has the minimum on its left, a negative one on its right.")
    curvature = gradient / distance if gradient else 1.0
    spread = max(abs(distance), abs(new - minimum)) or max(1.0, abs(old))
    frame = Frame(40, 24, 400, 176, (minimum - 1.5 * spread, minimum + 1.5 * spread), (0, curvature * spread**2 * 0.9))

    def loss(weight: float) -> float:
        return curvature * (weight - minimum) ** 2 / 2

    old_name, new_name, loss_name = labels(options, ["w", "w′", "L(w)"])
    marks = [
        line(frame.left, frame.bottom, frame.right, frame.bottom, "d-axis"),
        label(frame.left - 26, frame.top + 4, loss_name, "d-label d-muted", "start"),
        frame.curve(loss, "d-loss"),
        _tangent(frame, old, loss(old), gradient),
    ]
    marks += _step_marks(frame, (old, loss(old)), (new, loss(new)))
    if gradient:
        marks.append(_slope_label(frame, (old, loss(old)), gradient))
    marks += _step_labels(frame, (old_name, old), (new_name, new))
    sum_ = f"{figure(old)} − {figure(rate)} · {in_brackets(gradient)} = {figure(new)}"
    marks.append(label(240, 276, f"{new_name} = {old_name} − η · g", "d-label d-muted"))
    marks.append(label(240, 302, sum_, "d-label d-count"))
    return [Panel(WIDTH, 316, marks)]


def _tangent(frame: Frame, weight: float, loss: float, slope: float) -> str:
    """The tangent at the old weight, as far as it stays in the frame and not wider than a third of it."""
    high = frame.y_range[1]
    reach = (frame.x_range[1] - frame.x_range[0]) / 5
    if slope:
        reach = min(reach, (high - loss) / abs(slope), loss / abs(slope))
    ends = [frame.at(weight + side * reach, loss + side * reach * slope) for side in (-1, 1)]
    return line(*ends[0], *ends[1], "d-tangent")


def _slope_label(frame: Frame, old: tuple[float, float], gradient: float) -> str:
    """The gradient beside the old weight, on the outer side, below the curve."""
    x, y = frame.at(*old)
    side, anchor = (14, "start") if gradient > 0 else (-14, "end")
    return label(x + side, y + 16, f"g = {figure(gradient)}", "d-label d-muted", anchor)


def _step_marks(frame: Frame, old: tuple[float, float], new: tuple[float, float]) -> list[str]:
    (old_x, old_y), (new_x, new_y), axis = frame.at(*old), frame.at(*new), frame.bottom
    sign = "d-positive" if new[0] > old[0] else "d-negative"
    marks = [
        line(old_x, old_y, old_x, axis, "d-drop"),
        line(new_x, new_y, new_x, axis, "d-drop"),
        circle(old_x, old_y, 6.5, "d-point d-point--first d-curve-1"),
        circle(new_x, new_y, 6.5, "d-point d-curve-1"),
    ]
    if new_x != old_x:
        marks += [line(old_x, axis, new_x, axis, f"d-step {sign}")]
        marks += [arrow_head(old_x, axis, new_x, axis, f"d-head {sign}", 11)]
    return marks


def _step_labels(frame: Frame, old: tuple[str, float], new: tuple[str, float]) -> list[str]:
    """The two weights under the axis; each grows away from the other, so they never meet."""
    below = frame.bottom + 26
    old_words, new_words = (f"{name} = {figure(value)}" for name, value in (old, new))
    if old[1] == new[1]:
        return [label(frame.x(old[1]), below, f"{new[0]} = {old_words}", "d-label d-count")]
    leftwards = new[1] < old[1]
    return [
        label(frame.x(old[1]) + (-8 if leftwards else 8), below, old_words, "d-label", "start" if leftwards else "end"),
        label(
            frame.x(new[1]) + (8 if leftwards else -8),
            below,
            new_words,
            "d-label d-count",
            "end" if leftwards else "start",
        ),
    ]
