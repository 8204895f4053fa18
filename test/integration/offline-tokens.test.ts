import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished, expect, test } from "vitest";

import { createOfflineTokens } from "#app/adapters/offline-tokens.server.ts";
import { createTokenCipher } from "#app/adapters/token-cipher.server.ts";
import { createDatabase } from "#app/db.server.ts";
import { findOfflineTokens, replaceOfflineTokens } from "#app/models/session.ts";
import { createShopifyFetch } from "#app/shopify-sim.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { aLogger } from "#test/support/logger.ts";
import { waitFor } from "#test/support/wait-for.ts";

const database = await openTestDatabase();
const cipher = createTokenCipher([randomBytes(32).toString("base64")]);
const hourMs = 3_600_000;
const nowMs = 1_800_000_000_000;

test("a token that has long to go is given without asking anybody", async () => {
  const shop = await aShop({ leftMs: hourMs });
  const endpoint = await aTokenEndpoint();

  expect(await aProcess(endpoint.url).getToken(shop)).toEqual(token("first"));
  expect(endpoint.requests).toEqual([]);
});

test("many callers in several processes renew a token that has ended once", async () => {
  const shop = await aShop({ leftMs: -1 });
  const endpoint = await aTokenEndpoint();
  const processes = [aProcess(endpoint.url), aProcess(endpoint.url), aProcess(endpoint.url)];

  const replies = await Promise.all(
    processes.flatMap((tokens) => [tokens.getToken(shop), tokens.getToken(shop)]),
  );

  expect(replies).toEqual(Array.from({ length: 6 }, () => token("access-1")));
  expect(endpoint.requests).toEqual(["refresh-0"]);
  expect(await storedTokens(shop)).toEqual({ access: "access-1", refresh: "refresh-1" });
});

test("a token near its end still serves while it is renewed behind the caller's back", async () => {
  const shop = await aShop({ leftMs: 60_000 });
  const endpoint = await aTokenEndpoint();
  const clock = { nowMs };
  const tokens = aProcess(endpoint.url, clock);
  await tokens.getToken(shop); // the first of all waits, and renews

  clock.nowMs += hourMs - 9 * 60_000;
  expect(await tokens.getToken(shop)).toEqual(token("access-1"));
  await waitFor("the renewal", async () => (await storedTokens(shop)).access === "access-2");
  expect(await tokens.getToken(shop)).toEqual(token("access-2"));
});

test("a renewal that fails leaves the token that still serves; without one the shop is unavailable", async () => {
  const endpoint = await aTokenEndpoint({ status: 503 });
  const near = await aShop({ leftMs: 60_000 });
  const ended = await aShop({ leftMs: -1 });
  const tokens = aProcess(endpoint.url);

  expect(await tokens.getToken(near)).toEqual(token("first"));
  expect(await tokens.getToken(ended)).toEqual({ kind: "unavailable" });
  expect(await storedTokens(ended)).toEqual({ access: "first", refresh: "refresh-0" });
});

test.each([400, 401, 403])(
  "a renewal refused with %i means that the shop is gone",
  async (status) => {
    const endpoint = await aTokenEndpoint({ status });
    const shop = await aShop({ leftMs: -1 });

    expect(await aProcess(endpoint.url).getToken(shop)).toEqual({ kind: "refused" });
  },
);

test("an answer that is none of Shopify's leaves the tokens as they are", async () => {
  const endpoint = await aTokenEndpoint({ body: '{"access_token":""}' });
  const shop = await aShop({ leftMs: -1 });

  expect(await aProcess(endpoint.url).getToken(shop)).toEqual({ kind: "unavailable" });
  expect(await storedTokens(shop)).toEqual({ access: "first", refresh: "refresh-0" });
});

test("a shop without a session has no token, and a token that never ends is not renewed", async () => {
  const endpoint = await aTokenEndpoint();
  const tokens = aProcess(endpoint.url);
  const lasting = await aShop({ leftMs: null });

  expect(await tokens.getToken("nobody.myshopify.com")).toEqual({ kind: "refused" });
  expect(await tokens.getToken(lasting)).toEqual(token("first"));
  expect(await tokens.replaceRefusedToken(lasting, "first")).toEqual({ kind: "refused" });
  expect(endpoint.requests).toEqual([]);
});

