import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";

import { SettingsError, readSettings } from "#app/env.server.ts";

const key = randomBytes(32).toString("base64");

const local = {
  SHOPIFY_API_KEY: "key",
  SHOPIFY_API_SECRET: "secret",
  SHOPIFY_APP_URL: "http://127.0.0.1:3000",
};
const hosted = { ...local, SHOPIFY_APP_URL: "https://app.example.com", TOKEN_KEYS: key };

test("three settings are enough on one machine; the rest have standards", () => {
  expect(readSettings(local)).toEqual({
    apiKey: "key",
    apiSecret: "secret",
    appUrl: "http://127.0.0.1:3000",
    scopes: [],
    databaseUrl: null,
    redisUrls: [],
    tokenKeys: [],
    port: 3000,
    logLevel: "info",
    sweepIntervalMs: 60_000,
    shopifySimUrl: null,
    isProduction: false,
  });
});

test("an empty setting is one that was not made", () => {
  const empty = {
    DATABASE_URL: "",
    REDIS_URLS: " ",
    TOKEN_KEYS: "",
    PORT: "",
    LOG_LEVEL: "",
    SWEEP_INTERVAL_MS: "",
    SHOPIFY_SIM_URL: "",
    SCOPES: "",
  };

  expect(readSettings({ ...local, ...empty })).toEqual(readSettings(local));
});

test("lists are split at commas, and an address loses the slash at its end", () => {
  const settings = readSettings({
    ...hosted,
    SHOPIFY_APP_URL: "https://app.example.com/",
    SCOPES: "read_inventory, write_inventory",
    REDIS_URLS: "redis://a:1,redis://b:1,rediss://c:1",
    TOKEN_KEYS: `${key},${key}`,
  });

  expect(settings.appUrl).toBe("https://app.example.com");
  expect(settings.scopes).toEqual(["read_inventory", "write_inventory"]);
  expect(settings.redisUrls).toHaveLength(3);
  expect(settings.tokenKeys).toEqual([key, key]);
});

test("HOST and then APP_URL serve as the app's address, as Shopify CLI gives them", () => {
  const rest = { ...hosted, SHOPIFY_APP_URL: "" };

  expect(readSettings({ ...rest, HOST: "https://host.example" }).appUrl).toBe(
    "https://host.example",
  );
  expect(readSettings({ ...rest, APP_URL: "https://url.example" }).appUrl).toBe(
    "https://url.example",
  );
});

test("everything that is wrong is told at once, a sentence each", () => {
  const problems = problemsOf({
    PORT: "0",
    LOG_LEVEL: "loud",
    DATABASE_URL: "mysql://x",
    SWEEP_INTERVAL_MS: "1.5",
  });

  expect(problems).toHaveLength(7);
  expect(problems.join(" ")).toMatch(
    /SHOPIFY_API_KEY .*SHOPIFY_API_SECRET .*DATABASE_URL .*PORT .*LOG_LEVEL .*SWEEP_INTERVAL_MS .*SHOPIFY_APP_URL /,
  );
});

test.each([
  ["two nodes", "redis://a:1,redis://b:1", /1, 3 or 5.*even number can tie/],
  ["four nodes", "redis://a,redis://b,redis://c,redis://d", /1, 3 or 5/],
  ["one node by three names", "redis://a:1,redis://a:1/,redis://A:1", /a node twice/],
  ["another protocol", "http://a:1", /redis:\/\/ or rediss:\/\//],
])("%s are refused as Redis nodes, with the reason", (_what, urls, reason) => {
  expect(problemsOf({ ...local, REDIS_URLS: urls }).join()).toMatch(reason);
});

test("a stand-in for Shopify is allowed where only this machine reaches the app", () => {
  const simUrl = "http://127.0.0.1:4010";

  expect(readSettings({ ...local, SHOPIFY_SIM_URL: `${simUrl}/` }).shopifySimUrl).toBe(simUrl);
  expect(problemsOf({ ...hosted, SHOPIFY_SIM_URL: simUrl }).join()).toMatch(/is refused while/);
  expect(problemsOf({ ...local, SHOPIFY_SIM_URL: "http://10.0.0.1:4010" }).join()).toMatch(
    /loopback address/,
  );
  expect(problemsOf({ ...local, SHOPIFY_SIM_URL: "http://127.0.0.1.example.com" }).join()).toMatch(
    /loopback address/,
  );
});

test("keys for tokens are demanded of an app that others reach, and must be keys", () => {
  expect(problemsOf({ ...hosted, TOKEN_KEYS: "" }).join()).toMatch(/TOKEN_KEYS is missing/);
  expect(problemsOf({ ...hosted, TOKEN_KEYS: "c2hvcnQ=" }).join()).toMatch(/32 bytes/);
});

function problemsOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}
