import type { LevelRead } from "#app/domain/pool/event.ts";
import type { Pool } from "#app/domain/pool/pool.ts";

import { databaseMs, goOn, returning } from "./app-process.ts";
import { recordEvent } from "./books.ts";
import { readLevel } from "./platform.ts";
import { departs, newId, shelfOf, tell } from "./world.ts";
import type { AppProcess, World } from "./world.ts";

/** Starts to measure drains that this process sees for the first time, and reads what is due. */
export function watch(world: World, process: AppProcess, poolIndex: number): void {
  const { pool } = world.books.pools[poolIndex]!;
  for (const operation of pool.operations) {
    const isMeasured =
      operation.state === "draining" ||
      (operation.state === "dispatched" && departs(world, "measures-drain-from-sending"));
    const key = `${poolIndex}/${operation.number}`;
    if (!isMeasured || process.drainingSinceMs.has(key)) continue;
    process.drainingSinceMs.set(key, world.nowMs);
    if (departs(world, "reads-before-drain-ends")) {
      const storeIndex = pool.listings.findIndex(({ id }) => id === operation.listingId);
      process.earlyLevels.set(key, shelfOf(world, { poolIndex, storeIndex }).availableUnits);
    }
    goOn(world, process, pool.drainMs, () => {
      watch(world, process, poolIndex);
    });
  }
  readWhatIsDue(world, process, poolIndex);
}

function readWhatIsDue(world: World, process: AppProcess, poolIndex: number): void {
  const { pool } = world.books.pools[poolIndex]!;
  pool.listings.forEach((listing, storeIndex) => {
    if (listing.guard === "closed") return;
    const isOut = pool.operations.some(
      ({ state, listingId }) => state === "dispatched" && listingId === listing.id,
    );
    const isDue = !isOut && listing.readDueAtMs !== null && listing.readDueAtMs <= world.nowMs;
    const isDrained = drainedOf(world, process, poolIndex, pool, listing.id).length > 0;
    if (isDue || isDrained) read(world, process, poolIndex, storeIndex);
    else if (listing.readDueAtMs !== null && listing.readDueAtMs > world.nowMs) {
      goOn(world, process, listing.readDueAtMs - world.nowMs, () => {
        watch(world, process, poolIndex);
      });
    }
  });
}

/** Takes whose drain is over by this process's own clock. */
function drainedOf(
  world: World,
  process: AppProcess,
  poolIndex: number,
  pool: Pool,
  listingId: string,
): readonly number[] {
  return pool.operations
    .filter((operation) => {
      if (operation.listingId !== listingId || operation.state !== "draining") return false;
      const sinceMs = process.drainingSinceMs.get(`${poolIndex}/${operation.number}`);
      if (sinceMs === undefined) return false;
      return world.nowMs - sinceMs >= pool.drainMs || departs(world, "settles-without-drain");
    })
    .map(({ number }) => number);
}

/** One read: what is known before it is sent goes into the event, and decides what it may prove. */
export function read(
  world: World,
  process: AppProcess,
  poolIndex: number,
  storeIndex: number,
): void {
  const shelf = shelfOf(world, { poolIndex, storeIndex });
  if (process.readsOut.has(shelf.id)) return;
  process.readsOut.add(shelf.id);
  goOn(world, process, databaseMs(world), () => {
    const { pool } = world.books.pools[poolIndex]!;
    const listing = pool.listings[storeIndex]!;
    const drainedOperations = drainedOf(world, process, poolIndex, pool, shelf.id);
    const before = { revision: listing.revision, switchNumber: pool.switchNumber };
    const onReply = returning(
      world,
      process,
      (reply: Parameters<Parameters<typeof readLevel>[2]>[0]) => {
        process.readsOut.delete(shelf.id);
        if (reply.kind === "unavailable") return;
        if (reply.kind === "refused") {
          record(world, process, poolIndex, {
            kind: "guard-changed",
            listingId: shelf.id,
            guard: "closed",
          });
          return;
        }
        const early = drainedOperations
          .map((number) => process.earlyLevels.get(`${poolIndex}/${number}`))
          .find((units) => units !== undefined);
        const level =
          reply.level && early !== undefined ? { ...reply.level, units: early } : reply.level;
        record(world, process, poolIndex, {
          kind: "level-read",
          listingId: shelf.id,
          level,
          ...before,
          drainedOperations,
        });
      },
    );
    readLevel(world, shelf, onReply);
  });
}

function record(
  world: World,
  process: AppProcess,
  poolIndex: number,
  event:
    | LevelRead
    | { readonly kind: "guard-changed"; readonly listingId: string; readonly guard: "closed" },
): void {
  goOn(world, process, databaseMs(world), () => {
    recordEvent(world.books, poolIndex, `read-${newId(world)}`, event);
    tell(world, event.kind);
    world.app.processPool(world, process, poolIndex);
  });
}
