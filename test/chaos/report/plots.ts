import { escapeText } from "./markup.ts";

export type Series = {
  readonly name: string;
  /** A class of the page, which has the colour. */
  readonly style: string;
  readonly values: readonly number[];
};

/** Wide enough for a phone held upright; it is drawn larger where there is room. */
const width = 320;
const height = 190;
const margin = { left: 36, right: 16, top: 8, bottom: 34 };
const plotWidth = width - margin.left - margin.right;
const plotHeight = height - margin.top - margin.bottom;
/** A line of a thousand points looks like one of a hundred. */
const curvePointsMax = 100;

/**
 * How many of the values are at most so long, for each length: the higher and the further left, the
 * faster. The axis is logarithmic.
 */
export function drawDurations(title: string, series: readonly Series[]): string {
  const known = series.filter(({ values }) => values.length > 0);
  if (known.length === 0) return "";
  const longestMs = Math.max(1, ...known.map(({ values }) => highest(values)));
  const decades = Math.max(1, Math.ceil(Math.log10(longestMs)));
  const xOf = (ms: number) => margin.left + (Math.log10(Math.max(1, ms)) / decades) * plotWidth;
  const yOf = (share: number) => margin.top + (1 - share) * plotHeight;
  const curves = known.map(({ style, values }) => {
    const sorted = [...values].sort((one, other) => one - other);
    const points = Array.from({ length: curvePointsMax + 1 }, (_, index) => {
      const share = index / curvePointsMax;
      const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
      return `${xOf(value).toFixed(1)},${yOf(share).toFixed(1)}`;
    });
    return `<polyline class="curve ${style}" points="${points.join(" ")}"/>`;
  });
  const ticks = Array.from({ length: decades + 1 }, (_, power) => {
    const x = xOf(10 ** power).toFixed(1);
    return verticalLine(x) + label(x, height - margin.bottom + 14, nameDuration(10 ** power));
  });
  const shares = [0, 0.5, 0.95].map(
    (share) => horizontalLine(yOf(share)) + leftLabel(yOf(share), `${share * 100} %`),
  );
  return frame(title, [...ticks, ...shares, ...curves], legend(known));
}

/** How often each whole number occurred; numbers above 0 are what must not be under quotas. */
export function drawCounts(title: string, series: readonly Series[]): string {
  const known = series.filter(({ values }) => values.length > 0);
  const all = known.flatMap(({ values }) => values);
  const lowest = Math.min(0, ...known.map(({ values }) => -highest(values.map((value) => -value))));
  const most = Math.max(1, ...known.map(({ values }) => highest(values)));
  // So few bars that each can be seen.
  const binSize = Math.max(1, Math.ceil((most - lowest + 1) / 40));
  const binOf = (value: number) => Math.floor((value - lowest) / binSize);
  const binCount = binOf(most) + 1;
  const tallest = Math.max(1, ...known.map(({ values }) => highest(countBins(values, binOf))));
  const barWidth = plotWidth / (binCount * known.length);
  const bars = known.flatMap(({ style, values }, place) =>
    countBins(values, binOf).map((count, bin) => {
      const x = margin.left + (bin * known.length + place) * barWidth;
      // One run among thousands is still to be seen.
      const barHeight = Math.max(2, (count / tallest) * plotHeight);
      const y = margin.top + plotHeight - barHeight;
      return count === 0
        ? ""
        : `<rect class="bar ${style}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" ` +
            `width="${Math.max(1, barWidth - 0.5).toFixed(1)}" height="${barHeight.toFixed(1)}"/>`;
    }),
  );
  const middleOf = (value: number) =>
    (margin.left + ((binOf(value) + 0.5) / binCount) * plotWidth).toFixed(1);
  const named = new Set([lowest, 0, most]);
  const labels = [...named].map((value) =>
    label(middleOf(value), height - margin.bottom + 14, String(value)),
  );
  const heights = [0, tallest].map((count) => {
    const y = margin.top + (1 - count / tallest) * plotHeight;
    return horizontalLine(y) + leftLabel(y, String(count));
  });
  return all.length === 0 ? "" : frame(title, [...heights, ...bars, ...labels], legend(known));
}

/** One bar for each name, the longest first. */
export function drawBars(title: string, counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, one], [, other]) => other - one);
  const most = Math.max(1, ...entries.map(([, count]) => count));
  const rowHeight = 20;
  const nameWidth = 150;
  const rows = entries.map(([name, count], index) => {
    const y = index * rowHeight;
    const barWidth = Math.max(1, (count / most) * (width - nameWidth - 50));
    return (
      `<text class="name" x="${nameWidth - 6}" y="${y + 14}" text-anchor="end">${escapeText(name)}</text>` +
      `<rect class="bar plain" x="${nameWidth}" y="${y + 4}" width="${barWidth.toFixed(1)}" height="12"/>` +
      `<text x="${(nameWidth + barWidth + 5).toFixed(1)}" y="${y + 14}">${count}</text>`
    );
  });
  return figure(title, rows, { legend: "", height: Math.max(1, entries.length) * rowHeight });
}

function countBins(values: readonly number[], binOf: (value: number) => number): number[] {
  const bins: number[] = [];
  for (const value of values) bins[binOf(value)] = (bins[binOf(value)] ?? 0) + 1;
  return Array.from(bins, (count: number | undefined) => count ?? 0);
}

/** Spread into Math.max, a long list would be too many arguments. */
function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

function frame(title: string, marks: readonly string[], legendText: string): string {
  return figure(title, marks, { legend: legendText, height });
}

function figure(
  title: string,
  marks: readonly string[],
  options: { readonly legend: string; readonly height: number },
): string {
  const name = escapeText(title);
  return (
    `<figure><figcaption>${name}${options.legend}</figcaption>` +
    `<svg viewBox="0 0 ${width} ${options.height}" role="img" aria-label="${name}">` +
    `${marks.join("")}</svg></figure>`
  );
}

function legend(series: readonly Series[]): string {
  return series
    .map(({ name, style }) => ` <span class="key ${style}">${escapeText(name)}</span>`)
    .join("");
}

function verticalLine(x: string): string {
  return `<line class="grid" x1="${x}" x2="${x}" y1="${margin.top}" y2="${margin.top + plotHeight}"/>`;
}

function horizontalLine(y: number): string {
  return `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}"/>`;
}

function label(x: string, y: number, text: string): string {
  return `<text x="${x}" y="${y}" text-anchor="middle">${text}</text>`;
}

function leftLabel(y: number, text: string): string {
  return `<text x="${margin.left - 4}" y="${(y + 4).toFixed(1)}" text-anchor="end">${text}</text>`;
}

function nameDuration(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}
