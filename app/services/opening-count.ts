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
  const levels = members.flatMap(({ listings }) => listings.get(sku)?.level?.units ?? []);
  switch (count.kind) {
    case "sum":
      return Math.max(
        0,
        levels.reduce((sum, units) => sum + units, 0),
      );
    case "minimum":
      return Math.max(0, Math.min(...levels, Number.MAX_SAFE_INTEGER === 0 ? 0 : (levels[0] ?? 0)));
    case "store":
      return storeLevel(count.shopDomain, sku, members);
    case "typed":
      return count.units;
  }
}