test("a refused token is replaced by the one that another process has stored", async () => {
  const endpoint = await aTokenEndpoint();
  const shop = await aShop({ leftMs: hourMs });
  const tokens = aProcess(endpoint.url);
  await tokens.getToken(shop);
  await storeTokens(shop, { access: "reinstalled", leftMs: hourMs });

  expect(await tokens.replaceRefusedToken(shop, "first")).toEqual(token("reinstalled"));
  expect(endpoint.requests).toEqual([]);
});

test("a refused token that is still the newest is renewed, once for all who were refused", async () => {
  const endpoint = await aTokenEndpoint();
  const shop = await aShop({ leftMs: hourMs });
  const tokens = aProcess(endpoint.url);
  await tokens.getToken(shop);

  const replies = await Promise.all([
    tokens.replaceRefusedToken(shop, "first"),
    tokens.replaceRefusedToken(shop, "first"),
  ]);

  expect(replies).toEqual([token("access-1"), token("access-1")]);
  expect(endpoint.requests).toEqual(["refresh-0"]);
});

test("tokens whose key is gone are unavailable, not refused: the store is not to blame", async () => {
  const endpoint = await aTokenEndpoint();
  const shop = await aShop({ leftMs: hourMs });
  const otherKey = createTokenCipher([randomBytes(32).toString("base64")]);

  expect(await aProcess(endpoint.url, { nowMs }, otherKey).getToken(shop)).toEqual({
    kind: "unavailable",
  });
});

const token = (accessToken: string) => ({ kind: "token", accessToken });

async function aShop({ leftMs }: { readonly leftMs: number | null }): Promise<string> {
  const shop = `store-${randomUUID()}.myshopify.com`;
  await storeTokens(shop, { access: "first", leftMs });
  return shop;
}

async function storeTokens(
  shop: string,
  { access, leftMs }: { readonly access: string; readonly leftMs: number | null },
): Promise<void> {
  const data = {
    shop,
    state: "",
    accessToken: cipher.seal(access, { shop, field: "accessToken" }),
    expires: leftMs === null ? null : new Date(nowMs + leftMs),
    refreshToken:
      leftMs === null ? null : cipher.seal("refresh-0", { shop, field: "refreshToken" }),
    refreshTokenExpires: leftMs === null ? null : new Date(nowMs + 24 * hourMs),
  };
  const id = `offline_${shop}`;
  await database.prisma.session.upsert({ where: { id }, create: { id, ...data }, update: data });
}

async function storedTokens(shop: string) {
  const row = await database.prisma.session.findUniqueOrThrow({ where: { id: `offline_${shop}` } });
  return {
    access: cipher.open(row.accessToken, { shop, field: "accessToken" }),
    refresh: cipher.open(row.refreshToken ?? "", { shop, field: "refreshToken" }),
  };
}

/** With connections of its own, as another process has. */
function aProcess(url: string, clock: { readonly nowMs: number } = { nowMs }, ownCipher = cipher) {
  const own = createDatabase(database.url, { poolMax: 2 });
  onTestFinished(() => own.close());
  return createOfflineTokens({
    rows: {
      find: (shop) => findOfflineTokens(own, shop),
      replace: (shop, replace) => replaceOfflineTokens(own, shop, replace),
    },
    cipher: ownCipher,
    fetch: createShopifyFetch(url),
    apiKey: "key",
    apiSecret: "secret",
    clock: {
      nowMs: () => clock.nowMs,
      monotonicMs: () => performance.now(),
      pause: () => Promise.resolve(),
    },
    log: aLogger(),
  });
}

/** Shopify's token endpoint as far as renewing goes: each refresh token makes the next pair. */
async function aTokenEndpoint(answer: { readonly status?: number; readonly body?: string } = {}) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { refresh_token } = JSON.parse(Buffer.concat(chunks).toString()) as {
        readonly refresh_token: string;
      };
      requests.push(refresh_token);
      const number = Number(refresh_token.split("-")[1]) + 1;
      const pair = {
        access_token: `access-${number}`,
        expires_in: 3_600,
        refresh_token: `refresh-${number}`,
        refresh_token_expires_in: 7_776_000,
      };
      response.writeHead(answer.status ?? 200, { connection: "close" });
      response.end(answer.body ?? JSON.stringify(pair));
    })();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.close();
    await once(server, "close");
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
