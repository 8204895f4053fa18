import { decayedDemand } from "./accounting.ts";
import { allocate, allocateToGaps } from "./allocation.ts";
import { dispatchedUnits, effectiveUnits, operationsOf, planDelta, planRepair } from "./draft.ts";
import type { Draft, DraftListing } from "./draft.ts";
import { isReachable, mayReceive } from "./guard.ts";

/**
 * Where units go. Nothing here can cause an oversell: whatever the targets, a unit is granted only
 * when it is free, and free only when its take has settled. Placement decides how much sells.
 */

/** Below this many units per store nothing is moved on a guess: a move makes its units wait. */
const plentyUnitsPerStore = 3;
/** A store is helped when it holds this part of its share or less, and no sooner. */
const needyShare = 1 / 3;

/** Every store shows the whole pool, and none less than nothing. */
export function planMirror(draft: Draft): void {
  const shownUnits = Math.max(0, draft.ledgerUnits);
  for (const listing of draft.listings.filter(isReachable)) {
    const deltaUnits = shownUnits - dispatchedUnits(draft, listing);
    if (deltaUnits <= 0 || mayReceive(draft.target, listing)) planDelta(draft, listing, deltaUnits);
  }
}

/**
 * Units that the stores may sell together beyond what the pool holds. Above 0 the last units could be
 * sold twice, and some must be taken.
 */
export function excessUnits(draft: Draft): number {
  return offeredUnits(draft) - Math.max(0, draft.ledgerUnits);
}

function offeredUnits(draft: Draft): number {
  return draft.listings.reduce(
    (sum, listing) => sum + Math.max(0, effectiveUnits(draft, listing)),
    0,
  );
}

/**
 * Takes the excess from the stores that show more than their share, and withdraws what was planned for
 * the others. Nothing else is moved.
 *
 * @param withheldUnits units of the pool that no store may offer: they may be sold already.
 */
export function planTakes(draft: Draft, withheldUnits = 0): void {
  for (const listing of draft.listings) {
    const [planned] = operationsOf(draft, listing, "planned");
    if (planned?.kind === "grant") planDelta(draft, listing, 0);
  }
  const listings = inOrder(draft).filter(isReachable);
  const fixedUnits = draft.listings
    .filter((listing) => !isReachable(listing))
    .reduce((sum, listing) => sum + Math.max(0, effectiveUnits(draft, listing)), 0);
  const offerableUnits = Math.max(0, Math.max(0, draft.ledgerUnits) - withheldUnits);
  const quotas = allocate(Math.max(0, offerableUnits - fixedUnits), weightsOf(draft, listings));
  const surpluses = listings.map((listing, index) =>
    Math.max(0, Math.max(0, effectiveUnits(draft, listing)) - (quotas[index] ?? 0)),
  );
  const excess = offeredUnits(draft) - offerableUnits;
  const takes = allocateToGaps(Math.max(0, excess), surpluses);
  listings.forEach((listing, index) => {
    const takenUnits = takes[index] ?? 0;
    if (takenUnits > 0) addToPlan(draft, listing, -takenUnits);
  });
}

/**
 * Gives back what stores have sold beyond their level (an unguarded sale, or one that a take came too
 * late for), as far as free units go. What outstanding takes may explain is left to their settlement.
 */
export function planRepairs(draft: Draft): void {
  for (const listing of inOrder(draft).filter((each) => mayReceive(draft.target, each))) {
    const repairUnits = Math.min(deficitUnits(draft, listing), Math.max(0, draft.freeUnits));
    if (repairUnits === 0) continue;
    draft.freeUnits -= repairUnits;
    planRepair(draft, listing, repairUnits);
  }
}

/** Gives the free units to the stores that are furthest below their share. */
export function planGrants(draft: Draft): void {
  if (draft.freeUnits <= 0) return;
  const listings = inOrder(draft).filter((listing) => mayReceive(draft.target, listing));
  const shown = listings.map((listing) => Math.max(0, effectiveUnits(draft, listing)));
  const quotas = allocate(
    draft.freeUnits + shown.reduce((sum, units) => sum + units, 0),
    weightsOf(draft, listings),
  );
  const gaps = quotas.map((quota, index) => Math.max(0, quota - (shown[index] ?? 0)));
  const grants = allocateToGaps(draft.freeUnits, gaps);
  listings.forEach((listing, index) => {
    const grantedUnits = grants[index] ?? 0;
    if (grantedUnits > 0) addToPlan(draft, listing, grantedUnits);
  });
}

/**
 * While stock is plentiful, a store that runs low is helped by the one with the most to spare: half of
 * its surplus is taken, drains, and is then free. One move at a time, so that none is based on units
 * that are still on their way.
 */
export function planBalance(draft: Draft): void {
  const listings = inOrder(draft).filter((listing) => mayReceive(draft.target, listing));
  if (listings.length === 0 || draft.ledgerUnits < plentyUnitsPerStore * listings.length) return;
  if (draft.operations.some(({ kind }) => kind === "take")) return;

  const shown = listings.map((listing) => effectiveUnits(draft, listing));
  const quotas = allocate(draft.ledgerUnits, weightsOf(draft, listings));
  const isSomeoneNeedy = quotas.some(
    (quota, index) => quota > 0 && (shown[index] ?? 0) <= quota * needyShare,
  );
  if (!isSomeoneNeedy) return;

  const surpluses = quotas.map((quota, index) => (shown[index] ?? 0) - quota);
  const donorIndex = surpluses.indexOf(Math.max(...surpluses));
  const donor = listings[donorIndex];
  const movedUnits = Math.floor((surpluses[donorIndex] ?? 0) / 2);
  if (donor && movedUnits >= 1) addToPlan(draft, donor, -movedUnits);
}

function deficitUnits(draft: Draft, listing: DraftListing): number {
  const outstandingUnits = operationsOf(draft, listing, "dispatched", "draining")
    .filter(({ kind }) => kind === "take")
    .reduce((sum, { units }) => sum + units, 0);
  const repairingUnits = operationsOf(draft, listing, "planned", "dispatched").reduce(
    (sum, operation) => sum + operation.repairUnits,
    0,
  );
  return Math.max(0, -listing.expectedUnits - outstandingUnits - repairingUnits);
}

function addToPlan(draft: Draft, listing: DraftListing, deltaUnits: number): void {
  const plannedUnits = effectiveUnits(draft, listing) - dispatchedUnits(draft, listing);
  planDelta(draft, listing, plannedUnits + deltaUnits);
}

/** By the merchant's priority, then by id, so that every process decides the same. */
function inOrder(draft: Draft): readonly DraftListing[] {
  return [...draft.listings].sort(
    (one, other) => one.priority - other.priority || (one.id < other.id ? -1 : 1),
  );
}

/** What sold lately draws units; every store counts for one unit more, so that none is left out. */
function weightsOf(draft: Draft, listings: readonly DraftListing[]): readonly number[] {
  return listings.map((listing) => 1 + decayedDemand(listing, draft.nowMs));
}
