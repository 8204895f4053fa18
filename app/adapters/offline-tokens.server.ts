import { z } from "zod";

import type { Clock, Logger } from "../loop/ports.ts";

import type { TokenCipher } from "./token-cipher.server.ts";

export type TokenReply =
  | { readonly kind: "token"; readonly accessToken: string }
  /** Not installed, or Shopify refuses to renew it: only a visit of the merchant brings a new one. */
  | { readonly kind: "refused" }
  /** Not now: the database or Shopify did not answer. */
  | { readonly kind: "unavailable" };

/** The access tokens by which the app works for a shop when nobody is logged in. */
export type OfflineTokens = {
  /** From memory; renewed ahead of its end without the caller waiting. Never throws. */
  readonly getToken: (shopDomain: string) => Promise<TokenReply>;
  /**
   * Another token than the one Shopify has just refused, if there is one: another process may have
   * renewed it, or the merchant reinstalled the app. Never throws.
   */
  readonly replaceRefusedToken: (shopDomain: string, refused: string) => Promise<TokenReply>;
};

/** Where the sealed tokens are kept. Times are in ms. */
export type OfflineTokenRows = {
  readonly find: (shopDomain: string) => Promise<SealedTokens | null>;
  /** One process at a time per shop; it stores what `replace` returns in one UPDATE. */
  readonly replace: (
    shopDomain: string,
    replace: (
      current: SealedTokens,
    ) => Promise<
      { readonly kind: "keep" } | { readonly kind: "replace"; readonly row: SealedTokens }
    >,
  ) => Promise<SealedTokens | null>;
};

type SealedTokens = {
  readonly sealedAccessToken: string;
  readonly expiresAtMs: number | null;
  readonly sealedRefreshToken: string | null;
  readonly refreshExpiresAtMs: number | null;
};

type CachedToken = {
  readonly accessToken: string;
  readonly expiresAtMs: number | null;
  readonly renewAtMs: number;
};

/**
 * Tokens live an hour. Shopify's library renews with five minutes left, without a lock and while
 * somebody waits; earlier than that leaves it nothing to do.
 */
const renewAheadMs = 10 * 60_000;
/** A token with less left than one attempt takes could end under way: its caller waits for a new one. */
const usableMinMs = 10_000;
/** Between two attempts to renew a token that still serves. */
const renewRetryMs = 30_000;
/** The transaction that holds the lock may idle for 5 s. */
const renewTimeoutMs = 4_000;

const RenewedTokens = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1),
  refresh_token_expires_in: z.number().positive(),
});

/** Shopify answers these to a client that it does not know, and to a refresh token that ended. */
const refusingStatuses: readonly number[] = [400, 401, 402, 403, 404, 423];

type Renewal =
  | { readonly kind: "renewed"; readonly tokens: z.infer<typeof RenewedTokens> }
  | { readonly kind: "refused" }
  | { readonly kind: "unavailable" };

