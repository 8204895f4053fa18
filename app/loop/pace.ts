import { bucketAfter, waitForPointsMs } from "../domain/dispatch/budget.ts";
import type { CostBucket } from "../domain/dispatch/budget.ts";

import type { ShopPace } from "./loop-state.ts";
import type { Runtime } from "./runtime.ts";

/**
 * How fast this process may call a store. It knows the store's bucket from the newest answer, counts
 * what it has out since, and is put right by every further answer: other processes draw on it too.
 */
export function paceOf(runtime: Runtime, shopId: string): ShopPace {
  const known = runtime.state.paces.get(shopId);
  if (known) return known;
  const pace: ShopPace = {
    bucket: null,
    bucketAtMs: 0,
    notBeforeMs: 0,
    pendingPoints: 0,
    dispatchesOut: 0,
    isHeldBack: false,
    wakeUp: null,
  };
  runtime.state.paces.set(shopId, pace);
  return pace;
}

/**
 * How long to wait before a call that costs `points`, in ms; 0 if it may go now.
 *
 * @param reserveShare the share of the bucket that this call is to leave alone.
 */
export function waitToCallMs(
  runtime: Runtime,
  shopId: string,
  points: number,
  reserveShare = 0,
): number {
  const pace = paceOf(runtime, shopId);
  const nowMs = runtime.clock.monotonicMs();
  const pauseMs = Math.max(0, pace.notBeforeMs - nowMs);
  if (pace.bucket === null) return pauseMs;
  const bucket = bucketAfter(pace.bucket, nowMs - pace.bucketAtMs);
  const neededPoints = points + pace.pendingPoints + reserveShare * bucket.maximumPoints;
  return Math.max(pauseMs, waitForPointsMs(bucket, neededPoints));
}

/** Makes a call whose cost counts from now on, and learns from its answer how full the bucket is. */
export async function callAtPace<Reply extends { readonly bucket?: CostBucket | null }>(
  runtime: Runtime,
  shopId: string,
  points: number,
  call: () => Promise<Reply>,
): Promise<Reply> {
  const pace = paceOf(runtime, shopId);
  pace.pendingPoints += points;
  try {
    const reply = await call();
    if (reply.bucket) {
      pace.bucket = reply.bucket;
      pace.bucketAtMs = runtime.clock.monotonicMs();
    }
    return reply;
  } finally {
    pace.pendingPoints -= points;
  }
}

/** Resolves when a call that costs `points` may go; those that wait go one after the other. */
export async function untilAffordable(
  runtime: Runtime,
  shopId: string,
  points: number,
): Promise<void> {
  for (;;) {
    const waitMs = waitToCallMs(runtime, shopId, points);
    if (waitMs === 0 || runtime.state.isStopping) return;
    await runtime.clock.pause(waitMs);
  }
}

/** Lets nothing out to the store for so long. */
export function holdShop(runtime: Runtime, shopId: string, forMs: number): void {
  const pace = paceOf(runtime, shopId);
  pace.notBeforeMs = Math.max(pace.notBeforeMs, runtime.clock.monotonicMs() + forMs);
}
