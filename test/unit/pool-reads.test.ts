import { expect, test } from "vitest";

import type { LevelRead } from "#app/domain/pool/event.ts";
import type { Listing } from "#app/domain/pool/pool.ts";
import { step } from "#app/domain/pool/step.ts";
import { aListing, anOperation, aPool, numbered } from "#test/support/pool-builders.ts";

const nowMs = 10_000;

test("a read from before the item was connected again does not disconnect it", () => {
  const disconnected = aPool({ listings: [aListing({ guard: "disconnected" })] });
  const connected = { kind: "guard-changed", listingId: "store-a", guard: "guarded" } as const;
  const read = aRead({ level: null, revision: disconnected.listings[0]!.revision });

  const { pool } = step(disconnected, [numbered(connected), numbered(read, 2)], nowMs);

  expect(pool.listings[0]!.guard).toBe("guarded");
});

test("an item without a level is disconnected, and with one it is not", () => {
  const { pool: without } = step(aPool({}), [numbered(aRead({ level: null }))], nowMs);
  const { pool: back } = step(
    without,
    [numbered(aRead({ revision: without.listings[0]!.revision }))],
    nowMs,
  );

  expect(without.listings[0]!.guard).toBe("disconnected");
  expect(back.listings[0]!.guard).toBe("guarded");
});

test("a level does not make up for what else is wrong with an item", () => {
  const untracked = aPool({ listings: [aListing({ guard: "untracked" })] });

  const { pool } = step(untracked, [numbered(aRead({}))], nowMs);

  expect(pool.listings[0]!.guard).toBe("untracked");
});

test("a read that nothing came in between is newer than all that is known", () => {
  const { listing, ledger } = read({ expectedUnits: 5, observedAtMs: 9_000 }, { units: 3 });

  expect(listing).toMatchObject({ expectedUnits: 3, fallenUnits: 2, readDueAtMs: null });
  expect(ledger).toMatchObject([{ units: -2, cause: "fall" }]);
});

test("a read that something came in between is told apart by Shopify's time", () => {
  const known = { expectedUnits: 5, observedAtMs: 9_000, revision: 8, readDueAtMs: 9_500 };

  expect(read(known, { units: 3, atMs: 8_000 }).listing.expectedUnits).toBe(5);
  expect(read(known, { units: 3, atMs: 9_500 }).listing.expectedUnits).toBe(3);
});

test("a read settles the takes that had drained before it was sent, and no other", () => {
  const pool = aPool({
    isPaused: true,
    ledgerUnits: 5,
    operations: [
      anOperation({ number: 1, units: 2, state: "draining" }),
      anOperation({ number: 2, units: 3, state: "draining" }),
    ],
  });

  const { pool: after } = step(pool, [numbered(aRead({ drainedOperations: [1] }))], nowMs);

  expect(after.freeUnits).toBe(2);
  expect(after.operations).toMatchObject([{ number: 2, state: "draining" }]);
});

test("what a store has sold beyond its level goes back to it before anything is free", () => {
  const pool = aPool({
    isPaused: true,
    ledgerUnits: 3,
    operations: [anOperation({ units: 3, state: "draining" })],
  });
  const oversold = aRead({ level: { units: -2, atMs: 2_000 }, drainedOperations: [1] });

  const { pool: after } = step(pool, [numbered(oversold)], nowMs);

  expect(after).toMatchObject({ freeUnits: 1, ledgerUnits: 1 });
  expect(after.operations).toMatchObject([{ kind: "grant", units: 2, repairUnits: 2 }]);
});

test("a take whose level is not known goes on draining", () => {
  const pool = aPool({
    ledgerUnits: 3,
    operations: [anOperation({ units: 3, state: "draining" })],
  });
  const nothing = aRead({ level: null, drainedOperations: [1] });

  expect(step(pool, [numbered(nothing)], nowMs).pool.operations).toEqual(pool.operations);
});

test("a read of a switch that has moved on leaves the read that is due, due", () => {
  const pool = aPool({
    switching: "reading",
    switchNumber: 2,
    freeUnits: 1,
    ledgerUnits: 1,
    listings: [aListing({ readDueAtMs: nowMs })],
  });

  const { pool: early } = step(pool, [numbered(aRead({ switchNumber: 1 }))], nowMs);
  const { pool: after } = step(pool, [numbered(aRead({ switchNumber: 2 }))], nowMs);

  expect(early).toMatchObject({ switching: "reading", listings: [{ readDueAtMs: nowMs }] });
  expect(after).toMatchObject({ switching: "none", listings: [{ readDueAtMs: null }] });
});

function aRead(given: Partial<LevelRead>): LevelRead {
  return {
    kind: "level-read",
    listingId: "store-a",
    level: { units: 0, atMs: 2_000 },
    revision: 0,
    switchNumber: 0,
    drainedOperations: [],
    ...given,
  };
}

/** Reads the level of a store that is its pool's only one. */
function read(known: Partial<Listing>, told: { readonly units: number; readonly atMs?: number }) {
  const listing = aListing(known);
  const { expectedUnits } = listing;
  const pool = aPool({ ledgerUnits: expectedUnits, listings: [listing] });
  const event = aRead({ level: { units: told.units, atMs: told.atMs ?? 9_500 } });
  const { pool: after, ledger } = step(pool, [numbered(event)], nowMs);
  return { listing: after.listings[0]!, ledger };
}
