import fc from "fast-check";
import { expect, test } from "vitest";

import { poissonQuantile, poissonTail } from "#app/domain/pool/poisson.ts";

const anyMean = fc.double({ min: 0, max: 100_000, noNaN: true });
const anyRisk = fc.double({ min: 1e-12, max: 0.5, noNaN: true });

test("the quantile is the first count whose tail is within the risk", () => {
  fc.assert(
    fc.property(anyMean, anyRisk, (mean, risk) => {
      const count = poissonQuantile(mean, risk);

      expect(poissonTail(mean, count)).toBeLessThanOrEqual(risk);
      expect(poissonTail(mean, count - 1)).toBeGreaterThan(risk);
    }),
  );
});

test("a tail falls with the count, and rises with the mean", () => {
  fc.assert(
    fc.property(anyMean, fc.nat(100_000), (mean, count) => {
      const tail = poissonTail(mean, count);

      expect(tail).toBeGreaterThanOrEqual(0);
      expect(tail).toBeLessThanOrEqual(1);
      expect(poissonTail(mean, count + 1)).toBeLessThanOrEqual(tail * (1 + 1e-12));
      expect(poissonTail(mean * 1.01 + 0.01, count)).toBeGreaterThanOrEqual(tail * (1 - 1e-12));
    }),
  );
});
