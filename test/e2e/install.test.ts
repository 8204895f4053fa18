import { resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

import { findFreePort } from "#app/adapters/free-port.server.ts";
import { Scenario } from "#test/scenarios/scenario.ts";
import { createSimulatorClient } from "#test/simulator/client.ts";
import { startSimulator } from "#test/simulator/simulator.ts";
import { startWeb } from "#test/support/app-process.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { embeddedAddress, testApp } from "#test/support/installed-app.ts";
import { waitFor } from "#test/support/wait-for.ts";

const shop = "one.myshopify.com";
const database = await openTestDatabase();
const port = await findFreePort();
const simulator = await startSimulator({
  apiKey: testApp.apiKey,
  apiSecret: testApp.apiSecret,
  appUrls: [`http://127.0.0.1:${port}`],
  config: resolve("shopify.app.toml"),
  scenario: Scenario.parse({
    name: "install",
    shops: [{ domain: shop, name: "Store One" }],
    products: [{ sku: "A", stock: { [shop]: 3 } }],
  }),
});
const client = createSimulatorClient(simulator.url);
const web = await startWeb({
  ...testApp.environment(database.url),
  PORT: String(port),
  SHOPIFY_SIM_URL: simulator.url,
});
afterAll(async () => {
  await web.stop();
  client.close();
  await simulator.stop();
});

/** As the admin opens the app in its frame; robots are answered 410. */
const visit = () =>
  fetch(embeddedAddress(web.url, "/app", shop), {
    redirect: "manual",
    headers: { "user-agent": "Mozilla/5.0 (X11; Linux x64) Chrome/140.0.0.0 Safari/537.36" },
  });
const findShop = () => database.prisma.shop.findUnique({ where: { domain: shop } });

test("the first visit installs the app: a token is exchanged, kept unreadable, and the shop is known", async () => {
  const response = await visit();

  expect(response.status).toBe(200);
  expect(await response.text()).toContain("Sell the same stock in several stores");
  expect(await findShop()).toMatchObject({
    name: "Store One",
    status: "installed",
    scopes: expect.stringContaining("write_inventory") as string,
  });
  const session = await database.prisma.session.findUniqueOrThrow({
    where: { id: `offline_${shop}` },
  });
  expect(session.accessToken).toMatch(/^v1\./);
  expect(session.refreshToken).toMatch(/^v1\./);
  expect(session.expires!.getTime()).toBeGreaterThan(Date.now());
});

test("what happens in the store arrives by webhooks, and is kept without the buyer", async () => {
  await client.purchase({ shop, sku: "A" });

  const kinds = await waitFor("the sale's webhooks", async () => {
    const events = await database.prisma.inboxEvent.findMany();
    const seen = events.map(({ kind }) => kind);
    return ["inventory_levels/update", "orders/create"].every((kind) => seen.includes(kind))
      ? events
      : null;
  });
  expect(kinds.every(({ deadLetterReason }) => deadLetterReason === null)).toBe(true);
});

test("uninstalling closes the shop and removes its tokens; the next visit brings it back", async () => {
  const before = await findShop();
  await client.uninstall({ shop });
  await waitFor("the shop to be closed", async () => (await findShop())?.status === "uninstalled");
  expect(await database.prisma.session.count({ where: { shop } })).toBe(0);

  expect((await visit()).status).toBe(200);

  expect(await findShop()).toMatchObject({ status: "installed", accountId: before!.accountId });
});

test("an installation that was cut short is made good by the next visit", async () => {
  await database.prisma.shop.deleteMany({ where: { domain: shop } });

  expect((await visit()).status).toBe(200);

  expect(await findShop()).toMatchObject({ name: "Store One", status: "installed" });
});
