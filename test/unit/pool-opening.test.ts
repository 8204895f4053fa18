import { expect, test } from "vitest";

import { openPool } from "#app/domain/pool/opening.ts";
import { isGuaranteed } from "#app/domain/pool/pool.ts";
import type { Protection } from "#app/domain/pool/protection.ts";

test("stores that show more than there is give up the difference first", () => {
  const { pool } = open("strict", 6, [6, 6, 6]);

  expect(pool).toMatchObject({ freeUnits: -12, ledgerUnits: 6, switching: "taking" });
  expect(planned(pool)).toEqual(["take 4", "take 4", "take 4"]);
  expect(isGuaranteed(pool)).toBe(false);
});

test("stores that show less than there is are read before anything is given to them", () => {
  const { pool } = open("strict", 6, [2, 0]);

  expect(pool).toMatchObject({ freeUnits: 4, switching: "reading", operations: [] });
  expect(pool.listings.map(({ readDueAtMs }) => readDueAtMs)).toEqual([1_000, 1_000]);
});

test("in a mirror every store is to show the whole pool at once", () => {
  const { pool } = open("mirror", 6, [6, 2, 9]);

  expect(pool).toMatchObject({ target: "mirror", freeUnits: -15, switching: "none" });
  expect(planned(pool)).toEqual(["grant 4", "take 3"]);
});

test("the opening count is the first line of the ledger, unless it is nothing", () => {
  expect(open("strict", 6, [6]).ledger).toEqual([
    { listingId: null, units: 6, cause: "opening", eventId: null },
  ]);
  expect(open("strict", 0, [0]).ledger).toEqual([]);
});

test("a store that had sold more than it had gets it back before others get anything", () => {
  const { pool } = open("mirror", 3, [-2]);

  expect(pool.ledgerUnits).toBe(3);
  expect(planned(pool)).toEqual(["grant 5"]);
});

test("a count of less than nothing is no count", () => {
  expect(() => open("strict", -1, [0])).toThrow("a count is of whole units");
});

function open(protection: Protection, openingUnits: number, levels: readonly number[]) {
  return openPool({
    ...{ id: "pool", protection, openingUnits, drainMs: 600_000, nowMs: 1_000 },
    listings: levels.map((levelUnits, priority) => ({
      ...{ id: `store-${priority}`, priority, levelUnits, levelAtMs: 0, guard: "guarded" as const },
    })),
  });
}

function planned({ operations }: ReturnType<typeof open>["pool"]): readonly string[] {
  return operations.map(({ kind, units }) => `${kind} ${units}`);
}
