import { expect, test } from "vitest";

import { settleTake } from "#app/domain/pool/settlement.ts";

test("a sale that completed during the drain gets its unit back", () => {
  expect(settleTake({ units: 3, levelUnits: -1, plannedRepairUnits: 0 })).toEqual({
    freedUnits: 2,
    returnedUnits: 1,
  });
});

test("a deficit that a planned repair fills is not returned a second time", () => {
  expect(settleTake({ units: 3, levelUnits: -3, plannedRepairUnits: 3 })).toEqual({
    freedUnits: 3,
    returnedUnits: 0,
  });
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 53])("a take of %s units is a bug", (units) => {
  expect(() => settleTake({ units, levelUnits: 0, plannedRepairUnits: 0 })).toThrow(
    "a take moves whole units",
  );
});
