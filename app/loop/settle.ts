import { findDrainingTakes, findListingsToRead } from "../models/levels.ts";
import type { DrainingTake } from "../models/levels.ts";

import { runInBackground } from "./background.ts";
import { readLevels } from "./read-levels.ts";
import type { OnRecorded } from "./read-levels.ts";
import type { Runtime } from "./runtime.ts";

/** Settles takes whose drain is over; kept by one process for as long as it runs. */
export type DrainWatch = {
  /** Looks once, and begins to settle what is over. */
  readonly look: (onRecorded: OnRecorded) => Promise<void>;
};

/**
 * Watches drains by this process's monotonic clock, from the moment it first saw each. No wall clock
 * and no stored deadline decides: another process, or this one after a restart, waits the whole drain
 * again. Waiting too long is safe.
 */
export function createDrainWatch(runtime: Runtime): DrainWatch {
  const firstSeenMs = new Map<string, number>();
  return {
    async look(onRecorded) {
      const takes = await findDrainingTakes(runtime.database.prisma);
      const nowMs = runtime.clock.monotonicMs();
      const draining = new Set(takes.map(keyOf));
      for (const key of firstSeenMs.keys()) if (!draining.has(key)) firstSeenMs.delete(key);
      const ages = takes.map((take) => {
        const seenMs = firstSeenMs.get(keyOf(take)) ?? nowMs;
        firstSeenMs.set(keyOf(take), seenMs);
        return { take, ageMs: nowMs - seenMs };
      });
      await settle(runtime, chooseSettled(ages), onRecorded);
    },
  };
}

/**
 * A mirror gains nothing by settling at once: its takes are settled together, once the oldest of a shop
 * has waited twice its drain. Quotas wait for the units.
 */
function chooseSettled(
  ages: readonly { readonly take: DrainingTake; readonly ageMs: number }[],
): readonly DrainingTake[] {
  const isOver = ({ take, ageMs }: (typeof ages)[number]) => ageMs >= take.drainMs;
  const shopsToSettle = new Set(
    ages
      .filter((each) =>
        each.take.target === "mirror" ? each.ageMs >= 2 * each.take.drainMs : isOver(each),
      )
      .map(({ take }) => take.shopId),
  );
  return ages
    .filter((each) => isOver(each) && shopsToSettle.has(each.take.shopId))
    .map(({ take }) => take);
}

/** Reads each store once for all its takes that are over: the read must not be older than the drain. */
async function settle(
  runtime: Runtime,
  takes: readonly DrainingTake[],
  onRecorded: OnRecorded,
): Promise<void> {
  if (takes.length === 0) return;
  const byListing = Map.groupBy(takes, ({ listingId }) => listingId);
  const listings = await findListingsToRead(runtime.database.prisma, [...byListing.keys()]);
  const requests = listings.map((listing) => ({
    listing,
    drainedOperations: (byListing.get(listing.listingId) ?? []).map(
      ({ operationNumber }) => operationNumber,
    ),
  }));
  runInBackground(runtime, () => readLevels(runtime, requests, onRecorded));
}

function keyOf({ poolId, operationNumber }: DrainingTake): string {
  return `${poolId} ${operationNumber}`;
}
