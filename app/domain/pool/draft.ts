import { assert } from "../assert.ts";

import type { OperationState, QuotaOperation } from "./operation.ts";
import { deltaOf } from "./operation.ts";
import type { Listing, Pool } from "./pool.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export type DraftListing = Mutable<Listing>;
export type DraftOperation = Mutable<QuotaOperation>;

/** One signed change to the pool, for its ledger. */
export type LedgerLine = {
  /** Null for what concerns the pool as a whole. */
  readonly listingId: string | null;
  /** Never 0. */
  readonly units: number;
  /** A `fall` is a sale until an order says otherwise; a `rise` a return, a receipt or a foreign writer. */
  readonly cause: "opening" | "fall" | "rise";
  readonly eventId: number | null;
};

export type IncidentLine = {
  readonly kind: "oversell" | "quarantine";
  readonly listingId: string | null;
  /** Units concerned, at least 1. */
  readonly units: number;
  readonly detail: string;
};

/**
 * A pool while `step` works on it: a copy that may be changed, and what the change adds to the books.
 * It never leaves the domain.
 */
export type Draft = Mutable<Omit<Pool, "listings" | "operations">> & {
  readonly nowMs: number;
  readonly listings: readonly DraftListing[];
  operations: DraftOperation[];
  readonly ended: QuotaOperation[];
  readonly ledger: LedgerLine[];
  readonly incidents: IncidentLine[];
  /** The events of this step that changed something; what is planned now was caused by them. */
  readonly causes: Set<number>;
};

export function openDraft(pool: Pool, nowMs: number): Draft {
  return {
    ...pool,
    nowMs,
    listings: pool.listings.map((listing) => ({ ...listing })),
    operations: pool.operations.map((operation) => ({ ...operation })),
    ended: [],
    ledger: [],
    incidents: [],
    causes: new Set(),
  };
}

export function findListing(draft: Draft, listingId: string): DraftListing | null {
  return draft.listings.find(({ id }) => id === listingId) ?? null;
}

export function operationsOf(
  draft: Draft,
  listing: Pick<Listing, "id">,
  ...states: readonly OperationState[]
): readonly DraftOperation[] {
  return draft.operations.filter(
    ({ listingId, state }) => listingId === listing.id && states.includes(state),
  );
}

/** Takes an operation out of the living ones, in its last state. */
export function endOperation(
  draft: Draft,
  operation: DraftOperation,
  state: "done" | "failed" | "cancelled",
): void {
  operation.state = state;
  draft.operations = draft.operations.filter(({ number }) => number !== operation.number);
  draft.ended.push(operation);
}

/** What the level will be once all that is dispatched has been applied; planned operations not counted. */
export function dispatchedUnits(draft: Draft, listing: DraftListing): number {
  return operationsOf(draft, listing, "dispatched").reduce(
    (units, operation) => units + deltaOf(operation),
    listing.expectedUnits,
  );
}

/** What the level will be once all that is planned and dispatched has been applied. */
export function effectiveUnits(draft: Draft, listing: DraftListing): number {
  return operationsOf(draft, listing, "planned", "dispatched").reduce(
    (units, operation) => units + deltaOf(operation),
    listing.expectedUnits,
  );
}

/** How many causes one operation remembers: a page of them is enough to follow a sale. */
const causesMax = 500;

/**
 * Makes the listing's planned operation move its level by `deltaUnits` in all, repairs included,
 * beyond what is dispatched. Nothing has been sent of it yet, so it may change freely: units of a
 * grant that shrinks are free again, units of one that grows are paid for at once.
 *
 * A repair is never planned away; it comes on top of nothing less.
 */
export function planDelta(draft: Draft, listing: DraftListing, deltaUnits: number): void {
  assert(Number.isSafeInteger(deltaUnits), "operations move whole units");
  const planned = operationsOf(draft, listing, "planned")[0] ?? null;
  const repairUnits = planned?.repairUnits ?? 0;
  const wantedUnits = repairUnits > 0 ? Math.max(deltaUnits, repairUnits) : deltaUnits;
  if (wantedUnits === (planned ? deltaOf(planned) : 0)) return;

  draft.freeUnits += planned?.kind === "grant" ? planned.units - repairUnits : 0;
  if (wantedUnits > 0) draft.freeUnits -= wantedUnits - repairUnits;
  if (wantedUnits === 0) {
    if (planned) endOperation(draft, planned, "cancelled");
    return;
  }
  replacePlanned(draft, listing, planned, {
    kind: wantedUnits > 0 ? "grant" : "take",
    units: Math.abs(wantedUnits),
    repairUnits: wantedUnits > 0 ? repairUnits : 0,
  });
}

/**
 * Plans to give `repairUnits` back to a store that has sold them already. They come out of the take
 * that is settled, or out of the free units: the caller has accounted for that.
 */
export function planRepair(draft: Draft, listing: DraftListing, repairUnits: number): void {
  assert(Number.isSafeInteger(repairUnits) && repairUnits >= 1, "a repair gives whole units");
  const planned = operationsOf(draft, listing, "planned")[0] ?? null;
  // A take that was only planned has changed nothing: it gives way to the repair.
  const others = planned?.kind === "grant" ? planned : null;
  replacePlanned(draft, listing, planned, {
    kind: "grant",
    units: (others?.units ?? 0) + repairUnits,
    repairUnits: (others?.repairUnits ?? 0) + repairUnits,
  });
}

function replacePlanned(
  draft: Draft,
  listing: DraftListing,
  planned: DraftOperation | null,
  wanted: Pick<QuotaOperation, "kind" | "units" | "repairUnits">,
): void {
  const causeEventIds = [...new Set([...(planned?.causeEventIds ?? []), ...draft.causes])].slice(
    -causesMax,
  );
  if (planned) {
    Object.assign(planned, wanted, { causeEventIds });
    return;
  }
  draft.operations.push({
    ...wanted,
    number: draft.nextOperationNumber,
    listingId: listing.id,
    state: "planned",
    causeEventIds,
  });
  draft.nextOperationNumber += 1;
}
