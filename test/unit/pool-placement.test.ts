import { expect, test } from "vitest";

import { assertAccounted } from "#app/domain/pool/pool.ts";
import type { Listing, Pool } from "#app/domain/pool/pool.ts";
import { step } from "#app/domain/pool/step.ts";
import { aListing, anOperation, aPool } from "#test/support/pool-builders.ts";

test("free units go to the stores that have least", () => {
  const pool = planFor({ freeUnits: 4, levels: [3, 0, 1] });

  expect(pool.freeUnits).toBe(0);
  expect(plans(pool)).toEqual(["store-1 grant 3", "store-2 grant 1"]);
});

test("the last unit goes to the store that comes first", () => {
  expect(plans(planFor({ freeUnits: 1, levels: [0, 0, 0] }))).toEqual(["store-0 grant 1"]);
});

test("what sold lately draws units", () => {
  const pool = planFor({ freeUnits: 10, levels: [0, 0], demand: [0, 8] });

  expect(plans(pool)).toEqual(["store-0 grant 1", "store-1 grant 9"]);
});

test("a store that is not guarded gets nothing", () => {
  const pool = planFor({ freeUnits: 2, levels: [0, 0], guards: ["continues-selling", "guarded"] });

  expect(plans(pool)).toEqual(["store-1 grant 2"]);
});

test("what a store has sold beyond its level comes before what others lack", () => {
  const pool = planFor({ freeUnits: 2, levels: [0, -2] });

  expect(pool.operations).toMatchObject([
    { listingId: "store-1", kind: "grant", units: 2, repairUnits: 2 },
  ]);
});

test("a level below zero that a take may explain is left to the take's settlement", () => {
  const take = anOperation({ listingId: "store-1", units: 3, state: "draining" });
  const pool = planFor({ freeUnits: 2, levels: [0, -2], operations: [take] });

  expect(pool.operations.filter(({ repairUnits }) => repairUnits > 0)).toEqual([]);
});

test("while stock is plentiful, a store that runs low is helped by half of what another can spare", () => {
  expect(plans(planFor({ freeUnits: 0, levels: [12, 0] }))).toEqual(["store-0 take 3"]);
});

test("where stock is scarce, nothing is moved on a guess", () => {
  expect(plans(planFor({ freeUnits: 0, levels: [4, 0] }))).toEqual([]);
});

test("one move at a time", () => {
  const take = anOperation({ listingId: "store-2", units: 1, state: "draining" });
  const pool = planFor({ freeUnits: 0, levels: [12, 0, 0], operations: [take] });

  expect(plans(pool)).toEqual([]);
});

test("a paused pool plans nothing, and takes back what it had planned", () => {
  const grant = anOperation({ listingId: "store-0", kind: "grant", units: 2 });
  const pool = planFor({ freeUnits: 1, levels: [0], operations: [grant], isPaused: true });

  expect(pool).toMatchObject({ freeUnits: 3, operations: [] });
});

test("what is owed to a store stays planned while the pool is paused", () => {
  const repair = anOperation({ listingId: "store-0", kind: "grant", units: 3, repairUnits: 2 });
  const pool = planFor({ freeUnits: 0, levels: [-2], operations: [repair], isPaused: true });

  expect(pool.freeUnits).toBe(1);
  expect(pool.operations).toMatchObject([{ units: 2, repairUnits: 2 }]);
});

type Stores = Pick<Pool, "freeUnits"> &
  Partial<Pick<Pool, "operations" | "isPaused">> & {
    readonly levels: readonly number[];
    readonly demand?: readonly number[];
    readonly guards?: readonly Listing["guard"][];
  };

/** Plans for a pool under quotas in which nothing happened but this. */
function planFor({ freeUnits, levels, demand, guards, operations = [], isPaused }: Stores): Pool {
  const listings = levels.map((expectedUnits, priority) =>
    aListing({
      id: `store-${priority}`,
      ...{ priority, expectedUnits },
      demandUnits: demand?.[priority] ?? 0,
      guard: guards?.[priority] ?? "guarded",
    }),
  );
  const shownUnits = levels.reduce((sum, units) => sum + units, 0);
  const movedUnits = operations.reduce((sum, { units }) => sum + units, 0);
  const pool = aPool({
    ...{ freeUnits, listings, operations, isPaused: isPaused ?? false },
    ledgerUnits: freeUnits + shownUnits + movedUnits,
  });
  assertAccounted(pool);
  return step(pool, [], 0).pool;
}

function plans({ operations }: Pool): readonly string[] {
  return operations
    .filter(({ state }) => state === "planned")
    .map(({ listingId, kind, units }) => `${listingId} ${kind} ${units}`);
}
