import { delaysFrom } from "../domain/pool/delays.ts";
import type { Delays } from "../domain/pool/delays.ts";
import { findPoolsToLookAt, sampleDelays } from "../models/look-at.ts";

import { recordEvents } from "./record-event.ts";
import type { Runtime } from "./runtime.ts";

/** Tells pools that their time has come; kept by one process for as long as it runs. */
export type TimeWatch = {
  /** Looks once. @returns the pools that have it to process. */
  readonly look: () => Promise<readonly string[]>;
};

const poolsMax = 500;
/** Percentiles of thousands of cases move slowly. */
const measuredForMs = 60_000;

/**
 * A pool says when it is to be stepped though nothing happened (`Pool.lookAtMs`): before the lease of a
 * mirror ends, or when quotas may end. It is told with the delays of its account as they are measured.
 */
export function createTimeWatch(runtime: Runtime): TimeWatch {
  const measured = new Map<string, { readonly delays: Delays; readonly atMs: number }>();
  const { database, clock } = runtime;

  async function measure(accountId: string): Promise<Delays> {
    const known = measured.get(accountId);
    const nowMs = clock.monotonicMs();
    if (known && nowMs - known.atMs < measuredForMs) return known.delays;
    const delays = delaysFrom(await sampleDelays(database.prisma, accountId));
    measured.set(accountId, { delays, atMs: nowMs });
    return delays;
  }

  return {
    async look() {
      const pools = await findPoolsToLookAt(database.prisma, poolsMax);
      const events = [];
      for (const { id: poolId, accountId, version } of pools) {
        const delays = await measure(accountId);
        events.push({
          ...{ accountId, poolId, shopId: null, listingId: null, triggeredAtMs: null },
          eventKey: `time:${poolId}:${version}`,
          event: { kind: "time-passed", delays } as const,
        });
      }
      return recordEvents(runtime, events);
    },
  };
}
