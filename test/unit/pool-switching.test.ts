import { expect, test } from "vitest";

import type { PoolEvent } from "#app/domain/pool/event.ts";
import { isGuaranteed } from "#app/domain/pool/pool.ts";
import type { Pool } from "#app/domain/pool/pool.ts";
import { step } from "#app/domain/pool/step.ts";
import { aListing, anOperation, aPool, numbered } from "#test/support/pool-builders.ts";

const nowMs = 10_000;

test("turning strict on takes what the stores show beyond the pool, and grants nothing", () => {
  const { pool } = tell(mirrorOf(4, [4, 4]), { kind: "protection-changed", protection: "strict" });

  expect(pool).toMatchObject({ target: "quotas", switching: "taking" });
  expect(plans(pool)).toEqual(["store-0 take 2", "store-1 take 2"]);
});

test("the switch waits for the takes of the mirror before it", () => {
  const take = anOperation({ listingId: "store-1", units: 4, state: "draining" });
  const mirror = { ...mirrorOf(4, [4, 0]), operations: [take], freeUnits: -4 };

  const { pool } = tell(mirror, { kind: "protection-changed", protection: "strict" });

  expect(pool).toMatchObject({ switching: "taking", switchNumber: 0 });
});

test("when every take has settled, every level is read once more", () => {
  const { pool } = tell(quotasTaking([2, 2], 4));

  expect(pool).toMatchObject({ switching: "reading", switchNumber: 1 });
  for (const { readDueAtMs } of pool.listings) expect(readDueAtMs).toBe(nowMs);
});

test("the pool is guaranteed when the last store was read, and not before", () => {
  const { pool: reading } = tell(quotasTaking([2, 2], 4));
  const { pool: half } = tell(reading, readOf(reading, 0, 2));
  const { pool: whole } = tell(half, readOf(half, 1, 2));

  expect([reading, half, whole].map(isGuaranteed)).toEqual([false, false, true]);
});

test("a store that was found owed units has them taken from the one that has most", () => {
  const { pool: reading } = tell(quotasTaking([2, 2], 4));

  const { pool } = tell(reading, readOf(reading, 0, -1));

  expect(pool).toMatchObject({ switching: "taking", ledgerUnits: 1 });
  expect(plans(pool)).toEqual(["store-1 take 1"]);
});

test("a guaranteed pool in which the stores offer too much becomes safe again before it grants", () => {
  const pool = aPool({
    freeUnits: 3,
    ledgerUnits: 6,
    listings: [aListing({ expectedUnits: 3 }), aListing({ id: "store-b" })],
  });
  const unguarded: PoolEvent = {
    ...{ kind: "level-observed", listingId: "store-b" },
    ...{ units: -4, atMs: 5_000 },
  };

  const { pool: after } = tell(pool, unguarded);

  expect(isGuaranteed(after)).toBe(false);
  expect(after).toMatchObject({ switching: "taking", freeUnits: 3, ledgerUnits: 2 });
  expect(plans(after)).toEqual(["store-a take 1"]);
});

test("back in a mirror every store shows the whole pool, whether units are free or not", () => {
  const { pool } = tell(quotasTaking([2, 2], 4), {
    ...{ kind: "protection-changed", protection: "mirror" },
  });

  expect(pool).toMatchObject({ target: "mirror", switching: "none", freeUnits: -4 });
  expect(plans(pool)).toEqual(["store-0 grant 2", "store-1 grant 2"]);
});

test("a store that nothing can be written to does not hold up the others", () => {
  const closed = quotasTaking([2, 2], 4);
  const listings = [closed.listings[0]!, { ...closed.listings[1]!, guard: "closed" as const }];
  const { pool: reading } = tell({ ...closed, listings });

  const { pool } = tell(reading, readOf(reading, 0, 2));

  expect(pool.switching).toBe("none");
  expect(isGuaranteed(pool)).toBe(false);
});

test.each(["continues-selling", "untracked"] as const)(
  "a pool is not safe when %s ends before what was sold meanwhile is known",
  (guard) => {
    const pool = aPool({ ledgerUnits: 2, listings: [aListing({ expectedUnits: 2, guard })] });

    const { pool: guarded } = tell(pool, {
      ...{ kind: "guard-changed", listingId: "store-a", guard: "guarded" },
    });
    const { pool: read } = tell(guarded, readOf(guarded, 0, 2));

    expect([guarded, read].map(isGuaranteed)).toEqual([false, true]);
  },
);

test("a store that is back, and sold no more than it had meanwhile, keeps the pool safe", () => {
  const listing = aListing({ expectedUnits: 2, guard: "closed" });

  const { pool } = tell(aPool({ ledgerUnits: 2, listings: [listing] }), {
    ...{ kind: "guard-changed", listingId: "store-a", guard: "guarded" },
  });

  expect(isGuaranteed(pool)).toBe(true);
});

function tell(pool: Pool, ...events: readonly PoolEvent[]) {
  return step(pool, events.map(numbered), nowMs);
}

function mirrorOf(ledgerUnits: number, levels: readonly number[]): Pool {
  const shownUnits = levels.reduce((sum, units) => sum + units, 0);
  return aPool({
    ...{ protection: "mirror", target: "mirror", ledgerUnits },
    freeUnits: ledgerUnits - shownUnits,
    listings: levels.map((expectedUnits, priority) =>
      aListing({ id: `store-${priority}`, priority, expectedUnits }),
    ),
  });
}

function quotasTaking(levels: readonly number[], ledgerUnits: number): Pool {
  const pool = mirrorOf(ledgerUnits, levels);
  return { ...pool, protection: "strict", target: "quotas", switching: "taking" };
}

function readOf(pool: Pool, index: number, units: number): PoolEvent {
  const { id: listingId, revision } = pool.listings[index]!;
  const { switchNumber } = pool;
  const level = { units, atMs: 9_000 };
  return { kind: "level-read", listingId, level, revision, switchNumber, drainedOperations: [] };
}

function plans({ operations }: Pool): readonly string[] {
  return operations
    .filter(({ state }) => state === "planned")
    .map(({ listingId, kind, units }) => `${listingId} ${kind} ${units}`);
}
