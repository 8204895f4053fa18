import { findWaitingPools } from "../models/inbox.ts";
import { findShopsToServe, hasOtherDispatches, takeOverDispatches } from "../models/outbox.ts";

import { carryOn } from "./carry-on.ts";
import { readDueLevels } from "./read-levels.ts";
import type { Runtime } from "./runtime.ts";
import { sendTakenOver, serveShops } from "./serve-shops.ts";
import { createDrainWatch } from "./settle.ts";
import { sweep } from "./sweep.ts";
import { createTimeWatch } from "./tell-time.ts";

/** How soon what another process left is found: well within a second, lock wait included. */
const lookMs = 100;
/** What is younger is still in the hands of the process that received it. */
const leftAloneMs = 250;
/** In web this is for what the worker cannot tell: the process lives, and has forgotten. */
const watchMs = 1_000;
const poolsMax = 200;
const dispatchesMax = 100;
/** Drains last seconds in a demo and minutes in a shop. */
const drainLookMs = 250;

/**
 * The net below the web processes: whatever one of them received, planned, sent or was asked to read,
 * and did not bring to its end, is found in PostgreSQL and carried on. It also does what nobody is
 * waiting for: drains and sweeps.
 *
 * @param options.sweepIntervalMs how often every level is read.
 * @returns a function that ends it, when what it is in the middle of has ended.
 */
export function startNet(
  runtime: Runtime,
  options: { readonly sweepIntervalMs: number },
): () => Promise<void> {
  const stopping = new AbortController();
  const onAnswered = (poolIds: readonly string[]) => {
    carryOn(runtime, poolIds);
  };
  const drains = createDrainWatch(runtime);
  const times = createTimeWatch(runtime);
  const repeat = (everyMs: number, what: string, look: () => Promise<void>) =>
    repeatUntil(stopping.signal, runtime, { everyMs, what, look });

  const loops = [
    repeat(lookMs, "inbox", async () => {
      carryOn(runtime, await findWaitingPools(runtime.database.prisma, leftAloneMs, poolsMax));
    }),
    repeat(lookMs, "outbox", async () => {
      const shopIds = await findShopsToServe(runtime.database.prisma, leftAloneMs);
      serveShops(runtime, shopIds, onAnswered);
    }),
    repeat(lookMs, "dispatches", () => takeOver(runtime, onAnswered)),
    repeat(drainLookMs, "reads", () => readDueLevels(runtime, onAnswered)),
    repeat(drainLookMs, "times", async () => {
      onAnswered(await times.look());
    }),
    repeat(drainLookMs, "drains", () => drains.look(onAnswered)),
    repeat(options.sweepIntervalMs, "sweep", () => sweep(runtime, onAnswered)),
  ];
  return async () => {
    stopping.abort();
    await Promise.all(loops);
  };
}

/**
 * What web watches besides: dispatches that were committed and that nobody sends, its own included
 * when the connection broke at their commit.
 *
 * @returns a function that ends it.
 */
export function watchDispatches(runtime: Runtime): () => Promise<void> {
  const stopping = new AbortController();
  const watched = repeatUntil(stopping.signal, runtime, {
    everyMs: watchMs,
    what: "dispatches",
    look: () =>
      takeOver(runtime, (poolIds) => {
        carryOn(runtime, poolIds);
      }),
  });
  return async () => {
    stopping.abort();
    await watched;
  };
}

/** Sends again what nobody sends any more: the key makes that harmless. */
async function takeOver(
  runtime: Runtime,
  onAnswered: (poolIds: readonly string[]) => void,
): Promise<void> {
  const { database, processes, state } = runtime;
  const claimant = { processId: processes.ownId, sendingIds: [...state.sending] };
  if (!(await hasOtherDispatches(database.prisma, claimant))) return;
  const living = await processes.livingIds();
  const dispatches = await takeOverDispatches(
    database.prisma,
    claimant,
    [...living],
    dispatchesMax,
  );
  for (const dispatch of dispatches) sendTakenOver(runtime, dispatch, onAnswered);
}

async function repeatUntil(
  stopped: AbortSignal,
  runtime: Runtime,
  task: { readonly everyMs: number; readonly what: string; readonly look: () => Promise<void> },
): Promise<void> {
  while (!stopped.aborted) {
    try {
      await task.look();
    } catch (error) {
      runtime.log.error({ error, task: task.what }, "A task of the worker failed; it goes on.");
    }
    await runtime.clock.pause(task.everyMs, stopped);
  }
}
