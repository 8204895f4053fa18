import { assert } from "../assert.ts";

import { poissonQuantile } from "./poisson.ts";

/**
 * How likely a mirror sells something twice, and how many units must be held back so that it does not.
 * All rates are in units per ms and all times in ms.
 */

/** How a product sells, and how late the other stores show it. */
export type MirrorSales = {
  readonly unitsPerMs: number;
  /** What sold in each store, in any unit; where nothing did, each store counts the same. */
  readonly soldByStore: readonly number[];
  /** Mean time from the start of a payment to the moment the other stores show the sale. */
  readonly blindMs: number;
};

/**
 * Units that are oversold on average each time the stock of a mirror sells out: `λ · w · (1 − Σp²)`,
 * where a sale is hidden from every store but its own for the time `w`. The starting stock plays no
 * part: each time that a stock ends is one draw.
 */
export function expectedOversoldUnits(sales: MirrorSales): number {
  const { unitsPerMs, soldByStore, blindMs } = sales;
  assert(unitsPerMs >= 0 && blindMs >= 0, "rates and times are at least 0");
  assert(soldByStore.length > 0, "a mirror has stores");
  const total = soldByStore.reduce((sum, units) => sum + units, 0);
  const sameStore = soldByStore.reduce((sum, units) => {
    const share = total > 0 ? units / total : 1 / soldByStore.length;
    return sum + share * share;
  }, 0);
  return unitsPerMs * blindMs * Math.max(0, 1 - sameStore);
}

/** The probability that at least one unit is sold twice when the stock of a mirror sells out. */
export function oversellProbability(sales: MirrorSales): number {
  return -Math.expm1(-expectedOversoldUnits(sales));
}

/**
 * Units that must not be offered when a mirror ends, because they may have been sold already: more than
 * so many sales are hidden in `windowMs` with a probability of at most `risk`.
 *
 * @param sales.batchUnits how units come together: E[q²] / E[q] of the units per order, at least 1.
 */
export function unitsToWithhold(sales: {
  readonly unitsPerMs: number;
  readonly batchUnits: number;
  readonly windowMs: number;
  readonly risk: number;
}): number {
  assert(sales.batchUnits >= 1, "an order has at least one unit");
  return poissonQuantile(sales.unitsPerMs * sales.windowMs * sales.batchUnits, sales.risk);
}
