import { Session } from "@shopify/shopify-api";
import { PrismaSessionStorage } from "@shopify/shopify-app-session-storage-prisma";
import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";

import { createSessionStorage } from "#app/adapters/session-storage.server.ts";
import { createTokenCipher } from "#app/adapters/token-cipher.server.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { aLogger } from "#test/support/logger.ts";

const database = await openTestDatabase();
const inner = new PrismaSessionStorage(database.prisma);
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)].map((bytes) =>
  bytes.toString("base64"),
);

const storageWith = (...keys: readonly string[]) => {
  const log = aLogger();
  return { log, storage: createSessionStorage({ inner, cipher: createTokenCipher(keys), log }) };
};

function aSession() {
  const shop = `store-${randomUUID()}.myshopify.com`;
  return new Session({
    id: `offline_${shop}`,
    shop,
    state: "state",
    isOnline: false,
    scope: "read_inventory",
    expires: new Date(Date.now() + 3_600_000),
    accessToken: "the access token",
    refreshToken: "the refresh token",
    refreshTokenExpires: new Date(Date.now() + 7_776_000_000),
  });
}
const rowOf = ({ id }: Session) => database.prisma.session.findUniqueOrThrow({ where: { id } });

test("a session comes back as it was kept, and its tokens cannot be read in the database", async () => {
  const { storage } = storageWith(newKey!);
  const session = aSession();

  await storage.storeSession(session);

  const found = await storage.loadSession(session.id);
  expect(found).toMatchObject({
    accessToken: "the access token",
    refreshToken: "the refresh token",
    scope: "read_inventory",
    shop: session.shop,
  });
  expect(found!.expires).toEqual(session.expires);
  expect(await storage.findSessionsByShop(session.shop)).toHaveLength(1);
  expect(JSON.stringify(await inner.loadSession(session.id))).not.toContain("the access token");
});

test("what an older key sealed is sealed with the new one when it is read", async () => {
  const session = aSession();
  await storageWith(oldKey!).storage.storeSession(session);
  const before = await rowOf(session);

  await storageWith(newKey!, oldKey!).storage.loadSession(session.id);

  expect((await rowOf(session)).accessToken).not.toBe(before.accessToken);
  expect(await storageWith(newKey!).storage.loadSession(session.id)).toMatchObject({
    accessToken: "the access token",
    refreshToken: "the refresh token",
  });
});

test("a session whose key is gone counts as missing, so that the next visit brings new tokens", async () => {
  const session = aSession();
  await storageWith(oldKey!).storage.storeSession(session);
  const { storage, log } = storageWith(newKey!);

  expect(await storage.loadSession(session.id)).toBeUndefined();
  expect(await storage.findSessionsByShop(session.shop)).toEqual([]);
  expect(log.lines).toMatchObject([{ level: "warn" }, { level: "warn" }]);
});

test("tokens moved to another shop's session do not open there", async () => {
  const [one, other] = [aSession(), aSession()];
  const { storage } = storageWith(newKey!);
  await storage.storeSession(one);
  await storage.storeSession(other);
  const { accessToken } = await rowOf(one);
  await database.prisma.session.update({ where: { id: other.id }, data: { accessToken } });

  expect(await storage.loadSession(other.id)).toBeUndefined();
});
