import { setTimeout as pause } from "node:timers/promises";

import type { Contest } from "./composed-world.ts";
import type { Stand } from "./stand.ts";

/** Often enough to look alive; a read per store each time. */
const lookEveryMs = 250;

/** Keeps looking at what the stores of a contest show, until `stop`. */
export function followLevels(
  { simulator }: Stand,
  contest: Contest,
): { readonly current: () => ReadonlyMap<string, number>; readonly stop: () => void } {
  const levels = new Map<string, number>();
  const [pool] = contest.pools;
  let isStopped = false;
  const look = async () => {
    while (!isStopped && pool) {
      for (const { shop, location } of pool.members) {
        const level = await simulator.level({ shop, sku: pool.sku, location });
        if (level) levels.set(shop, level.available);
      }
      await pause(lookEveryMs);
    }
  };
  // A view without levels is no reason to stop a race; if the simulator is gone, the race says so.
  look().catch(() => undefined);
  return {
    current: () => levels,
    stop: () => {
      isStopped = true;
    },
  };
}
