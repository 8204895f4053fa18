import type { MemberStock } from "./group-stock.ts";

/** What a pool holds when it opens: the merchant says which number is right. */
export type OpeningCount =
  /** The stores had separate stock so far: all of it together. */
  | { readonly kind: "sum" }
  /** The stores mirrored one stock so far: the lowest level promises nothing twice. */
  | { readonly kind: "minimum" }
  /** One store's level is right. */
  | { readonly kind: "store"; readonly shopDomain: string }
  /** Counted by hand. */
  | { readonly kind: "typed"; readonly units: number };

/**
 * @param members those that carry the SKU, at least one.
 * @returns whole units, at least 0; or null when the store that should be right has no level of it.
 */
export function countOpeningUnits(
  count: OpeningCount,
  sku: string,
  members: readonly MemberStock[],
): number | null {
  switch (count.kind) {
    case "sum":
      return sellable(levelsOf(members, sku).reduce((sum, units) => sum + units, 0));
    case "minimum":
      return sellable(
        levelsOf(members, sku).reduce((low, units) => Math.min(low, units), Infinity),
      );
    case "store": {
      const levels = levelsOf(
        members.filter(({ shop }) => shop.domain === count.shopDomain),
        sku,
      );
      return levels.length > 0 ? sellable(levels.reduce((sum, units) => sum + units, 0)) : null;
    }
    case "typed":
      return sellable(count.units);
  }
}

/** Members where the item is not stocked have no level, and say nothing about the count. */
function levelsOf(members: readonly MemberStock[], sku: string): readonly number[] {
  return members.flatMap(({ listings }) => listings.get(sku)?.level?.units ?? []);
}

function sellable(units: number): number {
  return Number.isFinite(units) ? Math.max(0, units) : 0;
}
