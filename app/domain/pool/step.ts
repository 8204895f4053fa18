import { accountLevel, confirm, noteOrder, observeLevel, requestRead } from "./accounting.ts";
import { applyAnswer } from "./answering.ts";
import { chooseTarget, whenToLook } from "./choose-target.ts";
import { endOperation, findListing, openDraft, operationsOf, planRepair } from "./draft.ts";
import type { Draft, DraftListing, IncidentLine, LedgerLine } from "./draft.ts";
import type { LevelRead, PoolEvent } from "./event.ts";
import { isReachable } from "./guard.ts";
import type { Guard } from "./guard.ts";
import type { QuotaOperation } from "./operation.ts";
import { excessUnits, planBalance, planGrants, planMirror, planRepairs } from "./placement.ts";
import { assertAccounted } from "./pool.ts";
import type { Pool } from "./pool.ts";
import type { Protection } from "./protection.ts";
import type { ObservedLevel } from "./observation.ts";
import { settleTake } from "./settlement.ts";
import { beginMirror, beginSwitch, continueSwitch, withdrawPlans } from "./switching.ts";

/** An event with its number in the inbox. */
export type NumberedEvent = { readonly eventId: number; readonly event: PoolEvent };

export type StepResult = {
  readonly pool: Pool;
  /** To be appended to the ledger; their units add up to the change of `ledgerUnits`. */
  readonly ledger: readonly LedgerLine[];
  readonly incidents: readonly IncidentLine[];
  /** Operations that reached their last state, and are no longer part of the pool. */
  readonly ended: readonly QuotaOperation[];
};

/**
 * The only function that changes a pool: folds events in the order of the inbox, then plans once for
 * all of them. Deterministic: the same pool, events and time give the same result.
 *
 * It guarantees, for every input, that each unit of the ledger is in exactly one place, and that under
 * quotas no unit is granted before it is free ({@link assertAccounted}). README.md beside this file
 * says why that means no unit is sold twice.
 *
 * An event that names a listing or an operation the pool does not have (any more) changes nothing.
 *
 * @param nowMs the wall clock; only demand ages by it. No wait is measured here: an event says that
 *   a drain is over.
 */
export function step(pool: Pool, events: readonly NumberedEvent[], nowMs: number): StepResult {
  const draft = openDraft(pool, nowMs);
  for (const { event, eventId } of events) applyEvent(draft, event, eventId);
  plan(draft);
  return closeDraft(draft);
}

/** Plans for the pool as it stands, and returns the result with its books. */
export function closeDraft(draft: Draft): StepResult {
  const { ended, ledger, incidents, listings, operations } = draft;
  const pool: Pool = {
    id: draft.id,
    protection: draft.protection,
    target: draft.target,
    switching: draft.switching,
    switchNumber: draft.switchNumber,
    isPaused: draft.isPaused,
    freeUnits: draft.freeUnits,
    ledgerUnits: draft.ledgerUnits,
    oversoldUnits: draft.oversoldUnits,
    nextOperationNumber: draft.nextOperationNumber,
    drainMs: draft.drainMs,
    balance: draft.balance,
    lookAtMs: draft.lookAtMs,
    listings,
    operations,
  };
  assertAccounted(pool);
  return { pool, ended, ledger, incidents };
}

/** What every step ends with, whatever happened. */
export function plan(draft: Draft): void {
  planUnits(draft);
  draft.lookAtMs = whenToLook(draft);
}

function planUnits(draft: Draft): void {
  if (draft.isPaused) {
    withdrawPlans(draft, draft.listings);
    return;
  }
  withdrawPlans(
    draft,
    draft.listings.filter((listing) => !isReachable(listing)),
  );
  if (draft.protection === "balanced") chooseTarget(draft);
  if (draft.target === "mirror") {
    planMirror(draft);
    return;
  }
  if (draft.switching === "none" && (draft.freeUnits < 0 || excessUnits(draft) > 0)) {
    beginSwitch(draft);
  }
  if (draft.switching !== "none") continueSwitch(draft);
  if (draft.switching === "none") {
    planRepairs(draft);
    planGrants(draft);
    planBalance(draft);
  }
}

