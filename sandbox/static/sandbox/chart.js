// One curve for training (solid), one for validation (dashed), each named at its end. Colours come from the tokens.

const HEIGHT = 260;
const LABEL_ROOM = 92;

function tokens() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return {
    training: value("--series-1"),
    validation: value("--series-2"),
    ink: value("--ink"),
    muted: value("--muted"),
    line: value("--line"),
    font: `13px ${value("--font-ui")}`,
  };
}

/** The index of the last value that is a number, or -1. */
function lastIndex(values) {
  for (let index = values.length - 1; index >= 0; index--) if (values[index] !== null) return index;
  return -1;
}

/** Where the names of the curves stand: at their ends, pushed apart if they would overlap. */
function labelPlaces(plot) {
  const places = [];
  for (const index of [1, 2]) {
    const at = lastIndex(plot.data[index]);
    if (at < 0) continue;
    const x = plot.valToPos(plot.data[0][at], "x", true);
    places.push({ index, x, y: plot.valToPos(plot.data[index][at], "y", true) });
  }
  const gap = 16 * devicePixelRatio;
  if (places.length === 2 && Math.abs(places[0].y - places[1].y) < gap) {
    const middle = (places[0].y + places[1].y) / 2;
    const upper = places[0].y <= places[1].y ? 0 : 1;
    places[upper].y = middle - gap / 2;
    places[1 - upper].y = middle + gap / 2;
  }
  return places;
}

function drawLabels(names, colours) {
  return (plot) => {
    const { ctx } = plot;
    ctx.save();
    ctx.font = colours.font.replace("13px", `${13 * devicePixelRatio}px`);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    for (const { index, x, y } of labelPlaces(plot)) {
      ctx.fillStyle = index === 1 ? colours.training : colours.validation;
      ctx.fillText(names[index - 1], x + 6 * devicePixelRatio, y);
    }
    ctx.restore();
  };
}

function axis(label, colours, extra) {
  return {
    label,
    stroke: colours.muted,
    font: colours.font,
    labelFont: colours.font,
    grid: { stroke: colours.line, width: 1 },
    ticks: { stroke: colours.line, width: 1 },
    ...extra,
  };
}

/** The ends of the axis that the measure fixes; without, the curve decides. An axis without a fixed end shows zero. */
function range(figure) {
  const { low, high } = figure.dataset;
  return (_, lowest, highest) => {
    const bottom = low === undefined ? Math.min(0, lowest ?? 0) : Number(low);
    const top = high === undefined ? (highest > 0 ? highest * 1.05 : 1) : Number(high);
    return [bottom, top];
  };
}

function options(figure, planned, width, colours) {
  const isPercent = figure.dataset.writing === "percent";
  const names = [figure.dataset.training, figure.dataset.validation];
  const series = (label, stroke, dash) => ({ label, stroke, dash, width: 2, spanGaps: false, points: { size: 5 } });
  return {
    width,
    height: HEIGHT,
    padding: [12, LABEL_ROOM, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [1, Math.max(2, planned)] },
      y: { range: range(figure) },
    },
    axes: [
      axis(figure.dataset.axisX, colours, { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] }),
      axis(figure.dataset.axisY, colours, {
        size: 64,
        values: isPercent ? (_, splits) => splits.map((share) => `${Math.round(share * 100)} %`) : undefined,
      }),
    ],
    series: [{}, series(names[0], colours.training), series(names[1], colours.validation, [6, 4])],
    hooks: { draw: [drawLabels(names, colours)] },
  };
}

/** A chart in `figure`; `columns(epochs)` gives the two measures. Draws itself anew when the theme or width changes. */
export class Chart {
  constructor(UPlot, figure, planned) {
    this.UPlot = UPlot;
    this.figure = figure;
    this.planned = planned;
    this.box = figure.querySelector(".chart__plot");
    this.measure = figure.dataset.chart;
    this.epochs = [];
    this.plot = null;
    this.width = 0;
    new ResizeObserver(() => this.box.clientWidth !== this.width && this.build()).observe(this.box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.build());
    new MutationObserver(() => this.build()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  data() {
    const column = (name) => this.epochs.map((epoch) => epoch[name] ?? null);
    return [this.epochs.map((epoch) => epoch.number), column(this.measure), column(`val_${this.measure}`)];
  }

  build() {
    this.width = this.box.clientWidth;
    if (!this.width) return;
    this.plot?.destroy();
    this.plot = new this.UPlot(options(this.figure, this.planned, this.width, tokens()), this.data(), this.box);
  }

  show(epochs) {
    this.epochs = epochs;
    if (this.plot) this.plot.setData(this.data());
    else this.build();
  }
}
