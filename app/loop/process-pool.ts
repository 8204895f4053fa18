import { BrokenInvariantError } from "../domain/assert.ts";
import { step } from "../domain/pool/step.ts";
import type { NumberedEvent, StepResult } from "../domain/pool/step.ts";
import { putAside } from "../models/inbox.ts";
import { commitStep, loadPool } from "../models/pool.ts";
import type { StoredPool } from "../models/pool.ts";

import type { Runtime } from "./runtime.ts";

/** What a pool needs of the outside, after its events were stepped. */
export type Progress = {
  /** Shops for which something may be sent. */
  readonly shopIds: readonly string[];
  readonly hasDueReads: boolean;
};

/** One transaction folds so many events: a hot pool pays once for all of them. */
const eventsMax = 500;
/** Others may commit in between each time; that often in a row, something else is wrong. */
const refusalsMax = 50;

/**
 * Steps all that waits for a pool and commits it, under the pool's lock.
 *
 * The lock saves work, it keeps nothing safe: a commit that names a version which has moved on is
 * refused, and the events are stepped again from what is stored. It is never held across a call to
 * Shopify.
 */
export async function processPool(runtime: Runtime, poolId: string): Promise<Progress> {
  const { database, log, lock } = runtime;
  const held = await lock.acquire(poolId);
  const shopIds = new Set<string>();
  let hasDueReads = false;
  let refusals = 0;
  try {
    for (;;) {
      const stored = await loadPool(database.prisma, poolId, eventsMax);
      if (!stored || stored.events.length === 0) break;

      const stepped = await stepSafely(runtime, stored);
      if (!stepped) continue; // what could not be stepped was put aside
      const isCommitted = await database.withTransaction((tx) =>
        commitStep(tx, stored, stepped.result, {
          eventIds: stepped.eventIds,
          lockWaitMs: held.waitMs,
        }),
      );
      if (!isCommitted) {
        refusals += 1;
        if (refusals > refusalsMax) throw new Error(`Pool ${poolId} was never left alone.`);
        continue;
      }
      const { pool } = stepped.result;
      for (const shopId of shopsToServe(stored, stepped.result)) shopIds.add(shopId);
      const nowMs = runtime.clock.nowMs();
      hasDueReads ||= pool.listings.some(
        ({ readDueAtMs }) => readDueAtMs !== null && readDueAtMs <= nowMs,
      );
      log.debug({ poolId, events: stepped.eventIds.length, lock: held.kind }, "Pool stepped.");
    }
  } finally {
    await held.release();
  }
  return { shopIds: [...shopIds], hasDueReads };
}

/**
 * Steps the events together. If a rule breaks, one of them is to blame: they are tried one by one, and
 * the one that breaks it is put aside with its reason, so that it holds up no other.
 */
async function stepSafely(
  runtime: Runtime,
  { pool, events }: StoredPool,
): Promise<{ readonly result: StepResult; readonly eventIds: readonly number[] } | null> {
  const nowMs = runtime.clock.nowMs();
  try {
    return { result: step(pool, events, nowMs), eventIds: idsOf(events) };
  } catch (error) {
    if (!(error instanceof BrokenInvariantError)) throw error;
  }
  const [first] = events;
  if (!first) return null;
  try {
    return { result: step(pool, [first], nowMs), eventIds: [first.eventId] };
  } catch (error) {
    if (!(error instanceof BrokenInvariantError)) throw error;
    runtime.log.error({ error, poolId: pool.id, eventId: first.eventId }, "An event is put aside.");
    await putAside(runtime.database.prisma, first.eventId, error.message);
    return null;
  }
}

function shopsToServe(stored: StoredPool, { pool }: StepResult): readonly string[] {
  const busy = new Set(
    pool.operations.filter(({ state }) => state === "dispatched").map((each) => each.listingId),
  );
  return pool.operations
    .filter(({ state, listingId }) => state === "planned" && !busy.has(listingId))
    .flatMap(({ listingId }) => stored.shopIdByListing[listingId] ?? []);
}

function idsOf(events: readonly NumberedEvent[]): readonly number[] {
  return events.map(({ eventId }) => eventId);
}
