import { randomUUID } from "node:crypto";

import type { Database } from "#app/db.server.ts";
import type { BalanceTerms } from "#app/domain/pool/balance.ts";
import { openPool } from "#app/domain/pool/opening.ts";
import type { Protection } from "#app/domain/pool/protection.ts";
import { insertPool } from "#app/models/pool.ts";

/** A group over stores of one account, as the tests know it. */
export type BuiltGroup = {
  readonly accountId: string;
  readonly groupId: string;
  readonly poolId: string;
  readonly listings: readonly BuiltListing[];
};

export type BuiltListing = {
  readonly id: string;
  readonly shopId: string;
  readonly domain: string;
  readonly locationId: string;
  readonly inventoryItemId: string;
  readonly variantId: string;
};

/**
 * Writes a group with one pool into the database, its pool opened as the app does it: stores show
 * `levels`, and there are `openingUnits`.
 */
export async function buildGroup(
  database: Database,
  wanted: {
    readonly protection: Protection;
    readonly openingUnits: number;
    readonly levels: readonly number[];
    readonly drainMs?: number;
    readonly balanceTerms?: BalanceTerms;
  },
): Promise<BuiltGroup> {
  const unique = randomUUID().slice(0, 8);
  const numbers = wanted.levels.map((_level, index) => index + 1);
  return database.withTransaction(async (tx) => {
    const account = await tx.account.create({ data: {} });
    const group = await tx.locationGroup.create({
      data: {
        accountId: account.id,
        name: `Group ${unique}`,
        protection: wanted.protection,
        drainMs: wanted.drainMs ?? 0,
      },
    });
    const listings: (BuiltListing & { readonly memberId: string })[] = [];
    for (const number of numbers) {
      const domain = `store-${unique}-${number}.myshopify.com`;
      const shop = await tx.shop.create({
        data: {
          accountId: account.id,
          domain,
          name: `Store ${number}`,
          plan: "standard",
          scopes: "",
        },
      });
      const locationId = `gid://shopify/Location/${number}`;
      const member = await tx.member.create({
        data: {
          accountId: account.id,
          groupId: group.id,
          shopId: shop.id,
          locationId,
          locationName: "Warehouse",
          priority: number,
        },
      });
      listings.push({
        id: randomUUID(),
        memberId: member.id,
        shopId: shop.id,
        domain,
        locationId,
        inventoryItemId: `gid://shopify/InventoryItem/${number}`,
        variantId: `gid://shopify/ProductVariant/${number}`,
      });
    }
    const opened = openPool({
      id: randomUUID(),
      protection: wanted.protection,
      openingUnits: wanted.openingUnits,
      drainMs: wanted.drainMs ?? 0,
      nowMs: Date.now(),
      ...(wanted.balanceTerms ? { balanceTerms: wanted.balanceTerms } : {}),
      listings: listings.map(({ id }, index) => ({
        id,
        levelUnits: wanted.levels[index] ?? 0,
        levelAtMs: 0,
        priority: index + 1,
        guard: "guarded",
      })),
    });
    await insertPool(tx, opened, {
      accountId: account.id,
      groupId: group.id,
      sku: "SKU-1",
      title: "Product",
      listings,
    });
    return { accountId: account.id, groupId: group.id, poolId: opened.pool.id, listings };
  });
}
