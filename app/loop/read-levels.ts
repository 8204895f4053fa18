import { randomUUID } from "node:crypto";

import { readReserveShare } from "../domain/dispatch/budget.ts";
import { linesMax } from "../domain/dispatch/packing.ts";
import type { IncomingEvent } from "../models/intake.ts";
import { findDueReads } from "../models/levels.ts";
import type { ListingToRead } from "../models/levels.ts";

import { runInBackground } from "./background.ts";
import { callAtPace, holdShop, waitToCallMs } from "./pace.ts";
import type { ReadLevel } from "./ports.ts";
import { recordEvents } from "./record-event.ts";
import type { Runtime } from "./runtime.ts";

/** A listing to read, and the takes that the read is to settle because their drain is over. */
export type LevelRequest = {
  readonly listing: ListingToRead;
  readonly drainedOperations: readonly number[];
};

/** Two full reads for each of two stores in one go; what is due beyond comes with the next. */
const dueReadsMax = 1_000;
/** A full read by ids: an estimate that the first answer replaces by the bucket as it is. */
const pointsPerRead = 30;
/** A store that does not answer is asked again after this; nothing but reads has to wait for it. */
const unavailableWaitMs = 1_000;
const throttledWaitMs = 1_000;

/** Whoever is told of the pools that have something new to process. */
export type OnRecorded = (poolIds: readonly string[]) => void;

/** Reads the levels that steps asked for, in the background. */
export async function readDueLevels(runtime: Runtime, onRecorded: OnRecorded): Promise<void> {
  const due = await findDueReads(runtime.database.prisma, dueReadsMax);
  const requests = due.map((listing) => ({ listing, drainedOperations: [] }));
  runInBackground(runtime, () => readLevels(runtime, requests, onRecorded));
}

/**
 * Reads levels, a call per location for up to 250 listings, all stores side by side: one that hangs
 * holds up no other. Each call is recorded as soon as it is answered. What cannot be read now (no
 * budget, no answer) is left for the next time somebody asks; a listing that this process is reading
 * already is left out.
 *
 * @param isWorthRecording what is read and says nothing new need not enter the inbox.
 * @returns when every call has come to its end.
 */
export async function readLevels(
  runtime: Runtime,
  requests: readonly LevelRequest[],
  onRecorded: OnRecorded,
  isWorthRecording: (request: LevelRequest, level: ReadLevel | null) => boolean = () => true,
): Promise<void> {
  const { reading } = runtime.state;
  const fresh = requests.filter(({ listing }) => !reading.has(listing.listingId));
  for (const { listing } of fresh) reading.add(listing.listingId);
  await Promise.all(
    toCalls(fresh).map(async (call) => {
      try {
        const events = await readCall(runtime, call, isWorthRecording);
        onRecorded(await recordEvents(runtime, events));
      } finally {
        for (const { listing } of call) reading.delete(listing.listingId);
      }
    }),
  );
}

/** At most {@link linesMax} requests of one location. */
type Call = readonly [LevelRequest, ...LevelRequest[]];

function toCalls(requests: readonly LevelRequest[]): readonly Call[] {
  const byLocation = Map.groupBy(
    requests,
    ({ listing }) => `${listing.shopId} ${listing.locationId}`,
  );
  return [...byLocation.values()].flatMap((all) => {
    const calls: Call[] = [];
    for (let start = 0; start < all.length; start += linesMax) {
      const [first, ...others] = all.slice(start, start + linesMax);
      if (first) calls.push([first, ...others]);
    }
    return calls;
  });
}

async function readCall(
  runtime: Runtime,
  call: Call,
  isWorthRecording: (request: LevelRequest, level: ReadLevel | null) => boolean,
): Promise<readonly IncomingEvent[]> {
  const { shopId, shopDomain, locationId } = call[0].listing;
  if (waitToCallMs(runtime, shopId, pointsPerRead, readReserveShare) > 0) return [];
  const askedAtMs = runtime.clock.nowMs();
  const reply = await callAtPace(runtime, shopId, pointsPerRead, async () => {
    const levels = await runtime.admin.readLevels({
      shopDomain,
      locationId,
      inventoryItemIds: call.map(({ listing }) => listing.inventoryItemId),
    });
    return { bucket: null, ...levels };
  });
  switch (reply.kind) {
    case "read": {
      const sent = { readId: randomUUID(), askedAtMs };
      return call
        .map((request, index) => ({ request, level: reply.levels[index] ?? null }))
        .filter(({ request, level }) => isWorthRecording(request, level))
        .map(({ request, level }) => toEvent(request, level, sent));
    }
    case "throttled":
      holdShop(runtime, shopId, reply.retryAfterMs ?? throttledWaitMs);
      return [];
    case "refused":
    case "unavailable":
      await runtime.clock.pause(unavailableWaitMs);
      return [];
  }
}

function toEvent(
  { listing, drainedOperations }: LevelRequest,
  level: ReadLevel | null,
  { readId, askedAtMs }: { readonly readId: string; readonly askedAtMs: number },
): IncomingEvent {
  return {
    accountId: listing.accountId,
    poolId: listing.poolId,
    shopId: listing.shopId,
    listingId: listing.listingId,
    eventKey: `read:${readId}:${listing.listingId}`,
    triggeredAtMs: null,
    event: {
      kind: "level-read",
      listingId: listing.listingId,
      level,
      revision: listing.revision,
      switchNumber: listing.switchNumber,
      askedAtMs,
      drainedOperations,
    },
  };
}
