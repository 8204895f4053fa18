import { assert } from "../assert.ts";

import { operationsOf } from "./draft.ts";
import type { Draft, DraftListing } from "./draft.ts";
import { noteOrderUnits, noteSale } from "./sales.ts";
import type { SalesHistory } from "./sales.ts";
import { isCountable, judgeObservation } from "./observation.ts";
import type { ObservationJudgement, ObservedLevel } from "./observation.ts";

/** A sale counts half after a day: quotas follow the week, not the minute. */
export const demandHalfLifeMs = 24 * 3_600_000;

/**
 * How long an order may wait for the level that shows it before the level is read. Both webhooks leave
 * Shopify at about the same time; half of them arrive within a second.
 */
const orderGraceMs = 2_000;

/**
 * Takes note of a level that a webhook told. While a dispatch is out it cannot be told whether the
 * level includes it; the newest such observation waits for the answer.
 */
export function observeLevel(
  draft: Draft,
  listing: DraftListing,
  observed: ObservedLevel,
  eventId: number | null,
): ObservationJudgement["kind"] {
  const judgement = judgeObservation(
    {
      expectedUnits: listing.expectedUnits,
      observedAtMs: listing.observedAtMs,
      raisedAtMs: listing.raisedAtMs,
      isDispatchOut: operationsOf(draft, listing, "dispatched").length > 0,
    },
    observed,
  );
  switch (judgement.kind) {
    case "change":
    case "echo":
      accountLevel(draft, listing, observed, eventId);
      break;
    case "wait":
      if (listing.waiting === null || isNewer(observed, listing.waiting))
        listing.waiting = observed;
      break;
    case "read-again":
      requestRead(listing, draft.nowMs);
      break;
    case "outdated":
      break;
  }
  return judgement.kind;
}

/** Judges the observation that waited for an answer, now that no dispatch of the listing is out. */
export function observeWaiting(draft: Draft, listing: DraftListing, eventId: number | null): void {
  const { waiting } = listing;
  if (waiting === null) return;
  listing.waiting = null;
  observeLevel(draft, listing, waiting, eventId);
}

/**
 * Accounts a level that is known to be the newest: what differs from the expected level was not our
 * doing. A fall is a sale and a rise a return until somebody knows better; both are physical, so the
 * ledger moves with the level and the free units stay what they are.
 */
export function accountLevel(
  draft: Draft,
  listing: DraftListing,
  level: ObservedLevel,
  eventId: number | null,
): void {
  assert(isCountable(level.units), "a level counts whole units, at most a billion");
  const units = level.units - listing.expectedUnits;
  listing.expectedUnits = level.units;
  listing.observedAtMs = Math.max(listing.observedAtMs, level.atMs);
  confirm(draft, listing, level.atMs);
  if (units === 0) return;

  listing.revision += 1;
  draft.ledgerUnits += units;
  draft.ledger.push({
    listingId: listing.id,
    units,
    cause: units < 0 ? "fall" : "rise",
    eventId,
  });
  if (eventId !== null) draft.causes.add(eventId);
  if (units < 0) {
    listing.fallenUnits -= units;
    addDemand(draft, listing, -units);
    noteSales(draft, noteSale(draft.balance.sales, -units, draft.nowMs));
  } else {
    listing.risenUnits += units;
    listing.raisedAtMs = Math.max(listing.raisedAtMs, level.atMs);
  }
  // An order that waited for its level has it; a read that is due for another reason stays due.
  const isDueLater = listing.readDueAtMs !== null && listing.readDueAtMs > draft.nowMs;
  if (isDueLater && unexplainedOrderUnits(listing) <= 0) listing.readDueAtMs = null;
  recordOversell(draft, listing);
}

/**
 * The level is known as it was at that moment. A clock that is ahead makes it no newer than now, and
 * what such a clock had said before is not believed.
 */
export function confirm(draft: Draft, listing: DraftListing, atMs: number): void {
  const { nowMs } = draft;
  const isBelieved = listing.confirmedAtMs <= nowMs;
  listing.confirmedAtMs = Math.max(isBelieved ? listing.confirmedAtMs : 0, Math.min(atMs, nowMs));
}

/** A fresh read is needed at `dueAtMs`, or before if it already was. */
export function requestRead(listing: DraftListing, dueAtMs: number): void {
  listing.readDueAtMs = Math.min(listing.readDueAtMs ?? dueAtMs, dueAtMs);
}

/**
 * Takes note of an order. Levels give the quantity; an order whose level does not come, because its
 * webhook was lost, has the level read.
 */
export function noteOrder(
  draft: Draft,
  listing: DraftListing,
  order: { readonly soldUnits: number; readonly returnedUnits: number },
): void {
  listing.orderedUnits += order.soldUnits;
  listing.returnedUnits += order.returnedUnits;
  if (order.soldUnits > 0) {
    noteSales(draft, noteOrderUnits(draft.balance.sales, order.soldUnits));
  }
  const missingUnits = unexplainedOrderUnits(listing);
  const isMissing =
    (order.soldUnits > 0 && missingUnits > 0) || (order.returnedUnits > 0 && missingUnits < 0);
  if (isMissing) requestRead(listing, draft.nowMs + orderGraceMs);
}

/** Units that orders have sold and no level has shown; below 0, the other way round. */
function unexplainedOrderUnits(listing: DraftListing): number {
  return listing.orderedUnits - listing.returnedUnits - (listing.fallenUnits - listing.risenUnits);
}

/** The listing's demand as it counts now, in units. */
export function decayedDemand(
  listing: Pick<DraftListing, "demandUnits" | "demandAtMs">,
  nowMs: number,
): number {
  const ageMs = Math.max(0, nowMs - listing.demandAtMs);
  return listing.demandUnits * 2 ** (-ageMs / demandHalfLifeMs);
}

function addDemand(draft: Draft, listing: DraftListing, units: number): void {
  assert(units > 0, "demand is counted in units sold");
  listing.demandUnits = decayedDemand(listing, draft.nowMs) + units;
  listing.demandAtMs = draft.nowMs;
}

function noteSales(draft: Draft, sales: SalesHistory): void {
  draft.balance = { ...draft.balance, sales };
}

/** More was sold than there was: the one thing that must never go unseen. */
function recordOversell(draft: Draft, listing: DraftListing): void {
  const units = -draft.ledgerUnits - draft.oversoldUnits;
  if (units <= 0) return;
  draft.oversoldUnits += units;
  draft.incidents.push({
    kind: "oversell",
    listingId: listing.id,
    units,
    detail: `The stores have sold ${-draft.ledgerUnits} more than there was.`,
  });
}

function isNewer(one: ObservedLevel, other: ObservedLevel): boolean {
  // Within one second the lower is taken for the newer; if that is wrong, the judgement asks again.
  return one.atMs > other.atMs || (one.atMs === other.atMs && one.units < other.units);
}
