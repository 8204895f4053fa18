import type { Reader, Tx } from "../db.server.ts";
import type { Guard } from "../domain/pool/guard.ts";

export type ShopStatus = "installed" | "uninstalled" | "revoked";

export type Shop = {
  readonly id: string;
  readonly accountId: string;
  readonly domain: string;
  readonly name: string;
  readonly plan: string;
  readonly status: ShopStatus;
  readonly installedAt: Date;
};

export type ShopDetails = {
  readonly domain: string;
  readonly name: string;
  readonly plan: string;
  /** Comma separated, as the token has them. */
  readonly scopes: string;
};

/** A listing with what an event about its shop needs. */
export type ShopListing = {
  readonly id: string;
  readonly poolId: string;
  readonly guard: Guard;
};

const shopFields = {
  id: true,
  accountId: true,
  domain: true,
  name: true,
  plan: true,
  status: true,
  installedAt: true,
} as const;

/** A shop by its domain, which is how Shopify names it; null where it never installed the app. */
export async function findShop(reader: Reader, domain: string): Promise<Shop | null> {
  const shop = await reader.shop.findUnique({ where: { domain }, select: shopFields });
  return shop && toShop(shop);
}

/** Keeps installing, closing and erasing one shop apart until the transaction ends. */
export async function lockShop(tx: Tx, domain: string): Promise<Shop | null> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`shop ${domain}`}, 0))`;
  return findShop(tx, domain);
}

/** A shop that installs for the first time starts an account of its own. */
export async function createShop(tx: Tx, details: ShopDetails): Promise<Shop> {
  const account = await tx.account.create({ data: {} });
  const shop = await tx.shop.create({
    data: { ...details, accountId: account.id },
    select: shopFields,
  });
  return toShop(shop);
}

/** Notes that the app is installed, and what the shop is called by now. */
export async function reopenShop(tx: Tx, shop: Shop, details: ShopDetails): Promise<Shop> {
  const isComingBack = shop.status !== "installed";
  const reopened = await tx.shop.update({
    where: { id: shop.id },
    data: {
      name: details.name,
      plan: details.plan,
      scopes: details.scopes,
      status: "installed",
      uninstalledAt: null,
      ...(isComingBack && { installedAt: new Date() }),
    },
    select: shopFields,
  });
  return toShop(reopened);
}

export async function markUninstalled(tx: Tx, shop: Shop): Promise<void> {
  await tx.shop.update({
    where: { id: shop.id },
    data: { status: "uninstalled", uninstalledAt: new Date() },
  });
}

export async function setShopScopes(tx: Tx, shop: Shop, scopes: string): Promise<void> {
  await tx.shop.update({ where: { id: shop.id }, data: { scopes } });
}

/** Everything that the shop sells of pools, by id. */
export async function findShopListings(
  reader: Reader,
  shop: Shop,
): Promise<readonly ShopListing[]> {
  const listings = await reader.listing.findMany({
    where: { shopId: shop.id, accountId: shop.accountId },
    select: { id: true, poolId: true, guard: true },
    orderBy: { id: "asc" },
  });
  return listings.map((listing) => ({ ...listing, guard: listing.guard as Guard }));
}

/**
 * Erases what is kept of a shop that left. The last shop of an account takes everything of the account
 * with it, the ledger included. Where others go on selling the same stock, its rows stay, because the
 * units are accounted by them, and lose every name by which the shop could be told.
 */
export async function eraseShop(tx: Tx, shop: Shop): Promise<void> {
  const otherCount = await tx.shop.count({
    where: { accountId: shop.accountId, id: { not: shop.id } },
  });
  if (otherCount === 0) await eraseAccount(tx, shop.accountId);
  else await eraseNames(tx, shop);
}

async function eraseAccount(tx: Tx, accountId: string): Promise<void> {
  await tx.$executeRaw`SELECT erase_account_ledger(${accountId}::uuid)`;
  await tx.inboxEvent.deleteMany({ where: { accountId } });
  await tx.dispatch.deleteMany({ where: { accountId } });
  await tx.account.delete({ where: { id: accountId } });
}

async function eraseNames(tx: Tx, shop: Shop): Promise<void> {
  await tx.shop.update({
    where: { id: shop.id },
    data: {
      // No shop can have this name; a new installation starts anew.
      domain: `${shop.id}.invalid`,
      name: "Erased store",
      plan: "",
      scopes: "",
      status: "uninstalled",
    },
  });
  await tx.member.updateMany({
    where: { shopId: shop.id, accountId: shop.accountId },
    data: { locationName: "Erased location" },
  });
  // Their keys name the shop. One that waits still changes a pool.
  await tx.inboxEvent.deleteMany({
    where: {
      shopId: shop.id,
      OR: [{ processedAt: { not: null } }, { deadLetterReason: { not: null } }],
    },
  });
}

function toShop<Row extends { readonly status: string }>(row: Row) {
  return { ...row, status: row.status as ShopStatus };
}

/** Shopify refuses the shop's token: nothing is sent to it until it is opened again. */
export async function markShopRevoked(tx: Tx, shopId: string): Promise<void> {
  await tx.shop.updateMany({
    where: { id: shopId, status: "installed" },
    data: { status: "revoked" },
  });
}
