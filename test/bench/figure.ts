import { percentile } from "#test/demo/percentiles.ts";

type Percentiles = { readonly p50: number; readonly p99: number };

/** One measurement beside its yardstick, both from the same processes in the same minutes. */
export type Figure = {
  readonly name: string;
  readonly unit: "ms";
  readonly ours: Percentiles;
  readonly yardstick: Percentiles & { readonly name: string };
  readonly ratio: Percentiles;
  readonly goal: string;
  readonly met: boolean;
  /** Pairs that were measured, one of ours and one of the yardstick's in turn. */
  readonly pairs: number;
};

/** @throws without a pair. */
export function compare(
  pairs: readonly { readonly ours: number; readonly yardstick: number }[],
  figure: Pick<Figure, "name" | "goal"> & {
    readonly yardstickName: string;
    /** The highest ratio that meets the goal. */
    readonly ratioMax: Percentiles;
  },
): Figure {
  const ours = percentilesOf(pairs.map((pair) => pair.ours));
  const yardstick = percentilesOf(pairs.map((pair) => pair.yardstick));
  const ratio = {
    p50: round(ours.p50 / yardstick.p50),
    p99: round(ours.p99 / yardstick.p99),
  };
  return {
    name: figure.name,
    unit: "ms",
    ours,
    yardstick: { name: figure.yardstickName, ...yardstick },
    ratio,
    goal: figure.goal,
    met: ratio.p50 <= figure.ratioMax.p50 && ratio.p99 <= figure.ratioMax.p99,
    pairs: pairs.length,
  };
}

function percentilesOf(values: readonly number[]): Percentiles {
  const [p50, p99] = [percentile(values, 0.5), percentile(values, 0.99)];
  if (p50 === null || p99 === null) throw new Error("Nothing was measured.");
  return { p50, p99 };
}

function round(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}
