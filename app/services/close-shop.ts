import { recordEvents } from "../loop/record-event.ts";
import type { Runtime } from "../loop/runtime.ts";
import { deleteSessions, setSessionScope } from "../models/session.ts";
import {
  eraseShop,
  findShopListings,
  lockShop,
  markUninstalled,
  setShopScopes,
} from "../models/shop.ts";

import type { GenuineWebhook } from "./verify-webhook.ts";

export type ShopOutcome =
  | { readonly kind: "recorded"; readonly poolIds: readonly string[] }
  | { readonly kind: "unknown-shop" };

type NeedsDatabase = Pick<Runtime, "database">;

/**
 * The shop removed the app: its tokens go, and its listings can be neither read nor written any more.
 *
 * Shopify tells this up to hours late; a shop that has come back since stays as it is.
 */
export function closeShop(runtime: NeedsDatabase, webhook: GenuineWebhook): Promise<ShopOutcome> {
  return runtime.database.withTransaction(async (tx) => {
    const shop = await lockShop(tx, webhook.shopDomain);
    if (shop === null) return { kind: "unknown-shop" };
    const { triggeredAtMs } = webhook;
    const isOutdated = triggeredAtMs !== null && triggeredAtMs < shop.installedAt.getTime();
    if (isOutdated) return { kind: "recorded", poolIds: [] };

    await markUninstalled(tx, shop);
    await deleteSessions(tx, shop.domain);
    const listings = await findShopListings(tx, shop);
    const poolIds = await recordEvents(
      tx,
      listings.map((listing) => ({
        accountId: shop.accountId,
        shopId: shop.id,
        poolId: listing.poolId,
        listingId: listing.id,
        eventKey: `webhook:${shop.domain}:app/uninstalled:${webhook.webhookId}:${listing.id}`,
        event: { kind: "guard-changed", listingId: listing.id, guard: "closed" },
        triggeredAtMs,
      })),
    );
    return { kind: "recorded", poolIds };
  });
}

/**
 * Erases what is kept of a shop, 48 hours after it removed the app. One that is not known has been
 * erased already, or has nothing here: both are done.
 */
export function redactShop(runtime: NeedsDatabase, webhook: GenuineWebhook): Promise<ShopOutcome> {
  return runtime.database.withTransaction(async (tx) => {
    const shop = await lockShop(tx, webhook.shopDomain);
    // A shop that has come back goes on; Shopify asks again 48 hours after it leaves for good.
    if (shop === null || shop.status === "installed") return { kind: "recorded", poolIds: [] };
    await deleteSessions(tx, shop.domain);
    await eraseShop(tx, shop);
    return { kind: "recorded", poolIds: [] };
  });
}

/** The shop granted or withdrew access scopes. */
export function changeScopes(
  runtime: NeedsDatabase,
  webhook: GenuineWebhook,
  scopes: readonly string[],
): Promise<ShopOutcome> {
  return runtime.database.withTransaction(async (tx) => {
    const shop = await lockShop(tx, webhook.shopDomain);
    if (shop === null) return { kind: "unknown-shop" };
    await setShopScopes(tx, shop, scopes.join(","));
    await setSessionScope(tx, shop.domain, scopes.join(","));
    return { kind: "recorded", poolIds: [] };
  });
}
