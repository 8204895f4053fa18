import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright";
import { afterAll, expect, test } from "vitest";

import { standInForAppBridge } from "#test/support/app-bridge.ts";
import { startWeb } from "#test/support/app-process.ts";
import { launchBrowser, newVisitor } from "#test/support/browser.ts";
import { buildGroup } from "#test/support/builders.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { embeddedAddress, installApp, testApp } from "#test/support/installed-app.ts";

const database = await openTestDatabase();
const web = await startWeb(testApp.environment(database.url));
const browser = await launchBrowser();
const visitor = await newVisitor(browser);
await standInForAppBridge(visitor);
afterAll(async () => {
  await browser.close();
  await web.stop();
});

/** Phone, tablet and desk. */
const widths = [360, 768, 1_280];

test("the home of an installed shop shows its groups in Polaris, on a phone and on a desk", async () => {
  const group = await buildGroup(database, {
    protection: "strict",
    openingUnits: 5,
    levels: [3, 2],
  });
  const shop = group.listings[0]!.domain;
  await installApp(database, shop);

  const { page, errors } = await open("/app", shop);

  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Location Groups");
  const card = page.locator(".Polaris-ShadowBevel", { hasText: "Warehouse" });
  expect(await card.getByRole("heading", { level: 2 }).textContent()).toMatch(/^Group /);
  const text = await card.textContent();
  for (const words of ["Strict", "Store 1 (Warehouse), Store 2 (Warehouse)", "SKU-1", "5 units"]) {
    expect(text).toContain(words);
  }
  expect(await page.locator("script[data-api-key]").getAttribute("src")).toBe(
    "https://cdn.shopify.com/shopifycloud/app-bridge.js",
  );
  expect(await page.locator("ui-nav-menu a").getAttribute("href")).toBe("/app");
  await expectReadable(page);
  expect(errors).toEqual([]);
});

test("a shop without a group is told what comes first", async () => {
  const shop = "lonely.myshopify.com";
  await database.prisma.shop.create({
    data: {
      domain: shop,
      name: "Lonely",
      plan: "Basic",
      scopes: "",
      account: { create: {} },
    },
  });
  await installApp(database, shop);

  const { page, errors } = await open("/app", shop);

  expect(await page.getByRole("heading", { level: 2 }).textContent()).toBe(
    "Sell the same stock in several stores",
  );
  await expectReadable(page);
  expect(errors).toEqual([]);
});

test("only the shop's own admin may frame a page, and nobody one that has no shop", async () => {
  const shop = "lonely.myshopify.com";

  const { policy } = await open("/app", shop);
  const stranger = await visitor.newPage();
  const response = await stranger.goto(web.url);

  expect(policy).toMatch(/^frame-ancestors https:\/\/lonely\.myshopify\.com https:\/\/admin\./);
  expect(response?.headers()["content-security-policy"]).toBe("frame-ancestors 'none';");
  expect(await stranger.locator("h1").textContent()).toBe("Location Groups");
});

test("a token that is not Shopify's opens nothing", async () => {
  const address = new URL(embeddedAddress(web.url, "/app", "lonely.myshopify.com"));
  const [head, claims] = address.searchParams.get("id_token")!.split(".");
  address.searchParams.set("id_token", `${head}.${claims}.AAAA`);

  const page = await visitor.newPage();
  await page.goto(address.href);

  expect(await page.content()).not.toContain("Sell the same stock");
  expect(new URL(page.url()).pathname).toBe("/auth/session-token");
});

async function open(path: string, shop: string) {
  const page = await visitor.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (line) => {
    if (line.type() === "error") errors.push(line.text());
  });
  const response = await page.goto(embeddedAddress(web.url, path, shop));
  await page.waitForLoadState("networkidle");
  return { page, errors, policy: response?.headers()["content-security-policy"] };
}

async function expectReadable(page: Page): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `sideways scroll at ${width} px`).toBe(0);
  }
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}
