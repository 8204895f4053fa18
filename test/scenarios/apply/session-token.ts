import { createHmac, randomUUID } from "node:crypto";

/** As long as Shopify's own. */
const validSeconds = 60;

/**
 * The token that Shopify's admin gives an embedded app when the owner of a store opens it: a JWT signed
 * with the app's secret. It is what a token exchange, and so an installation, begins with.
 */
export function mintSessionToken(options: {
  readonly shopDomain: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly nowMs: number;
}): string {
  const nowSeconds = Math.floor(options.nowMs / 1_000);
  const store = `https://${options.shopDomain}`;
  const content = [
    { alg: "HS256", typ: "JWT" },
    {
      iss: `${store}/admin`,
      dest: store,
      aud: options.apiKey,
      sub: "1",
      exp: nowSeconds + validSeconds,
      nbf: nowSeconds,
      iat: nowSeconds,
      jti: randomUUID(),
      sid: randomUUID(),
    },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const signature = createHmac("sha256", options.apiSecret).update(content).digest("base64url");
  return `${content}.${signature}`;
}
