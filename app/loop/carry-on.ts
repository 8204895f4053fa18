import { runInBackground } from "./background.ts";
import { processPool } from "./process-pool.ts";
import type { Progress } from "./process-pool.ts";
import { readDueLevels } from "./read-levels.ts";
import type { Runtime } from "./runtime.ts";
import { sendPacked, serveShops } from "./serve-shops.ts";

/**
 * Takes pools through the loop as far as they go now, in the background: their events are stepped, what
 * that plans is sent, and the levels it needs are read. Returns at once and never throws; what fails is
 * logged, and found again by the worker.
 *
 * A pool that this process already works on is gone over once more, whatever comes in meanwhile: a
 * hundred sales at once cost a few steps.
 */
export function carryOn(runtime: Runtime, poolIds: readonly string[]): void {
  for (const poolId of poolIds) {
    const turn = runtime.state.pools.get(poolId);
    if (turn) turn.isAgain = true;
    else runInBackground(runtime, () => takeTurns(runtime, poolId));
  }
}

async function takeTurns(runtime: Runtime, poolId: string): Promise<void> {
  const turn = { isAgain: true };
  runtime.state.pools.set(poolId, turn);
  try {
    while (turn.isAgain) {
      turn.isAgain = false;
      const progress = await processPool(runtime, poolId);
      if (progress === null) continue;
      turn.isAgain ||= progress.hasMore;
      follow(runtime, progress);
    }
  } finally {
    runtime.state.pools.delete(poolId);
  }
}

function follow(runtime: Runtime, progress: Progress): void {
  const onAnswered = (poolIds: readonly string[]) => {
    carryOn(runtime, poolIds);
  };
  sendPacked(runtime, progress.packed, onAnswered);
  serveShops(runtime, progress.waitingShopIds, onAnswered);
  if (progress.hasDueReads) {
    runInBackground(runtime, () => readDueLevels(runtime, onAnswered));
  }
}
