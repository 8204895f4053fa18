import type pg from "pg";

import type { Database, Tx } from "../db.server.ts";

/** The tokens of a shop's offline session as they are stored: sealed. Times are in ms. */
export type OfflineTokenRow = {
  readonly sealedAccessToken: string;
  /** Null for a token that does not expire. */
  readonly expiresAtMs: number | null;
  /** Null where the access token does not expire. */
  readonly sealedRefreshToken: string | null;
  readonly refreshExpiresAtMs: number | null;
};

/** What to do with the tokens that were read under the lock. */
export type TokenReplacement =
  { readonly kind: "keep" } | { readonly kind: "replace"; readonly row: OfflineTokenRow };

/** By which Shopify's library finds the one offline session of a shop. */
const offlineSessionId = (shopDomain: string) => `offline_${shopDomain}`;

/** The library's columns are timestamps without a zone, in UTC. */
const selectTokens = `
  SELECT "accessToken" AS access_token, "refreshToken" AS refresh_token,
         extract(epoch FROM "expires") * 1000 AS expires_ms,
         extract(epoch FROM "refreshTokenExpires") * 1000 AS refresh_expires_ms
    FROM session WHERE id = $1`;

/** A shop's stored tokens, or null where the app is not installed. */
export async function findOfflineTokens(
  database: Database,
  shopDomain: string,
): Promise<OfflineTokenRow | null> {
  return readTokens(database.pool, shopDomain);
}

/**
 * Reads a shop's tokens, asks `replace` what to do, and stores both new tokens in one UPDATE. Of all
 * processes one at a time does this for a shop; the others wait, and read what it stored.
 *
 * `replace` may call Shopify, and this is the one transaction that waits for the network: the lock must
 * outlive neither this process nor its sleep, and PostgreSQL ends a transaction that idles. It has to
 * return before that limit (5 s). Nothing else is locked meanwhile.
 *
 * @returns the tokens that are stored in the end; null where the app is not installed.
 * @throws if the database does, or `replace` does; nothing is stored then.
 */
export async function replaceOfflineTokens(
  database: Database,
  shopDomain: string,
  replace: (current: OfflineTokenRow) => Promise<TokenReplacement>,
): Promise<OfflineTokenRow | null> {
  const client = await database.pool.connect();
  let failure: Error | undefined;
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
      `offline token of ${shopDomain}`,
    ]);
    const current = await readTokens(client, shopDomain);
    const replacement = current && (await replace(current));
    if (replacement?.kind === "replace") await writeTokens(client, shopDomain, replacement.row);
    await client.query("COMMIT");
    return replacement?.kind === "replace" ? replacement.row : current;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.release(failure); // a connection in an unknown state is closed, and its lock with it
  }
}

/** Removes every session of a shop, and with them the last of its tokens. */
export async function deleteSessions(tx: Tx, shopDomain: string): Promise<void> {
  await tx.session.deleteMany({ where: { shop: shopDomain } });
}

/** Notes which scopes the shop's token has: Shopify's library compares them with those it needs. */
export async function setSessionScope(tx: Tx, shopDomain: string, scope: string): Promise<void> {
  await tx.session.updateMany({ where: { id: offlineSessionId(shopDomain) }, data: { scope } });
}

async function readTokens(
  queryable: pg.Pool | pg.PoolClient,
  shopDomain: string,
): Promise<OfflineTokenRow | null> {
  const { rows } = await queryable.query<{
    access_token: string;
    refresh_token: string | null;
    expires_ms: string | null;
    refresh_expires_ms: string | null;
  }>(selectTokens, [offlineSessionId(shopDomain)]);
  const [row] = rows;
  if (!row) return null;
  return {
    sealedAccessToken: row.access_token,
    expiresAtMs: row.expires_ms === null ? null : Number(row.expires_ms),
    sealedRefreshToken: row.refresh_token,
    refreshExpiresAtMs: row.refresh_expires_ms === null ? null : Number(row.refresh_expires_ms),
  };
}

async function writeTokens(
  client: pg.PoolClient,
  shopDomain: string,
  row: OfflineTokenRow,
): Promise<void> {
  await client.query(
    `UPDATE session
        SET "accessToken" = $2, "refreshToken" = $3,
            "expires" = to_timestamp($4::double precision / 1000) AT TIME ZONE 'UTC',
            "refreshTokenExpires" = to_timestamp($5::double precision / 1000) AT TIME ZONE 'UTC'
      WHERE id = $1`,
    [
      offlineSessionId(shopDomain),
      row.sealedAccessToken,
      row.sealedRefreshToken,
      row.expiresAtMs,
      row.refreshExpiresAtMs,
    ],
  );
}
