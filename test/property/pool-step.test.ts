import fc from "fast-check";
import { expect, test } from "vitest";

import type { PoolEvent } from "#app/domain/pool/event.ts";
import { guards } from "#app/domain/pool/guard.ts";
import { openPool } from "#app/domain/pool/opening.ts";
import { assertAccounted } from "#app/domain/pool/pool.ts";
import type { Pool } from "#app/domain/pool/pool.ts";
import { protections } from "#app/domain/pool/protection.ts";
import { step } from "#app/domain/pool/step.ts";
import { numbered } from "#test/support/pool-builders.ts";

const listingIds = ["store-a", "store-b", "store-c"];
const anyListingId = fc.constantFrom(...listingIds, "unknown");
const anyLevel = fc.record({ units: fc.integer({ min: -20, max: 40 }), atMs: fc.nat(20_000) });
const anyGuard = fc.constantFrom(...guards);
const anyOperationNumber = fc.integer({ min: 1, max: 30 });

const anyOutcome = fc.oneof(
  fc.record({ kind: fc.constant("applied" as const), level: fc.option(anyLevel) }),
  fc.record({ kind: fc.constant("failed" as const), guard: fc.option(anyGuard) }),
  fc.record({ kind: fc.constant("quarantined" as const), reason: fc.constant("no answer") }),
);

const anyTerms = fc.record({
  oversellRisk: fc.constantFrom(1e-6, 0.5, 0.999),
  quotasAtLeastMs: fc.nat(2_000),
  historyAtLeastMs: fc.nat(2_000),
  confirmWithinMs: fc.nat(9_000),
  plannedUnitsPerHour: fc.nat(1_000),
  flashSaleUntilMs: fc.option(fc.nat(10_000)),
});

const anyDelays = fc.record({
  webhookMs: fc.nat(9_000),
  apiMs: fc.nat(500),
  queueMs: fc.nat(500),
});

/** Any event, sensible or not: the inbox may hold whatever a store, a process or a bug has told. */
const anyEvent: fc.Arbitrary<PoolEvent> = fc.oneof(
  anyLevel.chain((level) =>
    fc.record({
      kind: fc.constant("level-observed" as const),
      listingId: anyListingId,
      units: fc.constant(level.units),
      atMs: fc.constant(level.atMs),
    }),
  ),
  fc.record({
    kind: fc.constant("level-read" as const),
    listingId: anyListingId,
    level: fc.option(anyLevel),
    revision: fc.nat(15),
    switchNumber: fc.nat(4),
    askedAtMs: fc.nat(9_000),
    drainedOperations: fc.array(anyOperationNumber, { maxLength: 5 }),
  }),
  fc.record({
    kind: fc.constant("order-seen" as const),
    listingId: anyListingId,
    orderId: fc.string(),
    soldUnits: fc.nat(3),
    returnedUnits: fc.nat(3),
  }),
  fc.record({
    kind: fc.constant("dispatch-answered" as const),
    listingId: anyListingId,
    operationNumber: anyOperationNumber,
    dispatchId: fc.constant("dispatch"),
    outcome: anyOutcome,
  }),
  fc.record({
    kind: fc.constant("guard-changed" as const),
    listingId: anyListingId,
    guard: anyGuard,
  }),
  fc.record({
    kind: fc.constant("protection-changed" as const),
    protection: fc.constantFrom(...protections),
  }),
  fc.record({ kind: fc.constant("pause-changed" as const), isPaused: fc.boolean() }),
  fc.record({ kind: fc.constant("balance-terms-changed" as const), terms: anyTerms }),
  fc.record({ kind: fc.constant("time-passed" as const), delays: anyDelays }),
);

/** Several events at once, and whether what is planned goes out after them. */
const anyBatches = fc.array(
  fc.record({ events: fc.array(anyEvent, { maxLength: 6 }), isSent: fc.boolean() }),
  { maxLength: 12 },
);

