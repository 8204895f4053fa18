import { createHmac, timingSafeEqual } from "node:crypto";

/** A delivery that Shopify signed. */
export type GenuineWebhook = {
  readonly shopDomain: string;
  readonly webhookId: string;
  /** When it happened at Shopify, in ms; null where it does not say. */
  readonly triggeredAtMs: number | null;
};

export type WebhookVerification =
  | { readonly kind: "genuine"; readonly webhook: GenuineWebhook }
  | { readonly kind: "missing-header"; readonly header: string }
  | { readonly kind: "wrong-topic" }
  | { readonly kind: "forged" };

/** Source: https://shopify.dev/docs/apps/build/webhooks, and the SDK, which demands the same five. */
const headerNames = {
  topic: "x-shopify-topic",
  hmac: "x-shopify-hmac-sha256",
  shop: "x-shopify-shop-domain",
  version: "x-shopify-api-version",
  id: "x-shopify-webhook-id",
} as const;

/**
 * Says whether a delivery is Shopify's: HMAC-SHA256 of the body as it came, under the app's secret.
 *
 * @param delivery.topic the topic that the address is for; a delivery of another one is none of it.
 */
export function verifyWebhook(delivery: {
  readonly topic: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly apiSecret: string;
}): WebhookVerification {
  const { headers } = delivery;
  const missing = Object.values(headerNames).find((name) => !headers.get(name));
  if (missing) return { kind: "missing-header", header: missing };
  if (!isSigned(delivery.body, headers.get(headerNames.hmac) ?? "", delivery.apiSecret)) {
    return { kind: "forged" };
  }
  if (headers.get(headerNames.topic) !== delivery.topic) return { kind: "wrong-topic" };

  const triggeredAtMs = Date.parse(headers.get("x-shopify-triggered-at") ?? "");
  return {
    kind: "genuine",
    webhook: {
      shopDomain: (headers.get(headerNames.shop) ?? "").toLowerCase(),
      webhookId: headers.get(headerNames.id) ?? "",
      triggeredAtMs: Number.isNaN(triggeredAtMs) ? null : triggeredAtMs,
    },
  };
}

function isSigned(body: Uint8Array, hmac: string, apiSecret: string): boolean {
  const expected = createHmac("sha256", apiSecret).update(body).digest();
  const given = Buffer.from(hmac, "base64");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
