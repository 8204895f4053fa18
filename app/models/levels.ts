import { Prisma } from "@prisma/client";

import type { Reader } from "../db.server.ts";
import type { Guard } from "../domain/pool/guard.ts";

/** A listing whose level is to be read, and what must be known of it before the read is sent. */
export type ListingToRead = {
  readonly accountId: string;
  readonly poolId: string;
  readonly listingId: string;
  readonly shopId: string;
  readonly shopDomain: string;
  readonly locationId: string;
  readonly inventoryItemId: string;
  readonly revision: number;
  readonly switchNumber: number;
  readonly expectedUnits: number;
  readonly guard: Guard;
};

const columns = Prisma.sql`
  l.account_id AS "accountId", l.pool_id AS "poolId", l.id AS "listingId", l.shop_id AS "shopId",
  s.domain AS "shopDomain", l.location_id AS "locationId", l.inventory_item_id AS "inventoryItemId",
  l.revision, p.switch_number AS "switchNumber", l.expected_units AS "expectedUnits",
  l.guard`;

const tables = Prisma.sql`
  listing l JOIN pool p ON p.id = l.pool_id JOIN shop s ON s.id = l.shop_id`;

/** A level can be read and says something: the store is there, and nothing of the listing is out. */
const isReadable = Prisma.sql`
  s.status = 'installed' AND l.guard IN ('guarded', 'continues-selling', 'disconnected')
  AND NOT EXISTS (SELECT FROM quota_operation out
    WHERE out.listing_id = l.id AND out.state = 'dispatched')`;

/** Listings whose read is due, the longest due first. */
export function findDueReads(
  reader: Reader,
  listingsMax: number,
): Promise<readonly ListingToRead[]> {
  return reader.$queryRaw<ListingToRead[]>`
    SELECT ${columns} FROM ${tables}
    WHERE l.read_due_at <= clock_timestamp() AND ${isReadable}
    ORDER BY l.read_due_at LIMIT ${listingsMax}`;
}

export function findListingsToRead(
  reader: Reader,
  listingIds: readonly string[],
): Promise<readonly ListingToRead[]> {
  return reader.$queryRaw<ListingToRead[]>`
    SELECT ${columns} FROM ${tables}
    WHERE l.id = ANY(${[...listingIds]}::uuid[]) AND s.status = 'installed'`;
}

/** A page of a shop's listings in the order of their ids, for a sweep. */
export function pageOfListings(
  reader: Reader,
  shopId: string,
  afterListingId: string | null,
  listingsMax: number,
): Promise<readonly ListingToRead[]> {
  const after = afterListingId ? Prisma.sql`AND l.id > ${afterListingId}::uuid` : Prisma.empty;
  return reader.$queryRaw<ListingToRead[]>`
    SELECT ${columns} FROM ${tables}
    WHERE l.shop_id = ${shopId}::uuid ${after} AND ${isReadable}
    ORDER BY l.id LIMIT ${listingsMax}`;
}

/** Shops whose levels can be read. */
export async function findShopsToSweep(reader: Reader): Promise<readonly string[]> {
  const shops = await reader.$queryRaw<{ id: string }[]>`
    SELECT id FROM shop s WHERE s.status = 'installed'
      AND EXISTS (SELECT FROM listing l WHERE l.shop_id = s.id) ORDER BY id`;
  return shops.map(({ id }) => id);
}

export type DrainingTake = {
  readonly poolId: string;
  readonly operationNumber: number;
  readonly listingId: string;
  readonly shopId: string;
  readonly drainMs: number;
  readonly target: "quotas" | "mirror";
};

/** All takes that drain now, in stores that can be read. */
export function findDrainingTakes(reader: Reader): Promise<readonly DrainingTake[]> {
  return reader.$queryRaw<DrainingTake[]>`
    SELECT o.pool_id AS "poolId", o.number AS "operationNumber", o.listing_id AS "listingId",
      o.shop_id AS "shopId", p.drain_ms AS "drainMs", p.target
    FROM quota_operation o JOIN pool p ON p.id = o.pool_id JOIN shop s ON s.id = o.shop_id
    WHERE o.state = 'draining' AND s.status = 'installed'`;
}
