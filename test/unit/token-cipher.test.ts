import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";

import { createTokenCipher } from "#app/adapters/token-cipher.server.ts";

const aKey = () => randomBytes(32).toString("base64");
const owner = { shop: "north.myshopify.com", field: "accessToken" };

test("a sealed token opens for its owner and does not show its text", () => {
  const cipher = createTokenCipher([aKey()]);

  const sealed = cipher.seal("shpat_secret", owner);

  expect(cipher.open(sealed, owner)).toBe("shpat_secret");
  expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]+\.[\w-]+$/);
  expect(sealed).not.toContain("secret");
});

test("a token sealed with an older key opens, and is known to be stale", () => {
  const [oldKey, newKey] = [aKey(), aKey()];
  const sealed = createTokenCipher([oldKey]).seal("shpat_secret", owner);

  const rotated = createTokenCipher([newKey, oldKey]);

  expect(rotated.open(sealed, owner)).toBe("shpat_secret");
  expect(rotated.isStale(sealed)).toBe(true);
  expect(rotated.isStale(rotated.seal("shpat_secret", owner))).toBe(false);
});

test("a token whose key was taken away is refused by the name of the key", () => {
  const sealed = createTokenCipher([aKey()]).seal("shpat_secret", owner);
  const keyId = sealed.split(".")[1];

  expect(() => createTokenCipher([aKey()]).open(sealed, owner)).toThrow(`lacks key ${keyId}`);
});

test("a token copied to another shop or field does not open there", () => {
  const cipher = createTokenCipher([aKey()]);
  const sealed = cipher.seal("shpat_secret", owner);

  expect(() => cipher.open(sealed, { ...owner, shop: "south.myshopify.com" })).toThrow(
    "sealed for another owner",
  );
  expect(() => cipher.open(sealed, { ...owner, field: "refreshToken" })).toThrow(
    "sealed for another owner",
  );
});

test("an unencrypted token in the database is not taken for one of ours", () => {
  expect(() => createTokenCipher([aKey()]).open("shpat_secret", owner)).toThrow("not in the form");
});

test.each([
  ["none", [], "names no key"],
  ["one that is too short", [randomBytes(16).toString("base64")], "Key 1 of TOKEN_KEYS"],
  ["one that is not base64", [aKey(), "?".repeat(44)], "Key 2 of TOKEN_KEYS"],
])("a cipher is refused with %s of its keys", (_case, keys, message) => {
  expect(() => createTokenCipher(keys)).toThrow(message);
});
