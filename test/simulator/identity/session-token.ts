import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** What an embedded page gets from App Bridge: a JWT that says who looks at which store's admin. */
export type SessionTokenClaims = {
  readonly iss: string;
  readonly dest: string;
  readonly aud: string;
  readonly sub: string;
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly sid: string;
};

/** Shopify's session tokens live one minute. */
const lifetimeSeconds = 60;
/** How far the clocks of the two sides may be apart. */
const toleranceSeconds = 10;

/** A session token as Shopify's admin issues it: HS256 with the app's secret. */
export function signSessionToken({
  shop,
  apiKey,
  apiSecret,
  userId = "1",
  nowSeconds,
}: {
  readonly shop: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly userId?: string;
  readonly nowSeconds: number;
}): string {
  const issuedAt = Math.floor(nowSeconds);
  const claims: SessionTokenClaims = {
    iss: `https://${shop}/admin`,
    dest: `https://${shop}`,
    aud: apiKey,
    sub: userId,
    exp: issuedAt + lifetimeSeconds,
    nbf: issuedAt,
    iat: issuedAt,
    jti: randomUUID(),
    sid: randomUUID(),
  };
  const head = encode({ alg: "HS256", typ: "JWT" });
  const signed = `${head}.${encode(claims)}`;
  return `${signed}.${sign(signed, apiSecret)}`;
}

/** Whether the token was signed with the secret, is for this app and this store, and is in its time. */
export function isSessionTokenValid(
  token: string,
  {
    shop,
    apiKey,
    apiSecret,
    nowSeconds,
  }: {
    readonly shop: string;
    readonly apiKey: string;
    readonly apiSecret: string;
    readonly nowSeconds: number;
  },
): boolean {
  const [head, body, signature, rest] = token.split(".");
  if (!head || !body || !signature || rest !== undefined) return false;
  const expected = Buffer.from(sign(`${head}.${body}`, apiSecret));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return false;
  const header = decode(head);
  const claims = decode(body);
  return (
    header?.alg === "HS256" &&
    claims?.aud === apiKey &&
    claims.dest === `https://${shop}` &&
    typeof claims.exp === "number" &&
    claims.exp + toleranceSeconds > nowSeconds &&
    typeof claims.nbf === "number" &&
    claims.nbf - toleranceSeconds <= nowSeconds
  );
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function sign(text: string, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}
