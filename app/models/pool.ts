import { Prisma } from "@prisma/client";

import type { Reader, Tx } from "../db.server.ts";
import { urgencyOf } from "../domain/dispatch/packing.ts";
import type { PoolEvent } from "../domain/pool/event.ts";
import type { QuotaOperation } from "../domain/pool/operation.ts";
import { isGuaranteed } from "../domain/pool/pool.ts";
import type { Pool } from "../domain/pool/pool.ts";
import type { NumberedEvent, StepResult } from "../domain/pool/step.ts";

/** A pool as it is stored, with the events that wait for it. */
export type StoredPool = {
  readonly accountId: string;
  /** The fencing token: a commit names the version it read, and is refused if that has moved on. */
  readonly version: bigint;
  readonly pool: Pool;
  readonly events: readonly NumberedEvent[];
  readonly shopIdByListing: Readonly<Record<string, string>>;
};

type PoolRow = {
  shops: Record<string, string>;
  account_id: string;
  version: bigint;
  pool: Omit<Pool, "listings" | "operations">;
  listings: Pool["listings"];
  operations: QuotaOperation[];
  events: { eventId: number; event: PoolEvent }[];
};

/**
 * Loads a pool and its waiting events as of one moment, the oldest events first.
 *
 * @param eventsMax how many events at most; what waits beyond comes with the next load.
 * @returns null if there is no such pool.
 */
export async function loadPool(
  reader: Reader,
  poolId: string,
  eventsMax: number,
): Promise<StoredPool | null> {
  const rows = await reader.$queryRaw<PoolRow[]>`
    SELECT p.account_id, p.version,
      jsonb_build_object(
        'id', p.id, 'protection', p.protection, 'target', p.target,
        'switching', p.switch_stage, 'switchNumber', p.switch_number, 'isPaused', p.is_paused,
        'freeUnits', p.free_units, 'ledgerUnits', p.ledger_units, 'oversoldUnits', p.oversold_units,
        'nextOperationNumber', p.next_operation_number, 'drainMs', p.drain_ms,
        'balance', p.balance, 'lookAtMs', ${epochMs("p.look_at")}) AS pool,
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'id', l.id, 'priority', l.priority, 'expectedUnits', l.expected_units,
          'observedAtMs', ${epochMs("l.observed_at")}, 'raisedAtMs', ${epochMs("l.raised_at")},
          'confirmedAtMs', ${epochMs("l.confirmed_at")},
          'waiting', CASE WHEN l.waiting_at IS NULL THEN NULL ELSE jsonb_build_object(
            'units', l.waiting_units, 'atMs', ${epochMs("l.waiting_at")}) END,
          'revision', l.revision, 'readDueAtMs', ${epochMs("l.read_due_at")},
          'readForSwitch', l.read_for_switch,
          'fallenUnits', l.fallen_units, 'risenUnits', l.risen_units,
          'orderedUnits', l.ordered_units, 'returnedUnits', l.returned_units,
          'demandUnits', l.demand_units, 'demandAtMs', ${epochMs("l.demand_at")},
          'guard', l.guard) ORDER BY l.priority, l.id), '[]')
        FROM listing l WHERE l.pool_id = p.id) AS listings,
      (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'number', o.number, 'listingId', o.listing_id, 'kind', o.kind, 'units', o.units,
          'repairUnits', o.repair_units, 'state', o.state, 'causeEventIds', o.cause_event_ids)
          ORDER BY o.number), '[]')
        FROM quota_operation o
        WHERE o.pool_id = p.id AND o.state IN ('planned', 'dispatched', 'draining', 'quarantined'))
        AS operations,
      (SELECT coalesce(jsonb_object_agg(l.id, l.shop_id), '{}')
        FROM listing l WHERE l.pool_id = p.id) AS shops,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('eventId', e.id, 'event', e.payload)
          ORDER BY e.id), '[]')
        FROM (SELECT id, payload FROM inbox_event
          WHERE pool_id = p.id AND processed_at IS NULL AND dead_letter_reason IS NULL
          ORDER BY id LIMIT ${eventsMax}) e) AS events
    FROM pool p WHERE p.id = ${poolId}::uuid`;
  const [row] = rows;
  if (!row) return null;
  const pool = { ...row.pool, listings: row.listings, operations: row.operations };
  return {
    accountId: row.account_id,
    version: row.version,
    pool,
    events: row.events,
    shopIdByListing: row.shops,
  };
}

