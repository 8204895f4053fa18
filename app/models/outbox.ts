import { Prisma } from "@prisma/client";

import type { Reader, Tx } from "../db.server.ts";
import type { PackableOperation, PackedDispatch } from "../domain/dispatch/packing.ts";

/** One line of a dispatch, as it is stored and sent. */
export type DispatchLine = {
  readonly poolId: string;
  readonly operationNumber: number;
  readonly listingId: string;
  readonly inventoryItemId: string;
  readonly deltaUnits: number;
};

export type StoredDispatch = {
  readonly id: string;
  readonly accountId: string;
  readonly shopId: string;
  readonly shopDomain: string;
  readonly locationId: string;
  readonly lines: readonly DispatchLine[];
  readonly createdAtMs: number;
};

/**
 * How long a claim holds without being renewed. A process that died is noticed at once, by its
 * presence; this is for one that is there and does not move.
 */
export const claimMs = 30_000;

/**
 * What of these shops may be sent now, as of one moment: planned operations of reachable listings with
 * nothing out. Their pools stay locked until the transaction ends; a pool that another process is
 * working on is left to that process, which looks here itself when it has committed.
 *
 * @param operationsMax how many at most, the most urgent first.
 */
export async function lockPackable(
  tx: Tx,
  shopIds: readonly string[],
  operationsMax: number,
): Promise<readonly PackableOperation[]> {
  const pools = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM pool WHERE id IN (
      SELECT o.pool_id FROM quota_operation o
      WHERE o.state = 'planned' AND o.shop_id = ANY(${[...shopIds]}::uuid[])
      ORDER BY o.urgency, o.planned_at LIMIT ${operationsMax})
    ORDER BY id FOR UPDATE SKIP LOCKED`;
  if (pools.length === 0) return [];
  return tx.$queryRaw<PackableOperation[]>`
    SELECT o.pool_id AS "poolId", o.number, o.listing_id AS "listingId", o.shop_id AS "shopId",
      l.location_id AS "locationId", l.inventory_item_id AS "inventoryItemId",
      CASE o.kind WHEN 'take' THEN -o.units ELSE o.units END AS "deltaUnits", o.urgency
    FROM quota_operation o
    JOIN listing l ON l.id = o.listing_id
    JOIN shop s ON s.id = o.shop_id
    WHERE o.state = 'planned' AND o.shop_id = ANY(${[...shopIds]}::uuid[])
      AND o.pool_id = ANY(${pools.map(({ id }) => id)}::uuid[])
      AND l.guard IN ('guarded', 'continues-selling') AND s.status = 'installed'
      AND NOT EXISTS (SELECT FROM quota_operation out
        WHERE out.listing_id = o.listing_id AND out.state = 'dispatched')
    ORDER BY o.urgency, o.planned_at LIMIT ${operationsMax}`;
}

/**
 * Writes dispatches before anything of them is sent, claimed by this process: from here on their
 * content never changes, and the pools' versions and the listings' revisions have moved on.
 */
export async function insertDispatches(
  tx: Tx,
  packed: readonly (PackedDispatch & { readonly id: string })[],
  processId: string,
): Promise<readonly StoredDispatch[]> {
  const lines = packed.flatMap(({ id, lines }) => lines.map((line) => ({ ...line, id })));
  const rows = packed.map((dispatch) => ({
    id: dispatch.id,
    shopId: dispatch.shopId,
    locationId: dispatch.locationId,
    lines: dispatch.lines.map(toLine),
  }));
  return tx.$queryRaw<StoredDispatch[]>`
    WITH operations AS (
      UPDATE quota_operation o SET state = 'dispatched', dispatch_id = n.id
      FROM jsonb_to_recordset(${json(lines)}) AS n(id uuid, "poolId" uuid, number int)
      WHERE o.pool_id = n."poolId" AND o.number = n.number),
    listings AS (
      UPDATE listing SET revision = revision + 1
      WHERE id IN (SELECT n."listingId" FROM jsonb_to_recordset(${json(lines)}) AS n("listingId" uuid))),
    pools AS (
      UPDATE pool SET version = version + 1
      WHERE id IN (SELECT n."poolId" FROM jsonb_to_recordset(${json(lines)}) AS n("poolId" uuid))),
    written AS (
      INSERT INTO dispatch (id, account_id, shop_id, location_id, lines, state, attempts, claimed_by,
        claimed_until)
      SELECT n.id, s.account_id, n."shopId", n."locationId", n.lines, 'sent', 1, ${processId},
        clock_timestamp() + ${claimMs} * interval '1 millisecond'
      FROM jsonb_to_recordset(${json(rows)}) AS n(id uuid, "shopId" uuid, "locationId" text, lines jsonb)
      JOIN shop s ON s.id = n."shopId"
      RETURNING *)
    ${selectDispatches("written")}`;
}

/** Notes another attempt and renews the claim; false if another process has taken the dispatch over. */
export async function renewClaim(
  reader: Reader,
  dispatchId: string,
  processId: string,
): Promise<boolean> {
  const renewed = await reader.$executeRaw`
    UPDATE dispatch SET attempts = attempts + 1,
      claimed_until = clock_timestamp() + ${claimMs} * interval '1 millisecond'
    WHERE id = ${dispatchId}::uuid AND state = 'sent' AND claimed_by = ${processId}`;
  return renewed > 0;
}

/** Who asks for dispatches that nobody sends. */
export type Claimant = {
  readonly processId: string;
  /** What it is sending. */
  readonly sendingIds: readonly string[];
};

/**
 * How long a process may take from writing a dispatch to sending it. One that is its own and older, and
 * is not being sent, was committed without its knowledge: the connection broke at the commit.
 */
const unsentMs = 1_000;

/**
 * Claims dispatches that nobody sends: of processes that are not among the living, with claims that ran
 * out, and the claimant's own that it does not know of.
 */
export async function takeOverDispatches(
  reader: Reader,
  { processId, sendingIds }: Claimant,
  livingIds: readonly string[],
  dispatchesMax: number,
): Promise<readonly StoredDispatch[]> {
  return reader.$queryRaw<StoredDispatch[]>`
    WITH taken AS (
      UPDATE dispatch SET claimed_by = ${processId}, attempts = attempts + 1,
        claimed_until = clock_timestamp() + ${claimMs} * interval '1 millisecond'
      WHERE id IN (SELECT id FROM dispatch
        WHERE state = 'sent' AND id <> ALL(${[...sendingIds]}::uuid[])
          AND (claimed_until < clock_timestamp()
            OR claimed_by <> ALL(${[...livingIds]}::text[])
            OR (claimed_by = ${processId}
              AND created_at < clock_timestamp() - ${unsentMs} * interval '1 millisecond'))
        ORDER BY created_at LIMIT ${dispatchesMax} FOR UPDATE SKIP LOCKED)
      RETURNING *)
    ${selectDispatches("taken")}`;
}

/** Whether any dispatch is out that the claimant does not send: only then must the living be asked for. */
export async function hasOtherDispatches(
  reader: Reader,
  { sendingIds }: Claimant,
): Promise<boolean> {
  const [row] = await reader.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM dispatch
      WHERE state = 'sent' AND id <> ALL(${[...sendingIds]}::uuid[])) AS found`;
  return row?.found ?? false;
}

