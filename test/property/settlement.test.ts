import fc from "fast-check";
import { expect, test } from "vitest";

import { settleTake } from "#app/domain/pool/settlement.ts";

const anyTake = fc.record({
  units: fc.integer({ min: 1, max: 1_000 }),
  levelUnits: fc.integer({ min: -1_000, max: 1_000 }),
  plannedRepairUnits: fc.integer({ min: 0, max: 1_000 }),
});

test("settling splits a take into freed and returned units, and loses none", () => {
  fc.assert(
    fc.property(anyTake, (take) => {
      const { freedUnits, returnedUnits } = settleTake(take);

      expect(freedUnits + returnedUnits).toBe(take.units);
      expect(freedUnits).toBeGreaterThanOrEqual(0);
      expect(returnedUnits).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("nothing is freed while the store is still owed units", () => {
  fc.assert(
    fc.property(anyTake, (take) => {
      const { freedUnits, returnedUnits } = settleTake(take);

      if (take.levelUnits + take.plannedRepairUnits + returnedUnits < 0) expect(freedUnits).toBe(0);
    }),
  );
});

test("a store never gets back more than it is owed", () => {
  fc.assert(
    fc.property(anyTake, (take) => {
      const owedUnits = Math.max(0, -take.levelUnits - take.plannedRepairUnits);

      expect(settleTake(take).returnedUnits).toBeLessThanOrEqual(owedUnits);
    }),
  );
});
