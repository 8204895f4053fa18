import type { AccountShop } from "../models/account.ts";

import type { ShopListing, ShopLocation, ShopifyCatalog } from "./ports.ts";

/** Where a group is to sell: a shop, and one of its locations by its gid or its name. */
export type WantedMember = { readonly shopDomain: string; readonly location: string };

/** One location of a group, with what it sells of the group's products. */
export type MemberStock = {
  readonly shop: AccountShop;
  readonly location: ShopLocation;
  /** By SKU; products that the shop does not carry are absent. */
  readonly listings: ReadonlyMap<string, ShopListing>;
};

export type GroupStock =
  | { readonly kind: "found"; readonly members: readonly MemberStock[] }
  | { readonly kind: "refused"; readonly reason: string };

/** Many shops answer at once, and a large account does not open a thousand connections. */
const shopsAtOnce = 20;

/** Asks every store of a group for the location that is meant and for its levels, in the members' order. */
export async function findGroupStock(
  catalog: ShopifyCatalog,
  shops: ReadonlyMap<string, AccountShop>,
  wanted: { readonly members: readonly WantedMember[]; readonly skus: readonly string[] },
): Promise<GroupStock> {
  const members: MemberStock[] = [];
  for (let first = 0; first < wanted.members.length; first += shopsAtOnce) {
    const answers = await Promise.all(
      wanted.members
        .slice(first, first + shopsAtOnce)
        .map((member) => findMemberStock(catalog, shops, member, wanted.skus)),
    );
    for (const answer of answers) {
      if (typeof answer === "string") return { kind: "refused", reason: answer };
      members.push(answer);
    }
  }
  const twice = findRepeatedLocation(members);
  return twice === null ? { kind: "found", members } : { kind: "refused", reason: twice };
}

/** @returns the member's stock, or a sentence that says why it cannot be a member. */
async function findMemberStock(
  catalog: ShopifyCatalog,
  shops: ReadonlyMap<string, AccountShop>,
  { shopDomain, location: wantedLocation }: WantedMember,
  skus: readonly string[],
): Promise<MemberStock | string> {
  const shop = shops.get(shopDomain);
  if (!shop) return `${shopDomain} is not a store of this account.`;
  if (shop.status !== "installed") return `${shopDomain} has uninstalled the app.`;

  const locations = await catalog.findLocations(shopDomain);
  if (locations.kind === "unreachable") return locations.reason;
  const named = locations.found.filter(
    ({ id, name }) => id === wantedLocation || name === wantedLocation,
  );
  const location = named.find(({ isActive }) => isActive);
  if (!location) {
    return named.length > 0
      ? `The location ${wantedLocation} of ${shopDomain} is not active.`
      : `${shopDomain} has no location ${wantedLocation}.`;
  }
  const listings = await catalog.findListings({ shopDomain, locationId: location.id, skus });
  if (listings.kind === "unreachable") return listings.reason;

  const bySku = new Map<string, ShopListing>();
  for (const listing of listings.found) {
    if (bySku.has(listing.sku)) {
      return `${shopDomain} has several variants with the SKU ${listing.sku}; it must be unique there.`;
    }
    bySku.set(listing.sku, listing);
  }
  return { shop, location, listings: bySku };
}

function findRepeatedLocation(members: readonly MemberStock[]): string | null {
  const seen = new Set<string>();
  for (const { shop, location } of members) {
    const key = `${shop.id} ${location.id}`;
    if (seen.has(key)) return `The location ${location.name} of ${shop.domain} is named twice.`;
    seen.add(key);
  }
  return null;
}
