import type { Database, Reader } from "../db.server.ts";
import type { PoolEvent } from "../domain/pool/event.ts";
import type { Guard } from "../domain/pool/guard.ts";

/** An event of a pool that is known, as it enters the inbox. */
export type IncomingEvent = {
  readonly accountId: string;
  readonly poolId: string;
  readonly shopId: string | null;
  readonly listingId: string | null;
  /** Says what the event is: a second one with the same key is not recorded. */
  readonly eventKey: string;
  readonly event: PoolEvent;
  /** When it happened, by the clock of whoever told it, in ms. */
  readonly triggeredAtMs: number | null;
};

/**
 * Adds events to the inbox in one statement, in their order; those whose key is known are left out.
 * @returns the pools that have something new to process, each once.
 */
export async function insertEvents(
  reader: Reader,
  events: readonly IncomingEvent[],
): Promise<readonly string[]> {
  if (events.length === 0) return [];
  const rows = events.map(({ event, triggeredAtMs, ...rest }) => ({
    account_id: rest.accountId,
    shop_id: rest.shopId,
    pool_id: rest.poolId,
    listing_id: rest.listingId,
    event_key: rest.eventKey,
    kind: event.kind,
    payload: event,
    triggered_at: triggeredAtMs === null ? null : new Date(triggeredAtMs).toISOString(),
  }));
  const recorded = await reader.$queryRaw<{ pool_id: string }[]>`
    WITH recorded AS (
      INSERT INTO inbox_event
        (account_id, shop_id, pool_id, listing_id, event_key, kind, payload, triggered_at)
      SELECT account_id, shop_id, pool_id, listing_id, event_key, kind, payload, triggered_at
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS event (
          account_id uuid, shop_id uuid, pool_id uuid, listing_id uuid, event_key text, kind text,
          payload jsonb, triggered_at timestamptz)
      ON CONFLICT (event_key) DO NOTHING
      RETURNING pool_id)
    SELECT DISTINCT pool_id FROM recorded`;
  return recorded.map(({ pool_id }) => pool_id);
}

/** By what a webhook names the listings that it is about. Ids are Admin API gids. */
export type ListingMatch = "item-at-location" | "item" | "variant" | "location";

/** What a webhook says of the listings that it names. */
export type WebhookFinding = {
  readonly inventoryItemId?: string;
  readonly locationId?: string;
  readonly variantId?: string;
  /** Replaces the delivery in the event's key where the same thing is told by several webhooks. */
  readonly subject?: string;
  /** Becomes the event of each listing. */
  readonly event: Readonly<Record<string, unknown>> & { readonly kind: PoolEvent["kind"] };
};

export type IncomingWebhook = {
  readonly shopDomain: string;
  readonly topic: string;
  readonly webhookId: string;
  readonly triggeredAtMs: number | null;
  readonly match: ListingMatch;
  readonly findings: readonly WebhookFinding[];
  /** Only listings with one of these guards are told; null for all. */
  readonly onlyGuards: readonly Guard[] | null;
  /** Why its payload could not be read, and what is kept of it; null for one that could. */
  readonly deadLetter: { readonly reason: string; readonly payload: unknown } | null;
};

export type WebhookRecord =
  | { readonly kind: "recorded"; readonly poolIds: readonly string[] }
  | { readonly kind: "unknown-shop" };

/** Each has an index of `listing` behind it. `location` reads all of a shop's: it is rare. */
const matchConditions: Readonly<Record<ListingMatch, string>> = {
  "item-at-location":
    "listing.inventory_item_id = finding.item AND listing.location_id = finding.location",
  item: "listing.inventory_item_id = finding.item",
  // A sale at a counter names its location; one online does not.
  variant:
    "listing.variant_id = finding.variant AND listing.location_id = coalesce(finding.location, listing.location_id)",
  location: "listing.location_id = finding.location",
};

const statements = Object.fromEntries(
  Object.entries(matchConditions).map(([match, condition]) => [match, webhookStatement(condition)]),
) as Readonly<Record<ListingMatch, string>>;

/**
 * Records a delivery in one statement: an event for each listing that it names, or, where it names
 * none, one row that needs no processing, so that every delivery can be found.
 */
export async function insertWebhook(
  database: Database,
  webhook: IncomingWebhook,
): Promise<WebhookRecord> {
  const { rows } = await database.pool.query<{ shop_known: boolean; pool_ids: string[] | null }>({
    // Named, so that PostgreSQL plans it once per connection.
    name: `intake by ${webhook.match}`,
    text: statements[webhook.match],
    values: [
      webhook.shopDomain,
      JSON.stringify(webhook.findings.map(toRow)),
      `webhook:${webhook.shopDomain}:${webhook.topic}:${webhook.webhookId}`,
      webhook.topic,
      webhook.triggeredAtMs,
      webhook.onlyGuards,
      webhook.deadLetter?.reason ?? null,
      JSON.stringify(webhook.deadLetter?.payload ?? {}),
    ],
  });
  const [row] = rows;
  if (!row?.shop_known) return { kind: "unknown-shop" };
  return { kind: "recorded", poolIds: row.pool_ids ?? [] };
}

function toRow({ inventoryItemId, locationId, variantId, subject, event }: WebhookFinding) {
  return { item: inventoryItemId, location: locationId, variant: variantId, subject, event };
}

function webhookStatement(condition: string): string {
  return `
    WITH shop AS MATERIALIZED (SELECT id, account_id FROM shop WHERE domain = $1),
    matched AS (
      SELECT listing.id, listing.pool_id, finding.subject, finding.event
        FROM shop
       CROSS JOIN jsonb_to_recordset($2::jsonb)
                  AS finding (item text, location text, variant text, subject text, event jsonb)
        JOIN listing ON listing.shop_id = shop.id AND ${condition}
       WHERE $6::text[] IS NULL OR listing.guard = ANY ($6)),
    incoming AS (
      SELECT pool_id, id AS listing_id, event ->> 'kind' AS kind,
             coalesce('webhook:' || $1 || ':' || subject, $3) || ':' || id AS event_key,
             event || jsonb_build_object('listingId', id) AS payload,
             NULL::timestamptz AS processed_at, NULL AS dead_letter_reason
        FROM matched
       UNION ALL
      SELECT NULL, NULL, $4, $3, $8::jsonb,
             CASE WHEN $7::text IS NULL THEN CURRENT_TIMESTAMP END, $7
       WHERE NOT EXISTS (SELECT FROM matched)),
    recorded AS (
      INSERT INTO inbox_event (account_id, shop_id, pool_id, listing_id, event_key, kind, payload,
                               triggered_at, processed_at, dead_letter_reason)
      SELECT shop.account_id, shop.id, pool_id, listing_id, event_key, kind, payload,
             to_timestamp($5::double precision / 1000), processed_at, dead_letter_reason
        FROM incoming CROSS JOIN shop
      ON CONFLICT (event_key) DO NOTHING
      RETURNING pool_id)
    SELECT EXISTS (SELECT FROM shop) AS shop_known,
           (SELECT array_agg(DISTINCT pool_id) FROM recorded WHERE pool_id IS NOT NULL) AS pool_ids`;
}
