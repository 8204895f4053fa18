import type { OfflineTokens, TokenReply } from "./offline-tokens.server.ts";

/** What became of one request to a shop's Admin API. */
export type GraphqlReply =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** Of the Retry-After header, if there was one that can be read. */
      readonly retryAfterMs: number | null;
      /** Parsed JSON; undefined where the body is none. */
      readonly body: unknown;
    }
  /** Nothing was sent: the shop has no token that Shopify would accept. */
  | { readonly kind: "no-token" }
  /** Nothing was sent: the token could not be read or renewed at the moment. */
  | { readonly kind: "not-sent" }
  /** It may have been executed: a timeout, or a connection that broke. */
  | { readonly kind: "no-answer" };

export type ShopifyGraphql = {
  /** One attempt; it never throws for an outside failure. */
  readonly post: (
    shopDomain: string,
    request: { readonly query: string; readonly variables: Readonly<Record<string, unknown>> },
  ) => Promise<GraphqlReply>;
};

/** The newest version whose schema every document was validated against. */
export const apiVersion = "2026-10";

/**
 * Shopify answers in about 150 ms, and gives up by itself after some seconds. Longer than this only
 * holds up what waits behind.
 */
const answerWithinMs = 10_000;

/**
 * Talks to Admin API GraphQL over kept-alive connections. A refused token (401) is replaced once,
 * because it may have been renewed elsewhere; a 401 is sent before anything is executed, so that this
 * is still one attempt.
 */
export function createShopifyGraphql(options: {
  readonly tokens: OfflineTokens;
  readonly fetch: typeof fetch;
  readonly timeoutMs?: number;
}): ShopifyGraphql {
  const { tokens, timeoutMs = answerWithinMs } = options;

  const send = async (
    shopDomain: string,
    body: string,
    accessToken: string,
  ): Promise<GraphqlReply> => {
    try {
      const response = await options.fetch(
        `https://${shopDomain}/admin/api/${apiVersion}/graphql.json`,
        {
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "application/json",
            "x-shopify-access-token": accessToken,
          },
          body,
          signal: AbortSignal.timeout(timeoutMs),
          redirect: "manual",
        },
      );
      return {
        kind: "answered",
        status: response.status,
        retryAfterMs: parseRetryAfter(response.headers.get("retry-after")),
        body: parseJson(await response.text()),
      };
    } catch {
      return { kind: "no-answer" }; // fetch rejects for the network and the timeout only
    }
  };

  return {
    async post(shopDomain, request) {
      const body = JSON.stringify(request);
      const token = await tokens.getToken(shopDomain);
      if (token.kind !== "token") return withoutToken(token);
      const reply = await send(shopDomain, body, token.accessToken);
      if (reply.kind !== "answered" || reply.status !== 401) return reply;

      const other = await tokens.replaceRefusedToken(shopDomain, token.accessToken);
      if (other.kind !== "token") return withoutToken(other);
      return send(shopDomain, body, other.accessToken);
    },
  };
}

function withoutToken(reply: Exclude<TokenReply, { readonly kind: "token" }>): GraphqlReply {
  return { kind: reply.kind === "refused" ? "no-token" : "not-sent" };
}

/** @returns null for a missing header, a date, or anything that is not a number of seconds. */
export function parseRetryAfter(header: string | null): number | null {
  const seconds = header === null || header.trim() === "" ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1_000) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
