import type pg from "pg";

import { percentile } from "./percentiles.ts";

/** How long things took inside the app, in ms, for what came in since a race began. */
export type RaceTimings = {
  /** Per webhook: received → the last store acknowledged what it led to. */
  readonly propagationMs: readonly number[];
  /** Per webhook: first operation planned → the last store acknowledged. */
  readonly fanOutMs: readonly number[];
  readonly lockWaitMs: readonly number[];
  /** Per event: recorded → accounted for. Whoever carries a pool on after a crash is seen here. */
  readonly accountingMs: readonly number[];
  /** Operations that were planned since, and sent to stores. */
  readonly writeCount: number;
};

/** Where a race begins, in the database's own terms. */
export type RaceStart = {
  /** The last event before it. */
  readonly eventId: string;
  readonly at: string;
};

export async function markRaceStart(database: pg.Pool): Promise<RaceStart> {
  const { rows } = await database.query<RaceStart>(
    `SELECT coalesce(max(id), 0)::text AS "eventId", clock_timestamp()::text AS at FROM inbox_event`,
  );
  return rows[0]!;
}

/**
 * A webhook counts when it led to writes and every store has acknowledged its own. Under quotas most
 * sales lead to none: there is nothing to propagate.
 */
const propagationQuery = `
  SELECT extract(epoch FROM max(operation.applied_at) - event.received_at)::float8 * 1000
           AS propagation_ms,
         extract(epoch FROM max(operation.applied_at) - min(operation.planned_at))::float8 * 1000
           AS fan_out_ms
    FROM inbox_event event
    JOIN quota_operation operation
      ON operation.pool_id = event.pool_id AND event.id = ANY (operation.cause_event_ids)
   WHERE event.pool_id = ANY ($1::uuid[]) AND event.id > $2::bigint
     AND event.kind = 'level-observed' AND operation.state <> 'cancelled'
   GROUP BY event.id, event.received_at
  HAVING bool_and(operation.applied_at IS NOT NULL)`;

export async function readTimings(
  database: pg.Pool,
  poolIds: readonly string[],
  start: RaceStart,
): Promise<RaceTimings> {
  const range = [poolIds, start.eventId];
  const [spread, waits, writes] = await Promise.all([
    database.query<{ propagation_ms: number; fan_out_ms: number }>(propagationQuery, range),
    database.query<{ wait: number; accounting: number }>(
      `SELECT lock_wait_ms AS wait,
         extract(epoch FROM processed_at - received_at)::float8 * 1000 AS accounting
         FROM inbox_event
        WHERE pool_id = ANY ($1::uuid[]) AND id > $2::bigint AND lock_wait_ms IS NOT NULL`,
      range,
    ),
    database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM quota_operation
        WHERE pool_id = ANY ($1::uuid[]) AND dispatch_id IS NOT NULL
          AND planned_at >= $2::timestamptz`,
      [poolIds, start.at],
    ),
  ]);
  return {
    propagationMs: spread.rows.map((row) => row.propagation_ms),
    fanOutMs: spread.rows.map((row) => row.fan_out_ms),
    lockWaitMs: waits.rows.map((row) => row.wait),
    accountingMs: waits.rows.map((row) => row.accounting),
    writeCount: writes.rows[0]?.count ?? 0,
  };
}

export type Spread = {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

export function spreadOf(values: readonly number[]): Spread {
  return {
    p50: percentile(values, 0.5),
    p95: percentile(values, 0.95),
    p99: percentile(values, 0.99),
  };
}