/**
 * Commits what a step made of a pool: pool, listings, operations, ledger, incidents and the events it
 * folded, together.
 *
 * @returns false if the pool's version has moved on since it was loaded; nothing is written then, and
 *   the caller steps again from what is stored.
 */
export async function commitStep(
  tx: Tx,
  stored: StoredPool,
  result: StepResult,
  how: { readonly eventIds: readonly number[]; readonly lockWaitMs: number },
): Promise<boolean> {
  const { pool } = result;
  const version = stored.version + 1n;
  const moved = await tx.$executeRaw`
    UPDATE pool SET version = ${version},
      protection = ${pool.protection}, target = ${pool.target}, switch_stage = ${pool.switching},
      switch_number = ${pool.switchNumber}, is_paused = ${pool.isPaused},
      free_units = ${pool.freeUnits}, ledger_units = ${pool.ledgerUnits},
      oversold_units = ${pool.oversoldUnits}, next_operation_number = ${pool.nextOperationNumber},
      is_guaranteed = ${isGuaranteed(pool)}, balance = ${json(pool.balance)},
      look_at = ${timestamp(pool.lookAtMs)}
    WHERE id = ${pool.id}::uuid AND version = ${stored.version}`;
  if (moved === 0) return false;

  const operations = changedOperations(stored.pool, result);
  const isNew = ({ number }: QuotaOperation) => number >= stored.pool.nextOperationNumber;
  const known = operations.filter((operation) => !isNew(operation));
  if (known.length > 0) await tx.$executeRaw(updateOperations(pool, known));

  await tx.$executeRaw`
    WITH listings AS (
      UPDATE listing l SET expected_units = n."expectedUnits",
        observed_at = ${fromEpochMs('n."observedAtMs"')}, raised_at = ${fromEpochMs('n."raisedAtMs"')},
        confirmed_at = ${fromEpochMs('n."confirmedAtMs"')},
        waiting_units = n."waitingUnits", waiting_at = ${fromEpochMs('n."waitingAtMs"')},
        revision = n.revision, read_due_at = ${fromEpochMs('n."readDueAtMs"')},
        read_for_switch = n."readForSwitch",
        fallen_units = n."fallenUnits", risen_units = n."risenUnits",
        ordered_units = n."orderedUnits", returned_units = n."returnedUnits",
        demand_units = n."demandUnits", demand_at = ${fromEpochMs('n."demandAtMs"')}, guard = n.guard
      FROM jsonb_to_recordset(${json(changedListings(stored.pool, pool))}) AS n(
        id uuid, "expectedUnits" int, "observedAtMs" float8, "raisedAtMs" float8, "confirmedAtMs" float8,
        "waitingUnits" int, "waitingAtMs" float8, revision int, "readDueAtMs" float8,
        "readForSwitch" int, "fallenUnits" int, "risenUnits" int, "orderedUnits" int,
        "returnedUnits" int, "demandUnits" float8, "demandAtMs" float8, guard text)
      WHERE l.id = n.id),
    operations AS (
      ${insertOperations(stored.accountId, pool, operations.filter(isNew))}),
    ledger AS (${insertLedger(stored.accountId, pool.id, version, stored.pool.ledgerUnits, result)}),
    incidents AS (
      INSERT INTO incident (account_id, pool_id, listing_id, kind, units, detail)
      SELECT ${stored.accountId}::uuid, ${pool.id}::uuid, n."listingId", n.kind, n.units, n.detail
      FROM jsonb_to_recordset(${json(result.incidents)}) AS n(
        "listingId" uuid, kind text, units int, detail text))
    UPDATE inbox_event SET processed_at = clock_timestamp(), pool_version = ${version},
      lock_wait_ms = ${how.lockWaitMs}
    WHERE id = ANY(${how.eventIds.map(BigInt)}::bigint[])`;
  return true;
}

