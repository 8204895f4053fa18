import { randomUUID } from "node:crypto";

import type { BalanceTerms } from "../domain/pool/balance.ts";
import type { Guard } from "../domain/pool/guard.ts";
import { openPool } from "../domain/pool/opening.ts";
import type { Protection } from "../domain/pool/protection.ts";
import type { StepResult } from "../domain/pool/step.ts";
import type { PlacedListing } from "../models/pool.ts";

import type { MemberStock } from "./group-stock.ts";
import { countOpeningUnits } from "./opening-count.ts";
import type { OpeningCount } from "./opening-count.ts";
import type { ShopListing } from "./ports.ts";

export type PlannedPool = {
  readonly sku: string;
  readonly title: string;
  readonly opening: StepResult;
  readonly listings: readonly PlacedListing[];
};

/** Members come with the id and priority that they get in the group. */
export type PlannedMember = MemberStock & { readonly id: string; readonly priority: number };

/**
 * Opens the pool of one SKU over the members that carry it.
 *
 * @returns the pool, or a sentence that says why there can be none.
 */
export function planPool(
  sku: string,
  members: readonly PlannedMember[],
  terms: {
    readonly protection: Protection;
    readonly drainMs: number;
    readonly balanceTerms: BalanceTerms;
    readonly openingCount: OpeningCount;
    readonly nowMs: number;
  },
): PlannedPool | string {
  const sellers = members.flatMap((member) => {
    const listing = member.listings.get(sku);
    return listing ? [{ member, listing, id: randomUUID() }] : [];
  });
  const [first] = sellers;
  if (!first) return `No store of the group has a product with the SKU ${sku}.`;
  if (new Set(sellers.map(({ member }) => member.shop.id)).size < 2) {
    return `Only ${first.member.shop.domain} has the SKU ${sku}: there is no other store to share it with.`;
  }
  const openingUnits = countOpeningUnits(
    terms.openingCount,
    sku,
    sellers.map(({ member }) => member),
  );
  if (openingUnits === null)
    return `The store that should be right about ${sku} does not stock it.`;

  const opening = openPool({
    id: randomUUID(),
    protection: terms.protection,
    drainMs: terms.drainMs,
    balanceTerms: terms.balanceTerms,
    nowMs: terms.nowMs,
    openingUnits,
    listings: sellers.map(({ id, member, listing }) => ({
      id,
      levelUnits: listing.level?.units ?? 0,
      levelAtMs: listing.level?.atMs ?? terms.nowMs,
      priority: member.priority,
      guard: guardOf(listing),
    })),
  });
  const listings = sellers.map(({ id, member, listing }) => ({
    id,
    memberId: member.id,
    shopId: member.shop.id,
    locationId: member.location.id,
    inventoryItemId: listing.inventoryItemId,
    variantId: listing.variantId,
  }));
  return { sku, title: first.listing.title, opening, listings };
}

function guardOf(listing: ShopListing): Guard {
  if (!listing.isTracked) return "untracked";
  if (listing.level === null) return "disconnected";
  return listing.continuesSelling ? "continues-selling" : "guarded";
}
