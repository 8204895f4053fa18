import type { Tx } from "../db.server.ts";
import { BrokenInvariantError } from "../domain/assert.ts";
import { step } from "../domain/pool/step.ts";
import type { NumberedEvent, StepResult } from "../domain/pool/step.ts";
import { putAside } from "../models/inbox.ts";
import { commitStep, isRefusedForGood, loadPool } from "../models/pool.ts";
import type { StoredPool } from "../models/pool.ts";

import type { Runtime } from "./runtime.ts";
import { packPlanned, canServe } from "./serve-shops.ts";
import type { PackedShops } from "./serve-shops.ts";

/** What a step led to, committed and ready to go out. */
export type Progress = {
  /** More waits than one step takes. */
  readonly hasMore: boolean;
  readonly packed: PackedShops;
  /** Shops for which something is planned, and which nothing may be sent to at the moment. */
  readonly waitingShopIds: readonly string[];
  readonly hasDueReads: boolean;
};

/** One transaction folds so many events: a hot pool pays once for all of them. */
const eventsMax = 500;
/**
 * Others may commit in between each time; that often in a row, something else is wrong. An event that
 * is put aside takes two of these.
 */
const attemptsMax = 50;

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
  const held = await runtime.lock.acquire(poolId);
  let eventsTogether = eventsMax;
  try {
    for (let attempts = 0; attempts < attemptsMax; attempts += 1) {
      const stored = await loadPool(runtime.database.prisma, poolId, eventsTogether);
      const [first] = stored?.events ?? [];
      if (!stored || !first) return null;

      const attempt = await stepAndCommit(runtime, stored, held.waitMs);
      if (attempt.kind === "committed") {
        return { ...attempt.progress, hasMore: stored.events.length === eventsTogether };
      }
      if (attempt.kind === "outdated") continue;
      // One of the events is to blame: they are tried one by one, and it holds up no other.
      if (stored.events.length === 1) await putAsideLoudly(runtime, poolId, first, attempt.reason);
      eventsTogether = stored.events.length === 1 ? eventsMax : 1;
    }
    throw new Error(`Pool ${poolId} was not left alone for ${attemptsMax} attempts.`);
  } finally {
    // Nothing waits for it: the commit is made, and release never fails.
    void held.release();
  }
}

type Attempt =
  | { readonly kind: "committed"; readonly progress: Omit<Progress, "hasMore"> }
  /** The pool's version has moved on. */
  | { readonly kind: "outdated" }
  /** A rule was broken, or the database refused what came of it, and would again. */
  | { readonly kind: "broken"; readonly reason: string };

async function stepAndCommit(
  runtime: Runtime,
  stored: StoredPool,
  lockWaitMs: number,
): Promise<Attempt> {
  try {
    const result = step(stored.pool, stored.events, runtime.clock.nowMs());
    const eventIds = stored.events.map(({ eventId }) => eventId);
    return await runtime.database.withTransaction(async (tx) => {
      const isCommitted = await commitStep(tx, stored, result, { eventIds, lockWaitMs });
      if (!isCommitted) return { kind: "outdated" };
      return { kind: "committed", progress: await packProgress(runtime, tx, stored, result) };
    });
  } catch (error) {
    if (error instanceof BrokenInvariantError) return { kind: "broken", reason: error.message };
    if (isRefusedForGood(error)) return { kind: "broken", reason: String(error) };
    throw error;
  }
}

async function putAsideLoudly(
  { database, log }: Runtime,
  poolId: string,
  { eventId }: NumberedEvent,
  reason: string,
): Promise<void> {
  log.error({ poolId, eventId, reason }, "An event is put aside.");
  await putAside(database.prisma, eventId, reason);
}

async function packProgress(
  runtime: Runtime,
  tx: Tx,
  stored: StoredPool,
  result: StepResult,
): Promise<Omit<Progress, "hasMore">> {
  const shopIds = shopsToServe(stored, result);
  const isReady = (shopId: string) => canServe(runtime, shopId);
  const readyIds = shopIds.filter(isReady);
  const packed =
    readyIds.length > 0 && !runtime.state.isStopping
      ? await packPlanned(runtime, tx, readyIds)
      : { dispatches: [], shopIdsWithMore: [] };
  const nowMs = runtime.clock.nowMs();
  return {
    packed,
    waitingShopIds: shopIds.filter((shopId) => !isReady(shopId)),
    hasDueReads: result.pool.listings.some(
      ({ readDueAtMs }) => readDueAtMs !== null && readDueAtMs <= nowMs,
    ),
  };
}

function shopsToServe(stored: StoredPool, { pool }: StepResult): readonly string[] {
  const busy = new Set(
    pool.operations.filter(({ state }) => state === "dispatched").map((each) => each.listingId),
  );
  return pool.operations
    .filter(({ state, listingId }) => state === "planned" && !busy.has(listingId))
    .flatMap(({ listingId }) => stored.shopIdByListing[listingId] ?? []);
}