/**
 * Whether the database refused what was to be written, and would again: a number that does not fit, a
 * constraint. A conflict or a connection that broke is none of these.
 */
export function isRefusedForGood(error: unknown): boolean {
  const { meta } = error as { readonly meta?: { readonly driverAdapterError?: unknown } };
  const { cause } = (meta?.driverAdapterError ?? error) as {
    readonly cause?: { readonly originalCode?: unknown };
  };
  // SQLSTATE classes: 22 data exception, 23 integrity constraint violation.
  return typeof cause?.originalCode === "string" && /^2[23]/.test(cause.originalCode);
}

/** Writes a pool that was just opened, with its listings; whatever is wrong with them, nothing remains. */
export async function insertPool(
  tx: Tx,
  opened: StepResult,
  placed: {
    readonly accountId: string;
    readonly groupId: string;
    readonly sku: string;
    readonly title: string;
    readonly listings: readonly PlacedListing[];
  },
): Promise<void> {
  const { pool } = opened;
  const places = new Map(placed.listings.map((listing) => [listing.id, listing]));
  await tx.$executeRaw`
    INSERT INTO pool (id, account_id, group_id, sku, title, version, protection, target, switch_stage,
      switch_number, is_paused, free_units, ledger_units, oversold_units, next_operation_number,
      drain_ms, is_guaranteed, balance, look_at)
    VALUES (${pool.id}::uuid, ${placed.accountId}::uuid, ${placed.groupId}::uuid, ${placed.sku},
      ${placed.title}, 0, ${pool.protection}, ${pool.target}, ${pool.switching}, ${pool.switchNumber},
      ${pool.isPaused}, ${pool.freeUnits}, ${pool.ledgerUnits}, ${pool.oversoldUnits},
      ${pool.nextOperationNumber}, ${pool.drainMs}, ${isGuaranteed(pool)},
      ${json(pool.balance)}, ${timestamp(pool.lookAtMs)})`;
  await tx.listing.createMany({
    data: pool.listings.map(({ id, waiting, ...listing }) => {
      const place = places.get(id);
      if (!place) throw new Error(`Listing ${id} was opened, and has no place.`);
      return {
        id,
        accountId: placed.accountId,
        poolId: pool.id,
        memberId: place.memberId,
        shopId: place.shopId,
        locationId: place.locationId,
        inventoryItemId: place.inventoryItemId,
        variantId: place.variantId,
        priority: listing.priority,
        expectedUnits: listing.expectedUnits,
        observedAt: new Date(listing.observedAtMs),
        raisedAt: new Date(listing.raisedAtMs),
        confirmedAt: new Date(listing.confirmedAtMs),
        waitingUnits: waiting?.units ?? null,
        waitingAt: waiting ? new Date(waiting.atMs) : null,
        readDueAt: listing.readDueAtMs === null ? null : new Date(listing.readDueAtMs),
        demandAt: new Date(listing.demandAtMs),
        guard: listing.guard,
      };
    }),
  });
  await tx.$executeRaw(insertOperations(placed.accountId, pool, pool.operations));
  await tx.$executeRaw(insertLedger(placed.accountId, pool.id, 0n, 0, opened));
}

/** Where a listing sells: Admin API gids. */
export type PlacedListing = {
  readonly id: string;
  readonly memberId: string;
  readonly shopId: string;
  readonly locationId: string;
  readonly inventoryItemId: string;
  readonly variantId: string;
};

/**
 * Those that end leave their place to those that are planned: a listing has one of a kind at a time,
 * so they are written first.
 */
function updateOperations(pool: Pool, operations: readonly QuotaOperation[]): Prisma.Sql {
  return Prisma.sql`
    UPDATE quota_operation o SET
      kind = n.kind, units = n.units, repair_units = n."repairUnits", state = n.state,
      urgency = least(o.urgency, n.urgency), cause_event_ids = ${causes},
      applied_at = CASE WHEN o.state = 'dispatched' AND n.state IN ('draining', 'done')
        THEN (SELECT d.answered_at FROM dispatch d WHERE d.id = o.dispatch_id)
        ELSE o.applied_at END,
      ended_at = CASE WHEN n.state IN ('done', 'failed', 'cancelled') THEN clock_timestamp() END
    FROM ${operationRows(pool, operations)}
    WHERE o.pool_id = ${pool.id}::uuid AND o.number = n.number`;
}

