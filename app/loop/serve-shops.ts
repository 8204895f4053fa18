import { randomUUID } from "node:crypto";

import type { Tx } from "../db.server.ts";
import { dispatchPoints } from "../domain/dispatch/budget.ts";
import { packDispatches } from "../domain/dispatch/packing.ts";
import { insertDispatches, lockPackable } from "../models/outbox.ts";
import type { StoredDispatch } from "../models/outbox.ts";

import { runInBackground } from "./background.ts";
import { paceOf, waitToCallMs } from "./pace.ts";
import type { Runtime } from "./runtime.ts";
import { sendUntilAnswered } from "./send-dispatch.ts";

/** Whoever is told of the pools whose operations were answered. */
export type OnAnswered = (poolIds: readonly string[]) => void;

/**
 * So many dispatches of one store are out at a time; what is planned meanwhile adds up and leaves
 * together. More would spend the budget of a store on single lines as soon as many products change at
 * once; fewer would let a call that hangs hold up the store.
 */
const dispatchesOutMax = 3;
/** Ten full dispatches: one transaction stays short, and the rest follows at once. */
const operationsMax = 2_500;

/**
 * Packs what is planned for these shops into dispatches and sends them, all shops at once, in the
 * background. A shop whose API budget is used up is served when it has recovered; until then its
 * operations add up, so that one call tells them all.
 */
export function serveShops(
  runtime: Runtime,
  shopIds: readonly string[],
  onAnswered: OnAnswered,
): void {
  if (runtime.state.isStopping) return;
  const readyIds = shopIds.filter((shopId) => {
    if (hasEnoughOut(runtime, shopId)) {
      paceOf(runtime, shopId).isHeldBack = true;
      return false;
    }
    const waitMs = waitToCallMs(runtime, shopId, dispatchPoints);
    if (waitMs > 0) serveLater(runtime, shopId, waitMs, onAnswered);
    return waitMs === 0;
  });
  if (readyIds.length === 0) return;
  for (const shopId of readyIds) paceOf(runtime, shopId).isHeldBack = false;
  runInBackground(runtime, async () => {
    const packed = await runtime.database.withTransaction((tx) =>
      packPlanned(runtime, tx, readyIds),
    );
    sendPacked(runtime, packed, onAnswered);
  });
}

/** Whether a dispatch to the shop may go now. */
export function canServe(runtime: Runtime, shopId: string): boolean {
  return !hasEnoughOut(runtime, shopId) && waitToCallMs(runtime, shopId, dispatchPoints) === 0;
}

function hasEnoughOut(runtime: Runtime, shopId: string): boolean {
  return paceOf(runtime, shopId).dispatchesOut >= dispatchesOutMax;
}

export type PackedShops = {
  readonly dispatches: readonly StoredDispatch[];
  /** These shops have more than fits: they are to be served again at once. */
  readonly shopIdsWithMore: readonly string[];
};

/** Writes what these shops may be sent now, as dispatches that are sent once `tx` is committed. */
export async function packPlanned(
  runtime: Runtime,
  tx: Tx,
  shopIds: readonly string[],
): Promise<PackedShops> {
  const operations = await lockPackable(tx, shopIds, operationsMax);
  if (operations.length === 0) return { dispatches: [], shopIdsWithMore: [] };
  const packed = packDispatches(operations).map((each) => ({ ...each, id: randomUUID() }));
  const dispatches = await insertDispatches(tx, packed, runtime.processes.ownId);
  const packedCount = packed.reduce((sum, { lines }) => sum + lines.length, 0);
  return { dispatches, shopIdsWithMore: packedCount < operations.length ? shopIds : [] };
}

/** Sends dispatches that are committed, each until it is answered, in the background. */
export function sendPacked(
  runtime: Runtime,
  { dispatches, shopIdsWithMore }: PackedShops,
  onAnswered: OnAnswered,
): void {
  for (const dispatch of dispatches) send(runtime, dispatch, { isTakenOver: false }, onAnswered);
  serveShops(runtime, shopIdsWithMore, onAnswered);
}

/** Sends a dispatch that another process had written and left. */
export function sendTakenOver(
  runtime: Runtime,
  dispatch: StoredDispatch,
  onAnswered: OnAnswered,
): void {
  send(runtime, dispatch, { isTakenOver: true }, onAnswered);
}

function send(
  runtime: Runtime,
  dispatch: StoredDispatch,
  how: { readonly isTakenOver: boolean },
  onAnswered: OnAnswered,
): void {
  const { sending } = runtime.state;
  if (sending.has(dispatch.id)) return;
  const pace = paceOf(runtime, dispatch.shopId);
  sending.add(dispatch.id);
  pace.dispatchesOut += 1;
  runInBackground(runtime, async () => {
    try {
      onAnswered(await sendUntilAnswered(runtime, dispatch, how));
    } finally {
      sending.delete(dispatch.id);
      pace.dispatchesOut -= 1;
      if (pace.isHeldBack) serveShops(runtime, [dispatch.shopId], onAnswered);
    }
  });
}

function serveLater(
  runtime: Runtime,
  shopId: string,
  waitMs: number,
  onAnswered: OnAnswered,
): void {
  const pace = paceOf(runtime, shopId);
  pace.wakeUp ??= setTimeout(() => {
    pace.wakeUp = null;
    serveShops(runtime, [shopId], onAnswered);
  }, waitMs).unref();
}
