import { defaultBalanceTerms, openBalance } from "#app/domain/pool/balance.ts";
import type { PoolEvent } from "#app/domain/pool/event.ts";
import type { QuotaOperation } from "#app/domain/pool/operation.ts";
import type { Listing, Pool } from "#app/domain/pool/pool.ts";
import type { NumberedEvent } from "#app/domain/pool/step.ts";

/** A pool under quotas with one store and nothing in it, and what the test needs besides. */
export function aPool(given: Partial<Pool>): Pool {
  return {
    id: "pool",
    protection: "strict",
    target: "quotas",
    switching: "none",
    switchNumber: 0,
    isPaused: false,
    freeUnits: 0,
    ledgerUnits: 0,
    oversoldUnits: 0,
    nextOperationNumber: 100,
    drainMs: 600_000,
    balance: openBalance(defaultBalanceTerms, 0),
    lookAtMs: null,
    listings: [aListing({})],
    operations: [],
    ...given,
  };
}

export function aListing(given: Partial<Listing>): Listing {
  return {
    id: "store-a",
    priority: 0,
    expectedUnits: 0,
    observedAtMs: 1_000,
    raisedAtMs: 0,
    confirmedAtMs: 0,
    waiting: null,
    revision: 0,
    readDueAtMs: null,
    readForSwitch: 0,
    fallenUnits: 0,
    risenUnits: 0,
    orderedUnits: 0,
    returnedUnits: 0,
    demandUnits: 0,
    demandAtMs: 0,
    guard: "guarded",
    ...given,
  };
}

export function anOperation(given: Partial<QuotaOperation>): QuotaOperation {
  return {
    number: 1,
    listingId: "store-a",
    kind: "take",
    units: 1,
    repairUnits: 0,
    state: "planned",
    causeEventIds: [],
    ...given,
  };
}

export function numbered(event: PoolEvent, eventId = 1): NumberedEvent {
  return { eventId, event };
}