function applyEvent(draft: Draft, event: PoolEvent, eventId: number): void {
  switch (event.kind) {
    case "level-observed":
    case "level-read":
    case "order-seen":
    case "dispatch-answered":
    case "guard-changed": {
      const listing = findListing(draft, event.listingId);
      if (listing) applyListingEvent(draft, listing, event, eventId);
      break;
    }
    case "protection-changed":
      changeProtection(draft, event.protection);
      break;
    case "pause-changed":
      draft.isPaused = event.isPaused;
      break;
    case "balance-terms-changed":
      draft.balance = { ...draft.balance, terms: event.terms };
      break;
    case "time-passed":
      draft.balance = { ...draft.balance, delays: event.delays };
      break;
  }
}

function applyListingEvent(
  draft: Draft,
  listing: DraftListing,
  event: Extract<PoolEvent, { readonly listingId: string }>,
  eventId: number,
): void {
  switch (event.kind) {
    case "level-observed":
      observeLevel(draft, listing, { units: event.units, atMs: event.atMs }, eventId);
      break;
    case "level-read":
      applyRead(draft, listing, event, eventId);
      break;
    case "order-seen":
      noteOrder(draft, listing, event);
      break;
    case "dispatch-answered":
      applyAnswer(draft, listing, event, eventId);
      break;
    case "guard-changed":
      changeGuard(draft, listing, event.guard);
      break;
  }
}

function applyRead(draft: Draft, listing: DraftListing, read: LevelRead, eventId: number): void {
  const isUpToDate = read.revision === listing.revision;
  // Without a level nothing is known of it: takes go on draining, and the guard says what is wrong.
  if (read.level === null) {
    if (isUpToDate) {
      listing.readDueAtMs = null;
      if (listing.guard === "guarded") listing.guard = "disconnected";
    }
    return;
  }

  if (isUpToDate && listing.guard === "disconnected") listing.guard = "guarded";
  if (isKnownAfter(draft, listing, read, read.level, eventId)) {
    if (read.askedAtMs !== undefined) confirm(draft, listing, read.askedAtMs);
    // One that was sent before the switch came to its reading (another process settled the takes too)
    // does not stand for the read that the switch waits for.
    if (read.switchNumber >= draft.switchNumber) listing.readDueAtMs = null;
    listing.readForSwitch = Math.max(listing.readForSwitch, read.switchNumber);
  }
  settleTakes(draft, listing, read.level.units, new Set(read.drainedOperations));
}

/** Accounts a read level; false if the level that the store had then is still not known for certain. */
function isKnownAfter(
  draft: Draft,
  listing: DraftListing,
  read: LevelRead,
  level: ObservedLevel,
  eventId: number,
): boolean {
  const isDispatchOut = operationsOf(draft, listing, "dispatched").length > 0;
  if (read.revision === listing.revision && !isDispatchOut) {
    listing.waiting = null;
    accountLevel(draft, listing, level, eventId);
    return true;
  }
  const judgement = observeLevel(draft, listing, level, eventId);
  return judgement !== "wait" && judgement !== "read-again";
}

/**
 * Settles the takes that had drained before the level was read: what the store has sold beyond its
 * level goes back to it, and only the rest becomes free.
 */
function settleTakes(
  draft: Draft,
  listing: DraftListing,
  levelUnits: number,
  drained: ReadonlySet<number>,
): void {
  const takes = operationsOf(draft, listing, "draining").filter(({ number }) =>
    drained.has(number),
  );
  for (const take of takes) {
    const plannedRepairUnits = operationsOf(draft, listing, "planned").reduce(
      (sum, operation) => sum + operation.repairUnits,
      0,
    );
    const { freedUnits, returnedUnits } = settleTake({
      units: take.units,
      levelUnits,
      plannedRepairUnits,
    });
    endOperation(draft, take, "done");
    draft.freeUnits += freedUnits;
    if (returnedUnits > 0) planRepair(draft, listing, returnedUnits);
  }
}

function changeGuard(draft: Draft, listing: DraftListing, guard: Guard): void {
  const before = listing.guard;
  listing.guard = guard;
  listing.revision += 1; // a read from before says nothing of how it is guarded now
  if (guard !== "guarded") return;
  // What happened while the store could not be watched is found by reading.
  requestRead(listing, draft.nowMs);
  const mayHaveOversold = before === "continues-selling" || before === "untracked";
  if (mayHaveOversold && draft.target === "quotas") beginSwitch(draft);
}

function changeProtection(draft: Draft, protection: Protection): void {
  draft.protection = protection;
  if (protection === "mirror") beginMirror(draft);
  // A balanced pool may stay in its mirror: that is decided when it is planned.
  else if (protection === "strict" && draft.target === "mirror") beginSwitch(draft);
}
