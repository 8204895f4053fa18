import type { Reader, Tx } from "../db.server.ts";

export type AccountShop = {
  readonly id: string;
  readonly accountId: string;
  readonly domain: string;
  readonly name: string;
  readonly status: string;
};

/** A shop with what decides whether it can move to another account. */
export type MovableShop = AccountShop & {
  /** Locations of it that belong to groups: they tie it to its account. */
  readonly memberCount: number;
};

/** The shops of one account, by domain; those of others are not found. */
export function findAccountShops(
  reader: Reader,
  accountId: string,
  domains: readonly string[],
): Promise<readonly AccountShop[]> {
  return reader.shop.findMany({
    where: { accountId, domain: { in: [...domains] } },
    select: { id: true, accountId: true, domain: true, name: true, status: true },
  });
}

/**
 * Locks shops of any account against joining a group or moving elsewhere until the transaction ends.
 * In the order of their domains, so that two linkings cannot wait for each other.
 */
export async function lockShopsToMove(
  tx: Tx,
  domains: readonly string[],
): Promise<readonly MovableShop[]> {
  await tx.$queryRaw`
    SELECT "id" FROM "shop" WHERE "domain" = ANY(${[...domains]}) ORDER BY "domain" FOR UPDATE`;
  const shops = await tx.shop.findMany({
    where: { domain: { in: [...domains] } },
    select: {
      id: true,
      accountId: true,
      domain: true,
      name: true,
      status: true,
      _count: { select: { members: true } },
    },
    orderBy: { domain: "asc" },
  });
  return shops.map(({ _count, ...shop }) => ({ ...shop, memberCount: _count.members }));
}

/** Moves shops to an account, and removes the accounts that hold nothing any more. */
export async function moveShops(
  tx: Tx,
  accountId: string,
  shops: readonly AccountShop[],
): Promise<void> {
  await tx.shop.updateMany({
    where: { id: { in: shops.map(({ id }) => id) } },
    data: { accountId },
  });
  await tx.account.deleteMany({
    where: {
      id: { in: shops.map((shop) => shop.accountId), not: accountId },
      shops: { none: {} },
      groups: { none: {} },
    },
  });
}
