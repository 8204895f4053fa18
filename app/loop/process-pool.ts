import type { Tx } from "../db.server.ts";
import { BrokenInvariantError } from "../domain/assert.ts";
import { step } from "../domain/pool/step.ts";
import type { NumberedEvent, StepResult } from "../domain/pool/step.ts";
import { putAside } from "../models/inbox.ts";
import { commitStep, loadPool } from "../models/pool.ts";
import type { StoredPool } from "../models/pool.ts";

import type { Runtime } from "./runtime.ts";
import { packPlanned, waitToServeMs } from "./serve-shops.ts";
import type { PackedShops } from "./serve-shops.ts";

/** What a step led to, committed and ready to go out. */
export type Progress = {
  /** More waits than one step takes. */
  readonly hasMore: boolean;
  readonly packed: PackedShops;
  /** Shops for which something is planned, and whose API budget is too short at the moment. */
  readonly waitingShopIds: readonly string[];
  readonly hasDueReads: boolean;
};

type Stepped = { readonly result: StepResult; readonly eventIds: readonly number[] };

/** One transaction folds so many events: a hot pool pays once for all of them. */
const eventsMax = 500;
/**
 * Others may commit in between each time; that often in a row, something else is wrong. An event that
 * is put aside takes one of these rounds as well.
 */
const refusalsMax = 50;

/**
 * Steps all that waits for a pool and commits it, under the pool's lock, together with the dispatches
 * that tell the stores.
 *
 * The lock saves work, it keeps nothing safe: a commit that names a version which has moved on is
 * refused, and the events are stepped again from what is stored. It is held for one commit, so that
 * processes take turns, and never across a call to Shopify.
 *
 * @returns null if nothing waits.
 */
export async function processPool(runtime: Runtime, poolId: string): Promise<Progress | null> {
  const { database, log, lock } = runtime;
  const held = await lock.acquire(poolId);
  try {
    for (let refusals = 0; refusals <= refusalsMax; refusals += 1) {
      const stored = await loadPool(database.prisma, poolId, eventsMax);
      if (!stored || stored.events.length === 0) return null;

      const stepped = await stepSafely(runtime, stored);
      if (!stepped) continue; // what could not be stepped was put aside
      const progress = await database.withTransaction(async (tx) => {
        const how = { eventIds: stepped.eventIds, lockWaitMs: held.waitMs };
        const isCommitted = await commitStep(tx, stored, stepped.result, how);
        return isCommitted ? packProgress(runtime, tx, stored, stepped) : null;
      });
      if (progress === null) continue;
      log.debug({ poolId, events: stepped.eventIds.length, lock: held.kind }, "Pool stepped.");
      return progress;
    }
    throw new Error(`Pool ${poolId} was changed by others ${refusalsMax} times in a row.`);
  } finally {
    // Nothing waits for it: the commit is made, and release never fails.
    void held.release();
  }
}

async function packProgress(
  runtime: Runtime,
  tx: Tx,
  stored: StoredPool,
  { result, eventIds }: Stepped,
): Promise<Progress> {
  const shopIds = shopsToServe(stored, result);
  const isReady = (shopId: string) => waitToServeMs(runtime, shopId) === 0;
  const readyIds = shopIds.filter(isReady);
  const packed =
    readyIds.length > 0 && !runtime.state.isStopping
      ? await packPlanned(runtime, tx, readyIds)
      : { dispatches: [], shopIdsWithMore: [] };
  const nowMs = runtime.clock.nowMs();
  return {
    hasMore: stored.events.length === eventsMax || eventIds.length < stored.events.length,
    packed,
    waitingShopIds: shopIds.filter((shopId) => !isReady(shopId)),
    hasDueReads: result.pool.listings.some(
      ({ readDueAtMs }) => readDueAtMs !== null && readDueAtMs <= nowMs,
    ),
  };
}

/**
 * Steps the events together. If a rule breaks, one of them is to blame: they are tried one by one, and
 * the one that breaks it is put aside with its reason, so that it holds up no other.
 */
async function stepSafely(runtime: Runtime, { pool, events }: StoredPool): Promise<Stepped | null> {
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