const anyPool = fc
  .record({
    protection: fc.constantFrom(...protections),
    openingUnits: fc.nat(20),
    levels: fc.array(fc.integer({ min: -3, max: 20 }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ protection, openingUnits, levels }) => {
    const { pool } = openPool({
      ...{ id: "pool", protection, openingUnits, drainMs: 1_000, nowMs: 0 },
      listings: listingIds.map((id, priority) => ({
        ...{ id, priority, levelUnits: levels[priority]!, levelAtMs: 0, guard: "guarded" as const },
      })),
    });
    return pool;
  });

test("whatever happens, every unit is in one place, and the ledger tells every change", () => {
  fc.assert(
    fc.property(anyPool, anyBatches, (opened, batches) => {
      let pool = opened;
      for (const { events, isSent } of batches) {
        const result = step(pool, events.map(numbered), 5_000);

        const toldUnits = result.ledger.reduce((sum, { units }) => sum + units, 0);
        expect(result.pool.ledgerUnits - pool.ledgerUnits).toBe(toldUnits);
        assertAccounted(result.pool);
        pool = isSent ? send(result.pool) : result.pool;
      }
    }),
  );
});

test("a listing has at most one operation planned and one out, of whole units", () => {
  fc.assert(
    fc.property(anyPool, anyBatches, (opened, batches) => {
      for (const { operations } of runThrough(opened, batches)) {
        for (const state of ["planned", "dispatched"]) {
          const owners = operations.filter((each) => each.state === state);
          expect(new Set(owners.map(({ listingId }) => listingId)).size).toBe(owners.length);
        }
        for (const { units, repairUnits, kind } of operations) {
          expect(Number.isSafeInteger(units) && units >= 1).toBe(true);
          expect(repairUnits).toBeGreaterThanOrEqual(0);
          expect(repairUnits).toBeLessThanOrEqual(kind === "grant" ? units : 0);
        }
      }
    }),
  );
});

test("a pool asks to be looked at later, and only where time changes what it does", () => {
  fc.assert(
    fc.property(anyPool, anyBatches, (opened, batches) => {
      for (const { protection, target, isPaused, lookAtMs } of runThrough(opened, batches)) {
        const isBalanced = protection === "balanced" && !isPaused;
        if (lookAtMs !== null) expect(lookAtMs).toBeGreaterThan(5_000);
        if (lookAtMs !== null) expect(isBalanced).toBe(true);
        if (isBalanced && target === "mirror") expect(lookAtMs).not.toBeNull();
      }
    }),
  );
});

test("a step is deterministic, and leaves what it was given alone", () => {
  fc.assert(
    fc.property(anyPool, anyBatches, (opened, batches) => {
      const before = structuredClone(opened);

      expect(runThrough(opened, batches)).toEqual(runThrough(before, structuredClone(batches)));
      expect(opened).toEqual(before);
    }),
  );
});

test("an event of an unknown listing changes no more than no event", () => {
  const anyForeignEvent = anyEvent.filter(
    (event) => "listingId" in event && event.listingId === "unknown",
  );
  fc.assert(
    fc.property(anyPool, fc.array(anyForeignEvent), (pool, events) => {
      expect(step(pool, events.map(numbered), 5_000)).toEqual(step(pool, [], 5_000));
    }),
  );
});

test("an answer for an operation that is not out changes no more than no event", () => {
  fc.assert(
    fc.property(anyPool, anyOperationNumber, anyOutcome, (pool, operationNumber, outcome) => {
      const listingId = "store-a";
      const answer = { kind: "dispatch-answered", listingId, operationNumber, outcome } as const;

      const { pool: after } = step(pool, [numbered({ ...answer, dispatchId: "dispatch" })], 5_000);

      expect(after).toEqual(step(pool, [], 5_000).pool);
    }),
  );
});

test("what is told twice is accounted once", () => {
  fc.assert(
    fc.property(anyPool, fc.constantFrom(...listingIds), anyLevel, (pool, listingId, level) => {
      const told = numbered({ kind: "level-observed", listingId, ...level });

      const once = step(pool, [told], 5_000).pool;
      const twice = step(pool, [told, told], 5_000).pool;

      expect(twice.ledgerUnits).toBe(once.ledgerUnits);
    }),
  );
});

function runThrough(
  opened: Pool,
  batches: readonly { readonly events: readonly PoolEvent[]; readonly isSent: boolean }[],
): readonly Pool[] {
  const pools: Pool[] = [];
  let pool = opened;
  for (const { events, isSent } of batches) {
    ({ pool } = step(pool, events.map(numbered), 5_000));
    if (isSent) pool = send(pool);
    pools.push(pool);
  }
  return pools;
}

/** As the dispatcher does: an operation goes out where none of its listing is. */
function send(pool: Pool): Pool {
  const busy = new Set(
    pool.operations.filter(({ state }) => state === "dispatched").map(({ listingId }) => listingId),
  );
  return {
    ...pool,
    listings: pool.listings.map((listing) => ({ ...listing, revision: listing.revision + 1 })),
    operations: pool.operations.map((operation) =>
      operation.state === "planned" && !busy.has(operation.listingId)
        ? { ...operation, state: "dispatched" }
        : operation,
    ),
  };
}
