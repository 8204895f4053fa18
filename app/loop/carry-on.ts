import { runInBackground } from "./background.ts";
import type { PoolTurn } from "./loop-state.ts";
import { processPool } from "./process-pool.ts";
import type { Progress } from "./process-pool.ts";
import { readDueLevels } from "./read-levels.ts";
import type { Runtime } from "./runtime.ts";
import { sendPacked, serveShops } from "./serve-shops.ts";

/**
 * So many pools are worked on at a time; the others wait their turn. More would not be faster on the
 * connections there are, and a sale would wait behind everything that came before it.
 */
const poolsAtOnceMax = 6;

/**
 * Takes pools through the loop as far as they go now, in the background: their events are stepped, what
 * that plans is sent, and the levels it needs are read. Returns at once and never throws; what fails is
 * logged, and found again by the worker.
 *
 * A pool that this process already works on is gone over once more, whatever comes in meanwhile: a
 * hundred sales at once cost a few steps.
 */
export function carryOn(runtime: Runtime, poolIds: readonly string[]): void {
  const { pools } = runtime.state;
  for (const poolId of poolIds) {
    const turn = pools.get(poolId);
    if (turn) turn.isAgain = true;
    else pools.set(poolId, { isUnderWay: false, isAgain: true });
  }
  beginTurns(runtime);
}

function beginTurns(runtime: Runtime): void {
  const { pools, isStopping } = runtime.state;
  if (isStopping) return; // what waits is in the inbox, for others
  const turns = [...pools];
  let freePlaces = poolsAtOnceMax - turns.filter(([, turn]) => turn.isUnderWay).length;
  for (const [poolId, turn] of turns) {
    if (freePlaces <= 0) return;
    if (turn.isUnderWay) continue;
    freePlaces -= 1;
    turn.isUnderWay = true;
    turn.isAgain = false;
    runInBackground(runtime, () => takeTurn(runtime, poolId, turn));
  }
}

async function takeTurn(runtime: Runtime, poolId: string, turn: PoolTurn): Promise<void> {
  const { pools } = runtime.state;
  try {
    const progress = await processPool(runtime, poolId);
    if (progress === null) return;
    turn.isAgain ||= progress.hasMore;
    follow(runtime, progress);
  } finally {
    turn.isUnderWay = false;
    pools.delete(poolId);
    if (turn.isAgain) pools.set(poolId, turn); // behind those that wait
    beginTurns(runtime);
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
