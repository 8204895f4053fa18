import { expect, test } from "vitest";

import { decideRefusals } from "#app/domain/checkout/refusal.ts";
import type { CheckoutLine } from "#app/domain/checkout/refusal.ts";
import { parseSnapshotValue, toSnapshotValue } from "#app/domain/checkout/snapshot.ts";

function aLine(line: Partial<CheckoutLine> = {}): CheckoutLine {
  return { quantity: 1, productTitle: "Red shirt", snapshotValue: ["pool-1", 1, 1], ...line };
}

test("what is published is what the checkout reads", () => {
  const snapshot = { poolId: "pool-1", leftUnits: 3, unitsPerItem: 6 };

  const published: unknown = JSON.parse(JSON.stringify(toSnapshotValue(snapshot)));

  expect(parseSnapshotValue(published)).toEqual(snapshot);
});

test.each(["CHECKOUT_INTERACTION", "CHECKOUT_COMPLETION"])("at %s the cart is refused", (step) => {
  expect(decideRefusals(step, [aLine({ quantity: 2 })])).toEqual([
    { poolId: "pool-1", productTitles: ["Red shirt"], leftItems: 1 },
  ]);
});

test.each(["CART_INTERACTION", null, "A_STEP_OF_NEXT_YEAR"])("at %s nothing is refused", (step) => {
  expect(decideRefusals(step, [aLine({ quantity: 2 })])).toEqual([]);
});

test("the last item is not refused", () => {
  expect(decideRefusals("CHECKOUT_COMPLETION", [aLine()])).toEqual([]);
});

test("lines of one pool add up, each in its own units, and every product is named once", () => {
  const lines = [
    aLine({ productTitle: "Six-pack", snapshotValue: ["pool-1", 8, 6] }),
    aLine({ productTitle: "Bottle", quantity: 2, snapshotValue: ["pool-1", 8, 1] }),
    aLine({ productTitle: "Bottle", snapshotValue: ["pool-1", 8, 1] }),
  ];

  expect(decideRefusals("CHECKOUT_COMPLETION", lines)).toEqual([
    { poolId: "pool-1", productTitles: ["Six-pack", "Bottle"], leftItems: 8 },
  ]);
  expect(decideRefusals("CHECKOUT_COMPLETION", lines.slice(0, 2))).toEqual([]);
});

test("a pack is sold out when less than a pack is left", () => {
  const lines = [aLine({ snapshotValue: ["pool-1", 5, 6] })];

  expect(decideRefusals("CHECKOUT_COMPLETION", lines)).toMatchObject([{ leftItems: 0 }]);
});

test("a line without a snapshot neither refuses nor hides one that does", () => {
  const lines = [aLine({ snapshotValue: null }), aLine({ quantity: 2 })];

  expect(decideRefusals("CHECKOUT_COMPLETION", lines)).toHaveLength(1);
});
