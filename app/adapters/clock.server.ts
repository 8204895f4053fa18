import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";

import type { Clock } from "../loop/ports.ts";

/** The machine's own clocks. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  // An aborted pause is over, not failed.
  pause: (ms, signal) => pause(ms, undefined, { signal, ref: false }).catch(() => undefined),
};
