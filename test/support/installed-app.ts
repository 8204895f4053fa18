import { randomBytes } from "node:crypto";

import { createTokenCipher } from "#app/adapters/token-cipher.server.ts";
import type { Database } from "#app/db.server.ts";
import { mintSessionToken } from "#test/scenarios/apply/session-token.ts";

import type { Environment } from "./app-process.ts";

const identity = { apiKey: "test-key", apiSecret: "test-secret" };
const tokenKey = randomBytes(32).toString("base64");
const hourMs = 3_600_000;

/** An app as far as its settings and its merchants' visits go, for a web process of a test. */
export const testApp = {
  ...identity,
  environment: (databaseUrl: string): Environment => ({
    SHOPIFY_API_KEY: identity.apiKey,
    SHOPIFY_API_SECRET: identity.apiSecret,
    TOKEN_KEYS: tokenKey,
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: "warn",
  }),
} as const;

/** Stores a session for the shop, with a token that has an hour to go. */
export async function installApp(database: Database, shop: string): Promise<void> {
  const cipher = createTokenCipher([tokenKey]);
  await database.prisma.session.create({
    data: {
      id: `offline_${shop}`,
      shop,
      state: "",
      accessToken: cipher.seal("access", { shop, field: "accessToken" }),
      expires: new Date(Date.now() + hourMs),
      refreshToken: cipher.seal("refresh", { shop, field: "refreshToken" }),
      refreshTokenExpires: new Date(Date.now() + 24 * hourMs),
    },
  });
}

/** The address by which Shopify's admin opens a page of the app in its frame. */
export function embeddedAddress(appUrl: string, path: string, shop: string): string {
  const address = new URL(path, appUrl);
  address.search = new URLSearchParams({
    embedded: "1",
    shop,
    host: Buffer.from(`admin.shopify.com/store/${shop.split(".")[0]}`).toString("base64"),
    id_token: mintSessionToken({ ...identity, shopDomain: shop, nowMs: Date.now() }),
  }).toString();
  return address.href;
}
