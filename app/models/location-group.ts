import { defaultBalanceTerms } from "../domain/pool/balance.ts";
import type { BalanceTerms } from "../domain/pool/balance.ts";
import type { Protection } from "../domain/pool/protection.ts";
import type { Reader, Tx } from "../db.server.ts";

export type NewMember = {
  readonly id: string;
  readonly shopId: string;
  readonly locationId: string;
  readonly locationName: string;
  /** Lower is served first. */
  readonly priority: number;
};

export type NewGroup = {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly protection: Protection;
  readonly drainMs: number;
  readonly balanceTerms: BalanceTerms;
  readonly members: readonly NewMember[];
};

export type ExistingGroup = {
  readonly id: string;
  readonly protection: string;
  readonly drainMs: number;
  readonly balanceTerms: BalanceTerms;
  readonly members: readonly { readonly shopId: string; readonly locationId: string }[];
  readonly skus: readonly string[];
};

/** Null when the account has no group of that name. */
export async function findGroupByName(
  reader: Reader,
  accountId: string,
  name: string,
): Promise<ExistingGroup | null> {
  const group = await reader.locationGroup.findUnique({
    where: { accountId_name: { accountId, name } },
    select: {
      id: true,
      protection: true,
      drainMs: true,
      balanceTerms: true,
      members: { select: { shopId: true, locationId: true } },
      pools: { select: { sku: true } },
    },
  });
  if (!group) return null;
  const { pools, balanceTerms, ...rest } = group;
  return {
    ...rest,
    balanceTerms: { ...defaultBalanceTerms, ...(balanceTerms as Partial<BalanceTerms> | null) },
    skus: pools.map(({ sku }) => sku),
  };
}

/** Writes a group and its members; its pools follow in the same transaction. */
export async function insertGroup(tx: Tx, group: NewGroup): Promise<void> {
  const { id, accountId, name, protection, drainMs, balanceTerms } = group;
  await tx.locationGroup.create({
    data: { id, accountId, name, protection, drainMs, balanceTerms },
  });
  await tx.member.createMany({
    data: group.members.map((member) => ({ ...member, accountId, groupId: id })),
  });
}

/** Keeps two groupings of one account from happening at once, until the transaction ends. */
export async function lockAccount(tx: Tx, accountId: string): Promise<void> {
  await tx.$queryRaw`SELECT "id" FROM "account" WHERE "id" = ${accountId}::uuid FOR NO KEY UPDATE`;
}

export type TakenListing = {
  readonly shopId: string;
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly groupName: string;
};

/**
 * Which of the account's groups already share one of these items at one of these locations: one item
 * at one location belongs to one pool at most, or two would answer for the same units.
 */
export function findTakenListings(
  reader: Reader,
  accountId: string,
  listings: readonly Omit<TakenListing, "groupName">[],
): Promise<readonly TakenListing[]> {
  return reader.$queryRaw<TakenListing[]>`
    SELECT listing."shop_id" AS "shopId", listing."inventory_item_id" AS "inventoryItemId",
           listing."location_id" AS "locationId", location_group."name" AS "groupName"
      FROM unnest(
             ${listings.map(({ shopId }) => shopId)}::uuid[],
             ${listings.map(({ inventoryItemId }) => inventoryItemId)}::text[],
             ${listings.map(({ locationId }) => locationId)}::text[]
           ) AS wanted ("shop_id", "inventory_item_id", "location_id")
      JOIN "listing" USING ("shop_id", "inventory_item_id", "location_id")
      JOIN "pool" ON pool."id" = listing."pool_id"
      JOIN "location_group" ON location_group."id" = pool."group_id"
     WHERE listing."account_id" = ${accountId}::uuid`;
}
