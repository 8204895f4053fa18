import { linesMax } from "../domain/dispatch/packing.ts";
import { findShopsToSweep, pageOfListings } from "../models/levels.ts";

import { readLevels } from "./read-levels.ts";
import type { LevelRequest, OnRecorded } from "./read-levels.ts";
import type { ReadLevel } from "./ports.ts";
import type { Runtime } from "./runtime.ts";

/** Only one process sweeps at a time; the others would read the same. */
const sweepLock = "sweep";

/**
 * Reads every level of every store once, and records those that are not as expected: whatever webhooks
 * lost is found here. Stores are read side by side, each page by page.
 *
 * @param onFound told of pools that have something new to process, as they are found.
 */
export async function sweep(runtime: Runtime, onFound: OnRecorded): Promise<void> {
  const held = await runtime.lock.acquire(sweepLock);
  try {
    if (held.kind === "none") return;
    const shopIds = await findShopsToSweep(runtime.database.prisma);
    await Promise.all(shopIds.map((shopId) => sweepShop(runtime, shopId, onFound)));
  } finally {
    await held.release();
  }
}

async function sweepShop(runtime: Runtime, shopId: string, onFound: OnRecorded): Promise<void> {
  let afterListingId: string | null = null;
  while (!runtime.state.isStopping) {
    const page = await pageOfListings(runtime.database.prisma, shopId, afterListingId, linesMax);
    const requests = page.map((listing) => ({ listing, drainedOperations: [] }));
    await readLevels(runtime, requests, onFound, isUnexpected);
    const last = page.at(-1);
    if (!last || page.length < linesMax) return;
    afterListingId = last.listingId;
  }
}

function isUnexpected({ listing }: LevelRequest, level: ReadLevel | null): boolean {
  // Whether it is connected again is known by its level, whatever that is.
  return level?.units !== listing.expectedUnits || listing.guard === "disconnected";
}
