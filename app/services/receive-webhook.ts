import { z } from "zod";

import { recordWebhook } from "../loop/record-event.ts";
import type { Runtime } from "../loop/runtime.ts";

import { changeScopes, closeShop, redactShop } from "./close-shop.ts";
import type { ShopOutcome } from "./close-shop.ts";
import { parseExactJson } from "./exact-json.ts";
import { readWebhook } from "./read-webhook.ts";
import type { StockTopic } from "./read-webhook.ts";
import { verifyWebhook } from "./verify-webhook.ts";
import type { GenuineWebhook, WebhookVerification } from "./verify-webhook.ts";

export type WebhookTopic =
  | StockTopic
  | "app/uninstalled"
  | "app/scopes_update"
  | "customers/data_request"
  | "customers/redact"
  | "shop/redact";

export type WebhookDelivery = {
  /** The topic that the address is for. */
  readonly topic: WebhookTopic;
  readonly headers: Headers;
  readonly body: Uint8Array;
};

export type WebhookOutcome = ShopOutcome | Exclude<WebhookVerification, { kind: "genuine" }>;

const ScopesPayload = z.object({ current: z.array(z.string()) });

/**
 * Takes in one delivery: once it is answered, nothing of it can be lost, and a second one like it
 * changes nothing. Neither Shopify nor a lock is waited for, and no session is read.
 */
export async function receiveWebhook(
  runtime: Pick<Runtime, "database">,
  delivery: WebhookDelivery,
  apiSecret: string,
): Promise<WebhookOutcome> {
  const verification = verifyWebhook({ ...delivery, apiSecret });
  if (verification.kind !== "genuine") return verification;
  const { webhook } = verification;
  const { topic, body } = delivery;

  switch (topic) {
    case "app/uninstalled":
      return closeShop(runtime, webhook);
    case "shop/redact":
      return redactShop(runtime, webhook);
    case "app/scopes_update":
      return receiveScopes(runtime, webhook, body);
    case "customers/data_request":
    case "customers/redact":
      // Nothing about customers is ever stored: there is nothing to hand out or to erase.
      return { kind: "recorded", poolIds: [] };
    default:
      return receiveStock(runtime, webhook, { topic, body });
  }
}

function receiveStock(
  runtime: Pick<Runtime, "database">,
  webhook: GenuineWebhook,
  { topic, body }: { readonly topic: StockTopic; readonly body: Uint8Array },
): Promise<ShopOutcome> {
  const reading = readWebhook(topic, body);
  const isReadable = reading.kind === "findings";
  return recordWebhook(runtime, {
    ...webhook,
    topic,
    match: isReadable ? reading.match : "item",
    findings: isReadable ? reading.findings : [],
    onlyGuards: isReadable ? reading.onlyGuards : null,
    deadLetter: isReadable ? null : { reason: reading.reason, payload: reading.payload },
  });
}

function receiveScopes(
  runtime: Pick<Runtime, "database">,
  webhook: GenuineWebhook,
  body: Uint8Array,
): Promise<ShopOutcome> {
  const scopes = readScopes(body);
  if (scopes !== null) return changeScopes(runtime, webhook, scopes);
  return recordWebhook(runtime, {
    ...webhook,
    topic: "app/scopes_update",
    match: "item",
    findings: [],
    onlyGuards: null,
    deadLetter: { reason: "current: expected the list of granted scopes", payload: {} },
  });
}

function readScopes(body: Uint8Array): readonly string[] | null {
  try {
    return ScopesPayload.parse(parseExactJson(new TextDecoder().decode(body))).current;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}
