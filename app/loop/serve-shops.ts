import { randomUUID } from "node:crypto";

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
    const waitMs = waitToCallMs(runtime, shopId, dispatchPoints);
    if (waitMs > 0) serveLater(runtime, shopId, waitMs, onAnswered);
    return waitMs === 0;
  });
  if (readyIds.length > 0) {
    runInBackground(runtime, () => packAndSend(runtime, readyIds, onAnswered));
  }
}

/** Sends a dispatch that another process had written and left. */
export function sendTakenOver(
  runtime: Runtime,
  dispatch: StoredDispatch,
  onAnswered: OnAnswered,
): void {
  runInBackground(runtime, async () => {
    onAnswered(await sendUntilAnswered(runtime, dispatch, { isTakenOver: true }));
  });
}

async function packAndSend(
  runtime: Runtime,
  shopIds: readonly string[],
  onAnswered: OnAnswered,
): Promise<void> {
  const { plannedCount, dispatches } = await runtime.database.withTransaction(async (tx) => {
    const operations = await lockPackable(tx, shopIds, operationsMax);
    const packed = packDispatches(operations).map((each) => ({ ...each, id: randomUUID() }));
    const written =
      packed.length > 0 ? await insertDispatches(tx, packed, runtime.processes.ownId) : [];
    return { plannedCount: operations.length, dispatches: written };
  });

  for (const dispatch of dispatches) {
    runInBackground(runtime, async () => {
      onAnswered(await sendUntilAnswered(runtime, dispatch, { isTakenOver: false }));
    });
  }
  const sentCount = dispatches.reduce((sum, { lines }) => sum + lines.length, 0);
  if (sentCount > 0 && sentCount < plannedCount) serveShops(runtime, shopIds, onAnswered);
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
