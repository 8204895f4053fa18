import { Prisma } from "@prisma/client";

import type { Reader } from "../db.server.ts";
import type { DelaySample, DelaySamples } from "../domain/pool/delays.ts";

/** A pool that asked to be stepped at a time that has come. */
export type PoolToLookAt = {
  readonly id: string;
  readonly accountId: string;
  /** As of which it asked: it is told once for each. */
  readonly version: bigint;
};

export function findPoolsToLookAt(
  reader: Reader,
  poolsMax: number,
): Promise<readonly PoolToLookAt[]> {
  return reader.$queryRaw<PoolToLookAt[]>`
    SELECT id, account_id AS "accountId", version FROM pool
    WHERE look_at <= clock_timestamp() ORDER BY look_at LIMIT ${poolsMax}`;
}

/** So many of the newest events of all accounts are looked through: hours, or a minute of a rush. */
const eventsMax = 50_000;
const dispatchesPerShopMax = 2_000;

const slowestMs = Prisma.sql`coalesce(greatest(extract(epoch FROM max(slow)) * 1000, 0), 0)::float8`;

type SampleRow = { webhook: DelaySample; api: DelaySample; queue: DelaySample };

/**
 * How late the account's stores were heard of and told lately. Of several stores it is the slowest that
 * counts, and the one that says least.
 */
export async function sampleDelays(reader: Reader, accountId: string): Promise<DelaySamples> {
  const [row] = await reader.$queryRaw<SampleRow[]>`
    WITH newest AS MATERIALIZED (
      SELECT shop_id, kind, received_at, processed_at, triggered_at, pool_version FROM inbox_event
      WHERE id > (SELECT max(id) FROM inbox_event) - ${eventsMax} AND account_id = ${accountId}::uuid),
    webhooks AS (
      SELECT s.id, count(n.received_at) AS count,
        coalesce(percentile_disc(0.999) WITHIN GROUP (ORDER BY n.received_at - n.triggered_at), '0') AS slow
      FROM shop s LEFT JOIN newest n
        ON n.shop_id = s.id AND n.kind = 'level-observed' AND n.triggered_at IS NOT NULL
      WHERE s.account_id = ${accountId}::uuid AND s.status = 'installed' GROUP BY s.id),
    calls AS (
      SELECT s.id, count(d.answered_at) AS count,
        coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY d.answered_at - d.created_at), '0') AS slow
      FROM shop s LEFT JOIN LATERAL (
        SELECT answered_at, created_at FROM dispatch
        WHERE shop_id = s.id AND answered_at IS NOT NULL
        ORDER BY created_at DESC LIMIT ${dispatchesPerShopMax}) d ON true
      WHERE s.account_id = ${accountId}::uuid AND s.status = 'installed' GROUP BY s.id),
    queue AS (
      SELECT count(*) AS count,
        coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY processed_at - received_at), '0') AS slow
      FROM newest WHERE processed_at IS NOT NULL AND pool_version IS NOT NULL)
    SELECT
      (SELECT jsonb_build_object('count', coalesce(min(count), 0), 'slowMs', ${slowestMs}) FROM webhooks) AS webhook,
      (SELECT jsonb_build_object('count', coalesce(min(count), 0), 'slowMs', ${slowestMs}) FROM calls) AS api,
      (SELECT jsonb_build_object('count', coalesce(min(count), 0), 'slowMs', ${slowestMs}) FROM queue) AS queue`;
  if (!row) throw new Error("A query without FROM has one row.");
  return { webhookMs: row.webhook, apiMs: row.api, queueMs: row.queue };
}
