import type { CostBucket } from "../domain/dispatch/budget.ts";

/** A pool that this process works on or is to work on. */
export type PoolTurn = {
  /** It is being worked on; more that comes in is for another go. */
  isUnderWay: boolean;
  isAgain: boolean;
};

/** What this process knows of a store's API budget, and since when by its own monotonic clock. */
export type ShopPace = {
  bucket: CostBucket | null;
  bucketAtMs: number;
  /** Nothing is sent before this moment, monotonic ms. */
  notBeforeMs: number;
  /** Points of calls that are out and not in the bucket yet. */
  pendingPoints: number;
  /** Dispatches that are being sent, those that wait to be sent again included. */
  dispatchesOut: number;
  /** Something is planned that waits for one of them to be answered. */
  isHeldBack: boolean;
  wakeUp: NodeJS.Timeout | null;
};

/**
 * What a process is in the middle of. All that must survive is in PostgreSQL: another process finds
 * there what this one leaves.
 */
export type LoopState = {
  /** In the order in which they came in. */
  readonly pools: Map<string, PoolTurn>;
  readonly paces: Map<string, ShopPace>;
  /** Dispatches that this process is sending. */
  readonly sending: Set<string>;
  /** Listings whose level is being read now. */
  readonly reading: Set<string>;
  /** Work under way, for whoever stops the process to wait for. */
  readonly underWay: Set<Promise<void>>;
  isStopping: boolean;
};

export function newLoopState(): LoopState {
  return {
    pools: new Map(),
    paces: new Map(),
    sending: new Set(),
    reading: new Set(),
    underWay: new Set(),
    isStopping: false,
  };
}
