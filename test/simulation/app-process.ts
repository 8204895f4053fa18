import type { PoolEvent } from "#app/domain/pool/event.ts";

import { recordEvent } from "./books.ts";
import { after, departs, tell } from "./world.ts";
import type { AppProcess, World } from "./world.ts";

export function createAppProcess(index: number): AppProcess {
  return {
    index,
    generation: 0,
    isUp: true,
    stalledUntilMs: 0,
    processing: new Map(),
    dispatching: null,
    drainingSinceMs: new Map(),
    readsOut: new Set(),
    earlyLevels: new Map(),
  };
}

/**
 * Goes on in a process after a wait: for the database, for Shopify, for its own timer. If it has crashed
 * meanwhile this never happens; if it is stalled, it happens when the process moves again.
 */
export function goOn(world: World, process: AppProcess, delayMs: number, action: () => void): void {
  const { generation } = process;
  const run = (): void => {
    if (process.generation !== generation) return;
    if (process.stalledUntilMs > world.nowMs) {
      world.queue.schedule(process.stalledUntilMs, run);
      return;
    }
    if (isStruck(world, process, run)) return;
    action();
  };
  after(world, delayMs, run);
}

/** What comes back from outside reaches the process only if it is still the one that asked. */
export function returning<T>(
  world: World,
  process: AppProcess,
  action: (value: T) => void,
): (value: T) => void {
  const { generation } = process;
  return (value) => {
    if (process.generation !== generation) return;
    goOn(world, process, 0, () => {
      action(value);
    });
  };
}

/** How long a statement or a transaction takes. */
export function databaseMs(world: World): number {
  return 1 + 8 * world.chances.processes.next();
}

/** A webhook: recorded once, then processed by the process that received it. */
export function receive(
  world: World,
  process: AppProcess,
  poolIndex: number,
  key: string,
  event: PoolEvent,
): void {
  goOn(world, process, databaseMs(world), () => {
    const isNew = recordEvent(world.books, poolIndex, key, event);
    if (!isNew) tell(world, "webhook known");
    world.app.processPool(world, process, poolIndex);
  });
}

/** How often a process looks for what it, or another one, has left lying. */
const tickEveryMs = 900;

/** The net: whatever was left by a crash is found in the database. */
export function keepLooking(world: World, process: AppProcess): void {
  goOn(world, process, tickEveryMs * (0.5 + world.chances.processes.next()), () => {
    for (const poolIndex of world.books.pools.keys()) {
      const row = world.books.pools[poolIndex]!;
      if (row.waiting.length > 0) world.app.processPool(world, process, poolIndex);
      world.app.watch(world, process, poolIndex);
    }
    world.app.dispatch(world, process);
    keepLooking(world, process);
  });
}

/** A crash or a stall may come between any two steps of whatever the process is doing. */
function isStruck(world: World, process: AppProcess, run: () => void): boolean {
  const { processes: chance } = world.chances;
  const { crash: crashes, stall: stalls } = world.config.processes;
  const isCrash = chance.isHit(crashes);
  const isStall = chance.isHit(stalls);
  if (isCrash) {
    crash(world, process);
    after(world, chance.exponential(1_500), () => {
      if (!process.isUp) start(world, process);
    });
  } else if (isStall) {
    tell(world, "stall", process.index);
    process.stalledUntilMs = world.nowMs + chance.exponential(4_000);
    world.queue.schedule(process.stalledUntilMs, run);
  }
  return isCrash || isStall;
}

function crash(world: World, process: AppProcess): void {
  tell(world, "crash", process.index);
  const isDraining = world.books.pools.some(({ pool }) =>
    pool.operations.some(({ state }) => state === "draining"),
  );
  if (isDraining) tell(world, "crash while a take drains");
  if (world.books.dispatches.size > 0) tell(world, "crash while a dispatch is out");
  process.generation += 1;
  process.isUp = false;
  process.stalledUntilMs = 0;
  process.processing.clear();
  process.dispatching = null;
  process.drainingSinceMs.clear();
  process.readsOut.clear();
  process.earlyLevels.clear();
}

/** Begins anew, with nothing but what the database holds. */
export function start(world: World, process: AppProcess): void {
  process.isUp = true;
  tell(world, "start", process.index);
  keepLooking(world, process);
}

/** Whether a commit's outcome is lost on the way back; then the process must look what became of it. */
export function drawCommit(world: World): "committed" | "lost" | "unknown" {
  const { processes } = world.chances;
  const isUnknown = processes.isHit(world.config.processes.unknownCommit);
  const isLost = processes.isHit(0.5);
  if (!isUnknown) return "committed";
  tell(world, "commit unknown");
  return isLost ? "lost" : "unknown";
}

/** Whether a row may be written that was read at `version`. */
export function isCurrent(world: World, versionRead: number, version: number): boolean {
  if (versionRead === version) return true;
  tell(world, "version moved on");
  return departs(world, "commits-any-version");
}
