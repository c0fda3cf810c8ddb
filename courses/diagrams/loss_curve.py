"""`loss-curve`: the loss of each epoch, and that of the validation rows."""

from collections.abc import Sequence

from courses.diagrams.canvas import LARGE, WIDTH, Options, Panel
from courses.diagrams.names import BOLD, LINE, two_lines
from courses.diagrams.options import labels, numbers
from courses.diagrams.scales import round_scale
from courses.svg import Frame, circle, figure, label, line, polyline, width_of

MAX_VALUES = 500
LEFT, BESIDE, NARROWEST = 52.0, 12.0, 180.0


def loss_curve(options: Options) -> list[Panel]:
    values = numbers(options, "values", 2, MAX_VALUES)
    lines = [values]
    if options.get("validation"):
        lines.append(numbers(options, "validation", len(values), len(values)))
    names = labels(options, ["loss", "val_loss"][: len(lines)])
    if any(value < 0 for series in lines for value in series) or not any(map(any, lines)):
        raise ValueError("values: a loss is never negative, and not all of them are 0.")
    step, top = round_scale(max(map(max, lines)))
    ends = [two_lines(name, 100) for name in names]
    width = WIDTH - LEFT - BESIDE - BOLD * max(width_of(words, LARGE) for end in ends for words in end)
    if width < NARROWEST:
        raise ValueError("labels: these names are too long to stand at the ends of the lines.")
    frame = Frame(LEFT, 22, width, 190, (1, len(values)), (0, top))
    marks = [*_value_axis(frame, step), *_epoch_axis(frame, len(values), options.get("axis", "").strip() or "epoch")]
    for i, series in enumerate(lines, start=1):
        points = [frame.at(epoch, value) for epoch, value in enumerate(series, start=1)]
        marks.append(polyline(points, f"d-series d-curve-{i}" + (" d-dashed" if i == 2 else "")))
        if len(series) <= 30:
            marks += [circle(x, y, 3, f"d-point d-curve-{i}") for x, y in points]
    marks += _line_ends(frame, [(series[-1], end) for series, end in zip(lines, ends, strict=True)])
    return [Panel(WIDTH, 266, marks)]


def _value_axis(frame: Frame, step: float) -> list[str]:
    marks = []
    for i in range(round(frame.y_range[1] / step) + 1):
        y = frame.y(i * step)
        marks.append(line(frame.left, y, frame.right, y, "d-axis" if i == 0 else "d-grid"))
        marks.append(label(frame.left - 8, y + 5, figure(i * step), "d-label d-muted", "end"))
    return marks


def _epoch_axis(frame: Frame, epochs: int, title: str) -> list[str]:
    stride = max(1, round(round_scale(epochs)[0])) if epochs > 6 else 1
    ticks = [1, *(epoch for epoch in range(stride, epochs + 1, stride) if epoch > max(1, stride / 2))]
    marks = [label(frame.x(tick), frame.bottom + 20, str(tick), "d-label d-muted") for tick in ticks]
    return [*marks, label(frame.left + frame.width / 2, frame.bottom + 46, title, "d-label d-muted")]


def _line_ends(frame: Frame, ends: Sequence[tuple[float, Sequence[str]]]) -> list[str]:
    """Names at the ends of the lines, moved apart where they would meet."""
    middles = [frame.y(value) for value, _ in ends]
    if len(ends) == 2:
        apart = LINE * (len(ends[0][1]) + len(ends[1][1])) / 2
        if abs(middles[0] - middles[1]) < apart:
            upper, middle = (0 if middles[0] <= middles[1] else 1), sum(middles) / 2
            middles[upper], middles[1 - upper] = middle - apart / 2, middle + apart / 2
    # Not down among the numbers of the axis.
    lowest = max(middle + LINE * len(lines) / 2 for middle, (_, lines) in zip(middles, ends, strict=True))
    middles = [middle - max(0.0, lowest - frame.bottom - 2) for middle in middles]
    return [
        label(frame.right + 10, middle + 5 + LINE * (row - (len(lines) - 1) / 2), words, classes, "start")
        for i, (middle, (_, lines)) in enumerate(zip(middles, ends, strict=True), start=1)
        for classes in [f"d-label d-name d-curve-{i}"]
        for row, words in enumerate(lines)
    ]
