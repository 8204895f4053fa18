import { recordEvents } from "../loop/record-event.ts";
import type { Runtime } from "../loop/runtime.ts";
import { createShop, findShopListings, lockShop, reopenShop } from "../models/shop.ts";
import type { Shop, ShopDetails } from "../models/shop.ts";

export type InstalledShop = {
  readonly shop: Shop;
  /** Pools that have something to process, because the shop came back. */
  readonly poolIds: readonly string[];
};

/**
 * Notes that a shop installed the app, or visited it with a new token. A new shop gets an account of
 * its own; one that was away returns to its account, and its listings take part again. Idempotent.
 */
export function installShop(
  runtime: Pick<Runtime, "database">,
  details: ShopDetails,
): Promise<InstalledShop> {
  return runtime.database.withTransaction(async (tx) => {
    const found = await lockShop(tx, details.domain);
    if (found === null) return { shop: await createShop(tx, details), poolIds: [] };

    const shop = await reopenShop(tx, found, details);
    if (found.status === "installed") return { shop, poolIds: [] };

    const listings = await findShopListings(tx, shop);
    // `guarded` too: the event that closed it may be waiting still, and this one comes after it.
    const closed = listings.filter(({ guard }) => guard === "closed" || guard === "guarded");
    const poolIds = await recordEvents(
      tx,
      closed.map((listing) => ({
        accountId: shop.accountId,
        shopId: shop.id,
        poolId: listing.poolId,
        listingId: listing.id,
        eventKey: `installed:${shop.domain}:${shop.installedAt.getTime()}:${listing.id}`,
        event: { kind: "guard-changed", listingId: listing.id, guard: "guarded" },
        triggeredAtMs: shop.installedAt.getTime(),
      })),
    );
    return { shop, poolIds };
  });
}
