import type { GuardChanged, LevelRead } from "#app/domain/pool/event.ts";
import type { Pool } from "#app/domain/pool/pool.ts";

import { databaseMs, goOn, returning } from "./app-process.ts";
import { lookInTime } from "./balanced.ts";
import { recordEvent } from "./books.ts";
import { readLevel } from "./platform.ts";
import type { Level, ReadReply } from "./platform.ts";
import { departs, newId, shelfOf, tell } from "./world.ts";
import type { AppProcess, Shelf, World } from "./world.ts";

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
  lookInTime(world, process, poolIndex);
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

/**
 * Takes whose drain is over by this process's own clock. A mirror gains nothing by settling at once: its
 * takes wait until one of them has drained twice as long, and are settled together.
 */
function drainedOf(
  world: World,
  process: AppProcess,
  poolIndex: number,
  pool: Pool,
  listingId: string,
): readonly number[] {
  const { drainMs } = pool;
  const waitedMs = new Map<number, number>();
  for (const { listingId: ownerId, state, number } of pool.operations) {
    if (ownerId !== listingId || state !== "draining") continue;
    const sinceMs = process.drainingSinceMs.get(`${poolIndex}/${number}`);
    if (sinceMs !== undefined) waitedMs.set(number, world.nowMs - sinceMs);
  }
  if (departs(world, "settles-without-drain")) return [...waitedMs.keys()];
  const neededMs = pool.target === "mirror" ? 2 * drainMs : drainMs;
  if (Math.max(0, ...waitedMs.values()) < neededMs) return [];
  return [...waitedMs].flatMap(([number, ms]) => (ms >= drainMs ? [number] : []));
}

/**
 * One read: what is known before it is sent goes into the event, and decides what it may prove.
 *
 * @param isSweep whether the read is only to find what is not as expected.
 */
export function read(
  world: World,
  process: AppProcess,
  poolIndex: number,
  storeIndex: number,
  isSweep = false,
): void {
  const shelf = shelfOf(world, { poolIndex, storeIndex });
  if (process.readsOut.has(shelf.id)) return;
  process.readsOut.add(shelf.id);
  goOn(world, process, databaseMs(world), () => {
    const { pool } = world.books.pools[poolIndex]!;
    const { revision, expectedUnits } = pool.listings[storeIndex]!;
    const drained = isSweep ? [] : drainedOf(world, process, poolIndex, pool, shelf.id);
    const before = {
      revision,
      switchNumber: pool.switchNumber,
      askedAtMs: world.nowMs,
      drainedOperations: drained,
    };
    const onReply = returning(world, process, (reply: ReadReply) => {
      process.readsOut.delete(shelf.id);
      if (reply.kind === "unavailable") return;
      if (reply.kind === "refused") {
        record(world, process, shelf, { kind: "guard-changed", guard: "closed" });
        return;
      }
      const level = withEarlyLevel(process, shelf, drained, reply.level);
      if (isSweep && level?.units === expectedUnits) return;
      record(world, process, shelf, { kind: "level-read", level, ...before });
    });
    readLevel(world, shelf, onReply);
  });
}

/** For a planted bug: the level as it was when the take was first seen draining. */
function withEarlyLevel(
  process: AppProcess,
  { poolIndex }: Shelf,
  drained: readonly number[],
  level: Level | null,
): Level | null {
  const earlyUnits = drained
    .map((number) => process.earlyLevels.get(`${poolIndex}/${number}`))
    .find((units) => units !== undefined);
  return level && earlyUnits !== undefined ? { ...level, units: earlyUnits } : level;
}

function record(
  world: World,
  process: AppProcess,
  { id: listingId, poolIndex }: Shelf,
  found: Omit<LevelRead, "listingId"> | Omit<GuardChanged, "listingId">,
): void {
  goOn(world, process, databaseMs(world), () => {
    recordEvent(world.books, poolIndex, `read-${newId(world)}`, { listingId, ...found });
    tell(world, found.kind);
    world.app.processPool(world, process, poolIndex);
  });
}
