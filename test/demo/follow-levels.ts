import { setTimeout as pause } from "node:timers/promises";

import type { Contest } from "./composed-world.ts";
import type { Stand } from "./stand.ts";

/** Often enough to look alive; a read per store each time. */
const lookEveryMs = 250;

export type LevelFollower = {
  /** `available` per shop, as of the last look. */
  readonly current: () => ReadonlyMap<string, number>;
  readonly lookAgain: () => Promise<void>;
  readonly stop: () => void;
};

/** Keeps looking at what the stores of a contest show, until `stop`. */
export function followLevels({ simulator }: Stand, contest: Contest): LevelFollower {
  const levels = new Map<string, number>();
  const [pool] = contest.pools;
  let isStopped = false;
  const lookAgain = async () => {
    for (const { shop, location } of pool?.members ?? []) {
      const level = await simulator.level({ shop, sku: pool?.sku ?? "", location });
      if (level) levels.set(shop, level.available);
    }
  };
  const keepLooking = async () => {
    while (!isStopped) {
      await lookAgain();
      await pause(lookEveryMs);
    }
  };
  // A view without levels is no reason to stop a race; if the simulator is gone, the race says so.
  keepLooking().catch(() => undefined);
  return {
    current: () => levels,
    lookAgain,
    stop: () => {
      isStopped = true;
    },
  };
}
