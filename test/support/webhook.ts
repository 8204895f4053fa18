import { createHmac, randomUUID } from "node:crypto";

import type { WebhookDelivery, WebhookTopic } from "#app/services/receive-webhook.ts";

export const webhookSecret = "webhook-secret";

/** A delivery as Shopify signs it; `changes` replace its headers. */
export function signedDelivery(options: {
  readonly topic: WebhookTopic;
  readonly shop: string;
  readonly payload: unknown;
  readonly webhookId?: string;
  readonly triggeredAtMs?: number;
  readonly secret?: string;
  readonly changes?: Readonly<Record<string, string>>;
}): WebhookDelivery {
  const { topic, payload } = options;
  const body = Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  const headers = new Headers({
    "content-type": "application/json",
    "x-shopify-topic": topic,
    "x-shopify-hmac-sha256": createHmac("sha256", options.secret ?? webhookSecret)
      .update(body)
      .digest("base64"),
    "x-shopify-shop-domain": options.shop,
    "x-shopify-api-version": "2026-10",
    "x-shopify-webhook-id": options.webhookId ?? randomUUID(),
    "x-shopify-triggered-at": new Date(options.triggeredAtMs ?? Date.now()).toISOString(),
    ...options.changes,
  });
  return { topic, headers, body };
}
