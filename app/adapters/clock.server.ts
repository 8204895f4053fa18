import { performance } from "node:perf_hooks";

import type { Clock } from "../loop/ports.ts";

/** The machine's own clocks. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
