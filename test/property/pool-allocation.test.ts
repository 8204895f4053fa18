import fc from "fast-check";
import { expect, test } from "vitest";

import { allocate, allocateToGaps } from "#app/domain/pool/allocation.ts";

const anyUnits = fc.nat(100_000);
const anyWeights = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 30,
});
const anyGaps = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 30 });

test("the parts add up to all units, whatever the weights", () => {
  fc.assert(
    fc.property(anyUnits, anyWeights, (units, weights) => {
      const parts = allocate(units, weights);

      expect(parts).toHaveLength(weights.length);
      expect(sum(parts)).toBe(units);
    }),
  );
});

test("nobody is more than one unit away from their share", () => {
  fc.assert(
    fc.property(anyUnits, fc.array(fc.integer({ min: 1, max: 1_000 })), (units, weights) => {
      const total = sum(weights);
      allocate(units, weights).forEach((part, index) => {
        expect(Math.abs(part - (units * weights[index]!) / total)).toBeLessThan(1);
      });
    }),
  );
});

test("nobody gets more than they lack, and as much is given as there is or is lacking", () => {
  fc.assert(
    fc.property(anyUnits, anyGaps, (units, gaps) => {
      const parts = allocateToGaps(units, gaps);

      parts.forEach((part, index) => {
        expect(part).toBeGreaterThanOrEqual(0);
        expect(part).toBeLessThanOrEqual(gaps[index]!);
      });
      expect(sum(parts)).toBe(Math.min(units, sum(gaps)));
    }),
  );
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
