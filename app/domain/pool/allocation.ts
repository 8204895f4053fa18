import { assert } from "../assert.ts";

/**
 * Splits whole units by weight: everybody gets the whole part of their share, and the units that
 * remain go to the largest fractions, the earlier first where they are equal (method of the largest
 * remainder). The parts add up to `units` exactly.
 *
 * @param units whole units, at least 0.
 * @param weights at least 0 each; where all are 0 the units go to the first ones, one each in turn.
 * @returns the parts, in the order of the weights; all 0 without units, and none without weights.
 */
export function allocate(units: number, weights: readonly number[]): readonly number[] {
  assert(Number.isSafeInteger(units) && units >= 0, "whole units are split");
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) =>
    total > 0 ? (units * weight) / total : units / weights.length,
  );
  const parts = shares.map(Math.floor);
  let left = units - parts.reduce((sum, part) => sum + part, 0);
  const byFraction = shares
    .map((share, index) => ({ index, fraction: share - Math.floor(share) }))
    .sort((one, other) => other.fraction - one.fraction || one.index - other.index);
  for (const { index } of byFraction) {
    if (left <= 0) break;
    parts[index] = (parts[index] ?? 0) + 1;
    left -= 1;
  }
  return parts;
}

/**
 * Splits whole units by what each still lacks, so that nobody gets more than that.
 *
 * @param units whole units, at least 0; what exceeds the sum of the gaps stays with the caller.
 * @param gaps whole units that each lacks, at least 0.
 */
export function allocateToGaps(units: number, gaps: readonly number[]): readonly number[] {
  const total = gaps.reduce((sum, gap) => sum + gap, 0);
  // No part exceeds its gap: a share of fewer units than all gaps together is below the gap, and
  // rounding up a fraction does not pass the whole number above it.
  return units >= total ? [...gaps] : allocate(units, gaps);
}
