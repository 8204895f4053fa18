import { expect, test } from "vitest";

import { describePool } from "#app/components/pool-words.ts";
import { sellOutsPerOversell } from "#app/domain/pool/sell-out-risk.ts";

const hourMs = 3_600_000;

test.each([
  ["strict", "quotas", true, "Guaranteed"],
  ["strict", "quotas", false, "Getting ready: each store will show its share"],
  ["balanced", "quotas", true, "Guaranteed: each store shows its share"],
  ["balanced", "mirror", false, "Plentiful: every store shows all of it"],
] as const)("%s under %s says what it does now", (protection, target, isGuaranteed, words) => {
  const pool = { target, isGuaranteed, sellOutsPerOversell: null };

  expect(describePool(protection, pool)).toBe(words);
});

test.each([
  [null, "The last units can be sold twice"],
  [1.1, "At today’s sales units are sold twice whenever it sells out"],
  [2_400, "At today’s sales a unit is sold twice about once in 2,400 times it sells out"],
])("of a mirror the risk is told: %s", (often, words) => {
  const pool = { target: "mirror", isGuaranteed: false, sellOutsPerOversell: often } as const;

  expect(describePool("mirror", pool)).toBe(`Every store shows all of it. ${words}`);
});

test("steady sales of 100 units a day are told from the demand that they leave", () => {
  const steadyUnits = 100 / Math.LN2;
  const listings = [0, 1].map(() => ({ demandUnits: steadyUnits / 2, demandAtMs: 0 }));

  // x = 100 units a day · 7.5 s · (1 - 1/2)
  expect(sellOutsPerOversell(listings, 0)).toBe(230);
  expect(sellOutsPerOversell(listings, 24 * hourMs)).toBe(460);
});

test("where nothing sold lately, or in one store only, there is no risk to tell", () => {
  const [sold, unsold] = [100, 0].map((demandUnits) => ({ demandUnits, demandAtMs: 0 }));

  expect(sellOutsPerOversell([unsold!, unsold!], 0)).toBeNull();
  expect(sellOutsPerOversell([sold!, unsold!], 0)).toBeNull();
});