/**
 * Closes a dispatch with what became of it. That it was applied is true whoever says so; that it was
 * not may be said only by the holder of the claim, because another process may have sent it again.
 *
 * @returns false if it was closed before, or another process has taken it over.
 */
export async function closeDispatch(
  tx: Tx,
  dispatch: { readonly id: string; readonly processId: string },
  state: "applied" | "refused" | "quarantined",
  answer: unknown,
): Promise<boolean> {
  const closed = await tx.$executeRaw`
    UPDATE dispatch SET state = ${state}, answer = ${json(answer)}, answered_at = clock_timestamp()
    WHERE id = ${dispatch.id}::uuid AND state = 'sent'
      AND (${state === "applied"} OR claimed_by = ${dispatch.processId})`;
  return closed > 0;
}

/** Shops with operations that could have been sent for `olderThanMs` already. */
export async function findShopsToServe(
  reader: Reader,
  olderThanMs: number,
): Promise<readonly string[]> {
  const rows = await reader.$queryRaw<{ shop_id: string }[]>`
    SELECT DISTINCT o.shop_id FROM quota_operation o
    JOIN listing l ON l.id = o.listing_id
    JOIN shop s ON s.id = o.shop_id
    WHERE o.state = 'planned' AND s.status = 'installed'
      AND o.planned_at < clock_timestamp() - ${olderThanMs} * interval '1 millisecond'
      AND l.guard IN ('guarded', 'continues-selling')
      AND NOT EXISTS (SELECT FROM quota_operation out
        WHERE out.listing_id = o.listing_id AND out.state = 'dispatched')`;
  return rows.map(({ shop_id }) => shop_id);
}

function toLine(operation: PackableOperation): DispatchLine {
  return {
    poolId: operation.poolId,
    operationNumber: operation.number,
    listingId: operation.listingId,
    inventoryItemId: operation.inventoryItemId,
    deltaUnits: operation.deltaUnits,
  };
}

function selectDispatches(from: "written" | "taken"): Prisma.Sql {
  return Prisma.sql`
    SELECT d.id, d.account_id AS "accountId", d.shop_id AS "shopId", s.domain AS "shopDomain",
      d.location_id AS "locationId", d.lines,
      (extract(epoch FROM d.created_at) * 1000)::float8 AS "createdAtMs"
    FROM ${Prisma.raw(from)} d JOIN shop s ON s.id = d.shop_id`;
}

function json(value: unknown): Prisma.Sql {
  return Prisma.sql`${JSON.stringify(value)}::jsonb`;
}
