import fc from "fast-check";
import { expect, test } from "vitest";

import { decideRefusals } from "#app/domain/checkout/refusal.ts";
import { toSnapshotValue } from "#app/domain/checkout/snapshot.ts";
import type { StockSnapshot } from "#app/domain/checkout/snapshot.ts";

type Line = StockSnapshot & { readonly quantity: number };

const anyLine: fc.Arbitrary<Line> = fc.record({
  quantity: fc.integer({ min: 1, max: 20 }),
  poolId: fc.constantFrom("pool-1", "pool-2", "pool-3"),
  leftUnits: fc.integer({ min: 0, max: 60 }),
  unitsPerItem: fc.integer({ min: 1, max: 6 }),
});
const anyCart = fc.array(anyLine, { maxLength: 12 });

const linesOf = (cart: readonly Line[]) =>
  cart.map((line) => ({
    quantity: line.quantity,
    productTitle: "A product",
    snapshotValue: toSnapshotValue(line),
  }));

test("a pool is refused exactly when the cart wants more than its smallest copy has left", () => {
  fc.assert(
    fc.property(anyCart, (cart) => {
      const refused = decideRefusals("CHECKOUT_COMPLETION", linesOf(cart));

      for (const poolId of ["pool-1", "pool-2", "pool-3"]) {
        const lines = cart.filter((line) => line.poolId === poolId);
        const wanted = lines.reduce((sum, line) => sum + line.quantity * line.unitsPerItem, 0);
        const left = Math.min(...lines.map((line) => line.leftUnits));
        expect(refused.some((refusal) => refusal.poolId === poolId)).toBe(wanted > left);
      }
    }),
  );
});

test("whatever stands in the metafield, the checkout answers, and a cart without snapshots passes", () => {
  fc.assert(
    fc.property(fc.array(fc.anything()), (values) => {
      const lines = values.map((snapshotValue) => ({
        quantity: 1,
        productTitle: "A product",
        snapshotValue,
      }));

      expect(decideRefusals("CHECKOUT_COMPLETION", lines)).toEqual([]);
    }),
  );
});