export function createOfflineTokens(options: {
  readonly rows: OfflineTokenRows;
  readonly cipher: TokenCipher;
  readonly fetch: typeof fetch;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly clock: Clock;
  readonly log: Logger;
}): OfflineTokens {
  const { rows, cipher, clock, log } = options;
  const cache = new Map<string, CachedToken>();
  const underWay = new Map<string, Promise<TokenReply>>();

  /** Callers that come while a shop's token is being fetched or renewed share its outcome. */
  const once = (shopDomain: string, refused: string | null): Promise<TokenReply> => {
    const running = underWay.get(shopDomain);
    if (running) return running;
    const started = obtain(shopDomain, refused)
      .catch((error: unknown): TokenReply => {
        log.error({ error, shop: shopDomain }, "a shop's access token could not be read");
        return { kind: "unavailable" };
      })
      .finally(() => underWay.delete(shopDomain));
    underWay.set(shopDomain, started);
    return started;
  };

  const obtain = async (shopDomain: string, refused: string | null): Promise<TokenReply> => {
    const row = await rows.find(shopDomain);
    if (row === null) {
      cache.delete(shopDomain);
      return { kind: "refused" };
    }
    if (serves(row, refused, shopDomain)) return remember(shopDomain, row);
    return renew(shopDomain, refused);
  };

  const renew = async (shopDomain: string, refused: string | null): Promise<TokenReply> => {
    const seen: { renewal: Renewal["kind"] | "not-needed" } = { renewal: "not-needed" };
    const row = await rows.replace(shopDomain, async (current) => {
      // Another process was first.
      if (serves(current, refused, shopDomain)) return { kind: "keep" };
      const renewal = await requestRenewal(
        options,
        shopDomain,
        openRefreshToken(current, shopDomain),
      );
      seen.renewal = renewal.kind;
      if (renewal.kind !== "renewed") return { kind: "keep" };
      return { kind: "replace", row: seal(renewal.tokens, shopDomain) };
    });
    if (row === null) return { kind: "refused" };
    const isFresh = seen.renewal === "not-needed" || seen.renewal === "renewed";
    if (isFresh || stillServes(row, refused, shopDomain)) return remember(shopDomain, row);
    cache.delete(shopDomain);
    return { kind: seen.renewal === "refused" ? "refused" : "unavailable" };
  };

  const remember = (shopDomain: string, row: SealedTokens): TokenReply => {
    const accessToken = openAccessToken(row, shopDomain);
    cache.set(shopDomain, {
      accessToken,
      expiresAtMs: row.expiresAtMs,
      renewAtMs:
        row.expiresAtMs === null
          ? Number.POSITIVE_INFINITY
          : Math.max(row.expiresAtMs - renewAheadMs, clock.nowMs() + renewRetryMs),
    });
    return { kind: "token", accessToken };
  };

  /** Whether a stored token needs no renewal. */
  const serves = (row: SealedTokens, refused: string | null, shopDomain: string): boolean =>
    (row.expiresAtMs === null || row.expiresAtMs - clock.nowMs() > renewAheadMs) &&
    (refused === null || openAccessToken(row, shopDomain) !== refused);

  /** Whether a stored token can be used although it could not be renewed. */
  const stillServes = (row: SealedTokens, refused: string | null, shopDomain: string): boolean =>
    row.expiresAtMs !== null &&
    row.expiresAtMs - clock.nowMs() > usableMinMs &&
    (refused === null || openAccessToken(row, shopDomain) !== refused);

  const openAccessToken = (row: SealedTokens, shop: string) =>
    cipher.open(row.sealedAccessToken, { shop, field: "accessToken" });

  const openRefreshToken = (row: SealedTokens, shop: string): string | null => {
    const isOver = row.refreshExpiresAtMs !== null && row.refreshExpiresAtMs <= clock.nowMs();
    if (row.sealedRefreshToken === null || isOver) return null;
    return cipher.open(row.sealedRefreshToken, { shop, field: "refreshToken" });
  };

  const seal = (tokens: z.infer<typeof RenewedTokens>, shop: string): SealedTokens => ({
    sealedAccessToken: cipher.seal(tokens.access_token, { shop, field: "accessToken" }),
    expiresAtMs: clock.nowMs() + tokens.expires_in * 1_000,
    sealedRefreshToken: cipher.seal(tokens.refresh_token, { shop, field: "refreshToken" }),
    refreshExpiresAtMs: clock.nowMs() + tokens.refresh_token_expires_in * 1_000,
  });

  return {
    async getToken(shopDomain) {
      const cached = cache.get(shopDomain);
      const nowMs = clock.nowMs();
      const isUsable =
        cached !== undefined &&
        (cached.expiresAtMs === null || cached.expiresAtMs - nowMs > usableMinMs);
      if (!isUsable) return once(shopDomain, null);
      if (nowMs >= cached.renewAtMs) void once(shopDomain, null);
      return { kind: "token", accessToken: cached.accessToken };
    },
    async replaceRefusedToken(shopDomain, refused) {
      // What is under way may have started before the refusal, and end with the refused token.
      await underWay.get(shopDomain);
      const cached = cache.get(shopDomain);
      if (cached && cached.accessToken !== refused) {
        return { kind: "token", accessToken: cached.accessToken };
      }
      cache.delete(shopDomain);
      return once(shopDomain, refused);
    },
  };
}

/** Source: the refresh_token grant of expiring offline tokens; both tokens are replaced. */
async function requestRenewal(
  options: { readonly fetch: typeof fetch; readonly apiKey: string; readonly apiSecret: string },
  shopDomain: string,
  refreshToken: string | null,
): Promise<Renewal> {
  if (refreshToken === null) return { kind: "refused" };
  try {
    const response = await options.fetch(`https://${shopDomain}/admin/oauth/access_token`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({
        client_id: options.apiKey,
        client_secret: options.apiSecret,
        grant_type: "refresh_token",
        refresh_token: refreshToken,
      }),
      signal: AbortSignal.timeout(renewTimeoutMs),
    });
    const text = await response.text();
    if (refusingStatuses.includes(response.status)) return { kind: "refused" };
    if (!response.ok) return { kind: "unavailable" };
    return { kind: "renewed", tokens: RenewedTokens.parse(JSON.parse(text)) };
  } catch {
    return { kind: "unavailable" }; // no answer, or none that can be read
  }
}
