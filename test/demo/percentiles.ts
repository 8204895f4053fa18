/**
 * The value that this share of the values does not exceed (nearest rank).
 *
 * @param share from 0 to 1.
 * @returns null without values; else rounded to a tenth.
 */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
