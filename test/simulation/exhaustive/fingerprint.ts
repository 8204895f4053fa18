import type { SmallDispatch, SmallWorld } from "./small-world.ts";

/**
 * 53 bits of all that can make a difference in a world, so that courses that lead to the same are
 * followed once. Left out are counters nobody compares with, causes, and what has ended; times are told
 * from each store's present, and revisions from the listing's. Among ten million worlds two different
 * ones share a fingerprint with a chance of 1 in 180; then one of them is not followed.
 */
export function fingerprint(world: SmallWorld): number {
  return hash(describe(world));
}

function describe(world: SmallWorld): string {
  const { pool, stores, left } = world;
  const living = new Set(pool.operations.map(({ number }) => number));
  const open = world.dispatches.filter(
    ({ isAnswered, requests }) => !isAnswered || requests.length,
  );
  const presentMs = (index: number): number => stores[index]!.changeCount * 1_000;
  const indexOf = (listingId: string): number =>
    pool.listings.findIndex(({ id }) => id === listingId);
  const since = (index: number, level: { units: number; atMs: number } | null): string =>
    level ? `${level.units}@${level.atMs - presentMs(index)}` : "-";

  const listings = pool.listings.map((listing, index) =>
    [
      stores[index]!.availableUnits,
      stores[index]!.isStocked ? 1 : 0,
      listing.guard,
      listing.expectedUnits,
      listing.observedAtMs - presentMs(index),
      listing.raisedAtMs - presentMs(index),
      since(index, listing.waiting),
      listing.readDueAtMs === null ? 0 : 1,
      listing.readForSwitch - pool.switchNumber,
      listing.demandUnits,
    ].join(),
  );
  const operations = pool.operations.map(({ number, kind, state, units, repairUnits, listingId }) =>
    [number, kind, state, units, repairUnits, listingId, world.applied.includes(number)].join(),
  );
  const requestOf = (dispatch: SmallDispatch): string[] =>
    dispatch.requests
      .map(
        ({ senderIndex, answer, level }) =>
          `${senderIndex ?? "-"}${answer?.kind ?? ""}${since(dispatch.storeIndex, level)}`,
      )
      .sort();
  const dispatches = open.map((dispatch) =>
    [
      dispatch.operationNumber,
      dispatch.isAnswered,
      world.applied.includes(dispatch.operationNumber),
      dispatch.senders,
      ...requestOf(dispatch),
    ].join(),
  );
  const payments = world.payments
    .map(
      ({ storeIndex, drains }) =>
        `${storeIndex}:${drains.filter((each) => living.has(each)).join()}`,
    )
    .sort();
  const reads = world.reads.map((read) =>
    [
      read.storeIndex,
      read.revision - pool.listings[read.storeIndex]!.revision,
      read.switchNumber - pool.switchNumber,
      read.drainedOperations.filter((each) => living.has(each)),
      read.told ? since(read.storeIndex, read.told.level) : "asked",
    ].join(),
  );
  const webhooks = world.webhooks
    .map((webhook) => `${webhook.listingId}${since(indexOf(webhook.listingId), webhook)}`)
    .sort();
  const numbers = [
    world.physicalUnits,
    pool.freeUnits,
    pool.ledgerUnits,
    pool.protection,
    pool.target,
    pool.switching,
    pool.nextOperationNumber,
    left.payments,
    left.faults,
    left.webhooks,
    left.removals,
    left.switches,
  ].join();
  return [numbers, ...listings, "o", ...operations, "d", ...dispatches.sort(), "p", ...payments]
    .concat("r", reads.sort(), "w", webhooks)
    .join("|");
}

function hash(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x1b873593;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x5bd1e995);
    high ^= high >>> 15;
  }
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
}