function insertOperations(
  accountId: string,
  pool: Pool,
  operations: readonly QuotaOperation[],
): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO quota_operation (account_id, pool_id, number, listing_id, shop_id, kind, units,
      repair_units, state, urgency, cause_event_ids, ended_at)
    SELECT ${accountId}::uuid, ${pool.id}::uuid, n.number, n."listingId", l.shop_id, n.kind, n.units,
      n."repairUnits", n.state, n.urgency, ${causes},
      CASE WHEN n.state = 'cancelled' THEN clock_timestamp() END
    FROM ${operationRows(pool, operations)} JOIN listing l ON l.id = n."listingId"`;
}

const causes = Prisma.sql`ARRAY(SELECT jsonb_array_elements_text(n."causeEventIds")::bigint)`;

function operationRows(pool: Pool, operations: readonly QuotaOperation[]): Prisma.Sql {
  const rows = operations.map((operation) => ({
    ...operation,
    urgency: urgencyOf({
      repairUnits: operation.repairUnits,
      isSwitching: pool.switching !== "none",
      leftUnits: pool.ledgerUnits,
    }),
  }));
  return Prisma.sql`jsonb_to_recordset(${json(rows)}) AS n(number int, "listingId" uuid, kind text,
    units int, "repairUnits" int, state text, urgency int, "causeEventIds" jsonb)`;
}

function insertLedger(
  accountId: string,
  poolId: string,
  version: bigint,
  unitsBefore: number,
  { ledger }: StepResult,
): Prisma.Sql {
  let unitsAfter = unitsBefore;
  const rows = ledger.map((line, index) => {
    unitsAfter += line.units;
    return { ...line, line: index, unitsAfter };
  });
  return Prisma.sql`
    INSERT INTO ledger_entry (account_id, pool_id, listing_id, pool_version, line, units, units_after,
      cause, event_id)
    SELECT ${accountId}::uuid, ${poolId}::uuid, n."listingId", ${version}, n.line, n.units,
      n."unitsAfter", n.cause, n."eventId"
    FROM jsonb_to_recordset(${json(rows)}) AS n("listingId" uuid, line int, units int,
      "unitsAfter" int, cause text, "eventId" bigint)`;
}

/** Only what changed is written: a sale touches one listing and the operations it leads to. */
function changedListings(before: Pool, after: Pool) {
  const known = new Map(before.listings.map((listing) => [listing.id, JSON.stringify(listing)]));
  return after.listings
    .filter((listing) => JSON.stringify(listing) !== known.get(listing.id))
    .map(({ waiting, ...listing }) => ({
      ...listing,
      waitingUnits: waiting?.units ?? null,
      waitingAtMs: waiting?.atMs ?? null,
    }));
}

function changedOperations(before: Pool, { pool, ended }: StepResult): readonly QuotaOperation[] {
  const known = new Map(before.operations.map((each) => [each.number, JSON.stringify(each)]));
  return [...ended, ...pool.operations].filter(
    (operation) => JSON.stringify(operation) !== known.get(operation.number),
  );
}

/** For statements only: the column is one of the names above, never an input. */
function epochMs(column: string): Prisma.Sql {
  return Prisma.raw(`(extract(epoch FROM ${column}) * 1000)::float8`);
}

function fromEpochMs(column: string): Prisma.Sql {
  return Prisma.raw(`to_timestamp(${column} / 1000)`);
}

function timestamp(epochMs: number | null): Prisma.Sql {
  return Prisma.sql`to_timestamp(${epochMs}::float8 / 1000)`;
}

function json(value: unknown): Prisma.Sql {
  return Prisma.sql`${JSON.stringify(value)}::jsonb`;
}
