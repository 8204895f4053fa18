import { expect, test } from "vitest";

import type { DispatchAnswered } from "#app/domain/pool/event.ts";
import type { Pool } from "#app/domain/pool/pool.ts";
import { step } from "#app/domain/pool/step.ts";
import { aListing, anOperation, aPool, numbered } from "#test/support/pool-builders.ts";

const nowMs = 10_000;

test("a level that waited for an answer is judged by the level that the answer tells", () => {
  const pool = mirrorWithTakeOut({ waiting: { units: 1, atMs: 3_000 } });

  const { pool: after, ledger } = answer(pool, {
    kind: "applied",
    level: { units: 2, atMs: 2_000 },
  });

  expect(after.listings[0]).toMatchObject({ expectedUnits: 1, waiting: null });
  expect(ledger).toMatchObject([{ units: -1, cause: "fall" }]);
});

test("a level that waited is forgotten when the answer tells none: a read decides", () => {
  const pool = mirrorWithTakeOut({ waiting: { units: 5, atMs: 3_000 } });

  const { pool: after, ledger } = answer(pool, { kind: "applied", level: null });

  expect(ledger).toEqual([]);
  expect(after.listings[0]).toMatchObject({
    ...{ expectedUnits: 2, waiting: null, readDueAtMs: nowMs },
  });
});

test("an applied take drains, and its units are not free", () => {
  const { pool } = answer(mirrorWithTakeOut({}), {
    kind: "applied",
    level: { units: 2, atMs: 2_000 },
  });

  expect(pool.operations[0]).toMatchObject({ kind: "take", state: "draining", units: 3 });
  expect(pool.freeUnits).toBe(-3);
});

test("a refused take ends, and nothing has moved", () => {
  const { pool, ended } = answer(mirrorWithTakeOut({}), { kind: "failed", guard: "refused" });

  expect(ended).toMatchObject([{ number: 1, state: "failed" }]);
  expect(pool.listings[0]).toMatchObject({ expectedUnits: 5, guard: "refused" });
  expect(pool.freeUnits).toBe(-3);
});

test("a refused grant gives its units back, but for those it owed the store", () => {
  const pool = aPool({
    isPaused: true, // or the free units would be planned again at once
    freeUnits: 0,
    ledgerUnits: 4,
    listings: [aListing({ expectedUnits: -1 })],
    operations: [anOperation({ kind: "grant", state: "dispatched", units: 5, repairUnits: 2 })],
  });

  const { pool: after } = answer(pool, { kind: "failed", guard: null });

  expect(after.freeUnits).toBe(3);
  expect(after.operations).toMatchObject([
    { kind: "grant", state: "planned", units: 2, repairUnits: 2 },
  ]);
});

test("an operation whose outcome nobody knows is quarantined, and its grant stays paid for", () => {
  const pool = aPool({
    freeUnits: 0,
    ledgerUnits: 3,
    listings: [aListing({ expectedUnits: 0 })],
    operations: [anOperation({ kind: "grant", state: "dispatched", units: 3 })],
  });

  const { pool: after, incidents } = answer(pool, { kind: "quarantined", reason: "no answer" });

  expect(after).toMatchObject({ freeUnits: 0, operations: [{ state: "quarantined", units: 3 }] });
  expect(incidents).toMatchObject([{ kind: "quarantine", units: 3, detail: "no answer" }]);
});

test("a second answer for the same operation changes nothing", () => {
  const applied = { kind: "applied", level: { units: 2, atMs: 2_000 } } as const;
  const { pool: once } = answer(mirrorWithTakeOut({}), applied);

  expect(answer(once, applied).pool).toEqual(once);
});

/** Two stores show 5 of 2 + 3 units; three are being taken from the first. */
function mirrorWithTakeOut(listing: Partial<Pool["listings"][number]>): Pool {
  return aPool({
    isPaused: true,
    target: "mirror",
    protection: "mirror",
    freeUnits: -3,
    ledgerUnits: 2,
    listings: [aListing({ expectedUnits: 5, ...listing })],
    operations: [anOperation({ kind: "take", state: "dispatched", units: 3 })],
  });
}

function answer(pool: Pool, outcome: DispatchAnswered["outcome"]) {
  const answered = numbered({
    kind: "dispatch-answered",
    listingId: pool.listings[0]!.id,
    operationNumber: 1,
    dispatchId: "dispatch",
    outcome,
  });
  return step(pool, [answered], nowMs);
}
