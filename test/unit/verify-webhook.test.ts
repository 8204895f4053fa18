import { createHmac } from "node:crypto";
import { expect, test } from "vitest";

import { verifyWebhook } from "#app/services/verify-webhook.ts";

const apiSecret = "secret";
const topic = "orders/create";
const body = new TextEncoder().encode('{"id":1}');
const sign = (bytes: Uint8Array, secret = apiSecret) =>
  createHmac("sha256", secret).update(bytes).digest("base64");

const headers = (changes: Readonly<Record<string, string>> = {}) =>
  new Headers({
    "X-Shopify-Topic": topic,
    "X-Shopify-Hmac-Sha256": sign(body),
    "X-Shopify-Shop-Domain": "one.myshopify.com",
    "X-Shopify-API-Version": "2026-10",
    "X-Shopify-Webhook-Id": "b54557e4",
    "X-Shopify-Triggered-At": "2026-03-29T18:00:27.877041743Z",
    ...changes,
  });
const verify = (changes?: Readonly<Record<string, string>>, bytes = body) =>
  verifyWebhook({ topic, headers: headers(changes), body: bytes, apiSecret });

test("a signed delivery tells its shop, its id and its time", () => {
  expect(verify()).toEqual({
    kind: "genuine",
    webhook: {
      shopDomain: "one.myshopify.com",
      webhookId: "b54557e4",
      triggeredAtMs: Date.UTC(2026, 2, 29, 18, 0, 27, 877),
    },
  });
});

test("the time may be missing; the other headers may not", () => {
  expect(verify({ "X-Shopify-Triggered-At": "" })).toMatchObject({
    webhook: { triggeredAtMs: null },
  });
  for (const name of ["Topic", "Hmac-Sha256", "Shop-Domain", "API-Version", "Webhook-Id"]) {
    const header = `X-Shopify-${name}`;
    expect(verify({ [header]: "" })).toEqual({
      kind: "missing-header",
      header: header.toLowerCase(),
    });
  }
});

test.each([
  ["another secret's", sign(body, "other")],
  ["another body's", sign(new TextEncoder().encode('{"id":2}'))],
  ["no base64", "###"],
  ["short", "YWJj"],
])("a signature that is %s is forged", (_what, hmac) => {
  expect(verify({ "X-Shopify-Hmac-Sha256": hmac })).toEqual({ kind: "forged" });
});

test("one changed byte of the body is enough", () => {
  expect(verify({}, new TextEncoder().encode('{"id":1 }'))).toEqual({ kind: "forged" });
});

test("a delivery of another topic does not belong at this address", () => {
  expect(verify({ "X-Shopify-Topic": "orders/edited" })).toEqual({ kind: "wrong-topic" });
});
