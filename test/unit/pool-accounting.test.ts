import { expect, test } from "vitest";

import { decayedDemand, demandHalfLifeMs } from "#app/domain/pool/accounting.ts";
import type { PoolEvent } from "#app/domain/pool/event.ts";
import { assertAccounted } from "#app/domain/pool/pool.ts";
import type { Listing, Pool } from "#app/domain/pool/pool.ts";
import { step } from "#app/domain/pool/step.ts";
import { aListing, anOperation, aPool, numbered } from "#test/support/pool-builders.ts";

const nowMs = 10_000;

test("a fall is a sale: the ledger falls with the level, and free units stay what they are", () => {
  const { pool, ledger } = tell(storeWith({ expectedUnits: 5 }), levelOf(3));

  expect(ledger).toEqual([{ listingId: "store-a", units: -2, cause: "fall", eventId: 1 }]);
  expect(pool).toMatchObject({ ledgerUnits: 3, freeUnits: 0 });
  expect(pool.listings[0]).toMatchObject({ expectedUnits: 3, fallenUnits: 2, revision: 1 });
});

test("a rise is a return", () => {
  const { pool, ledger } = tell(storeWith({ expectedUnits: 5 }), levelOf(7));

  expect(ledger).toMatchObject([{ units: 2, cause: "rise" }]);
  expect(pool.listings[0]).toMatchObject({ expectedUnits: 7, risenUnits: 2, raisedAtMs: 5_000 });
});

test("an echo of our own write changes nothing", () => {
  const { pool, ledger } = tell(storeWith({ expectedUnits: 5 }), levelOf(5));

  expect(ledger).toEqual([]);
  expect(pool.listings[0]).toMatchObject({ revision: 0, observedAtMs: 5_000 });
});

test("a lost webhook is made good by the next", () => {
  const { pool } = tell(storeWith({ expectedUnits: 5 }), levelOf(1));

  expect(pool.ledgerUnits).toBe(1);
});

test("levels out of order are put in order by Shopify's time", () => {
  const { pool } = tell(storeWith({ expectedUnits: 5 }), levelOf(3, 7_000), levelOf(4, 6_000));

  expect(pool.listings[0]!.expectedUnits).toBe(3);
});

test("while an operation is out a level waits, and the newest is kept", () => {
  const out = { ...storeWith({ expectedUnits: 5 }), isPaused: true, ledgerUnits: 6 };
  const operations = [anOperation({ kind: "grant", state: "dispatched" })];

  const { pool } = tell({ ...out, operations }, levelOf(3, 7_000), levelOf(4, 6_000));

  expect(pool.listings[0]).toMatchObject({
    expectedUnits: 5,
    waiting: { units: 3, atMs: 7_000 },
  });
});

test("a level that cannot be put in order is read again", () => {
  const { pool } = tell(storeWith({ expectedUnits: 5, observedAtMs: 5_000 }), levelOf(6));

  expect(pool.listings[0]).toMatchObject({ expectedUnits: 5, readDueAtMs: nowMs });
});

test("an order whose level has not come is given two seconds, and then the level is read", () => {
  const { pool } = tell(storeWith({ expectedUnits: 5 }), orderOf(1));

  expect(pool).toMatchObject({ ledgerUnits: 5 });
  expect(pool.listings[0]).toMatchObject({ orderedUnits: 1, readDueAtMs: nowMs + 2_000 });
});

test("units that left without an order make no later order look as if its level were missing", () => {
  const { pool } = tell(storeWith({ expectedUnits: 5 }), levelOf(3));

  expect(tell(pool, orderOf(1)).pool.listings[0]!.readDueAtMs).toBeNull();
});

test("an order whose level has come needs no read, whichever came first", () => {
  const pool = storeWith({ expectedUnits: 5 });

  expect(tell(pool, levelOf(4), orderOf(1)).pool.listings[0]!.readDueAtMs).toBeNull();
  expect(tell(pool, orderOf(1), levelOf(4)).pool.listings[0]!.readDueAtMs).toBeNull();
});

test("what is sold beyond the pool is an oversell, and each unit is reported once", () => {
  const pool = { ...storeWith({ expectedUnits: 1 }), isPaused: true };
  const { pool: once, incidents } = tell(pool, levelOf(-1));
  const { incidents: again } = tell(once, levelOf(-3, 6_000));

  expect(once).toMatchObject({ ledgerUnits: -1, oversoldUnits: 1 });
  expect(incidents).toMatchObject([{ kind: "oversell", units: 1 }]);
  expect(again).toMatchObject([{ kind: "oversell", units: 2 }]);
});

test("demand counts half after its half-life, and never more for a clock that went back", () => {
  const listing = { demandUnits: 8, demandAtMs: nowMs };

  expect(decayedDemand(listing, nowMs + demandHalfLifeMs)).toBe(4);
  expect(decayedDemand(listing, nowMs - demandHalfLifeMs)).toBe(8);
});

test("a pool in which a unit is in two places is refused", () => {
  const pool = aPool({ freeUnits: 1, ledgerUnits: 5, listings: [aListing({ expectedUnits: 5 })] });

  expect(() => {
    assertAccounted(pool);
  }).toThrow("every unit is in one place: 6 found, 5 in the ledger");
});

test("under quotas a pool that has granted what was not free is refused", () => {
  const pool = aPool({ freeUnits: -1, ledgerUnits: 4, listings: [aListing({ expectedUnits: 5 })] });

  expect(() => {
    assertAccounted(pool);
  }).toThrow("no unit is granted before it is free");
});

function tell(pool: Pool, ...events: readonly PoolEvent[]) {
  return step(
    pool,
    events.map((event, index) => numbered(event, index + 1)),
    nowMs,
  );
}

function storeWith(listing: Partial<Listing>): Pool {
  return aPool({ ledgerUnits: listing.expectedUnits ?? 0, listings: [aListing(listing)] });
}

function levelOf(units: number, atMs = 5_000): PoolEvent {
  return { kind: "level-observed", listingId: "store-a", units, atMs };
}

function orderOf(soldUnits: number): PoolEvent {
  return {
    kind: "order-seen",
    listingId: "store-a",
    orderId: "order",
    soldUnits,
    returnedUnits: 0,
  };
}
