import type { Pool } from "#app/domain/pool/pool.ts";

import { goOn } from "./app-process.ts";
import { recordEvent } from "./books.ts";
import { after, tell } from "./world.ts";
import type { AppProcess, Shelf, World } from "./world.ts";

/** Longer than any lease. */
const silenceMs = 8_000;
/** The store that most shoppers go to now. */
export function favouriteAt({ config, nowMs }: World, shelves: readonly Shelf[]): Shelf {
  const movesMs = config.balance?.favouriteMovesMs ?? 0;
  const index = movesMs > 0 ? Math.floor(nowMs / movesMs) % shelves.length : 0;
  return shelves[index]!;
}

/** Now and then no webhook leaves one store and no read of it is answered, while shoppers go on. */
export function scheduleSilence(world: World): void {
  const everyMs = world.config.balance?.silenceEveryMs ?? 0;
  if (everyMs === 0) return;
  const { merchant } = world.chances;
  after(world, merchant.exponential(everyMs), () => {
    if (world.isQuiet) return;
    const store = merchant.pick(world.stores);
    tell(world, "store silent", store.index);
    store.isSilent = true;
    after(world, silenceMs, () => {
      store.isSilent = false;
      scheduleSilence(world);
    });
  });
}

/** The worker tells a pool that the moment has come at which it asked to be looked at. */
export function lookInTime(world: World, process: AppProcess, poolIndex: number): void {
  const { version, pool: seen } = world.books.pools[poolIndex]!;
  const { lookAtMs } = seen;
  if (lookAtMs === null) return;
  goOn(world, process, Math.max(0, lookAtMs - world.nowMs), () => {
    const { balance } = world.config;
    if (world.books.pools[poolIndex]!.version !== version || !balance) return;
    const key = `time-${poolIndex}-${version}`;
    const event = { kind: "time-passed", delays: balance.delays } as const;
    if (recordEvent(world.books, poolIndex, key, event)) {
      world.app.processPool(world, process, poolIndex);
    }
  });
}

/** Takes down how a balanced pool goes to and fro. */
export function noteTarget(world: World, before: Pool, after: Pool): void {
  if (before.protection !== "balanced" || before.target === after.target) return;
  tell(world, after.target === "mirror" ? "balanced mirrors" : "balanced ends its mirror");
}
