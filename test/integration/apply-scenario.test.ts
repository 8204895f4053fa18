import { randomBytes } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";

import { createShopifyCatalog } from "#app/adapters/shopify-catalog.server.ts";
import { readSettings } from "#app/env.server.ts";
import { createRuntime } from "#app/runtime.server.ts";
import type { AppRuntime } from "#app/runtime.server.ts";
import { createGroup } from "#app/services/create-group.ts";
import type { CreateGroupOutcome, GroupRequest } from "#app/services/create-group.ts";
import { linkShops } from "#app/services/link-shops.ts";
import { applyScenario } from "#test/scenarios/apply/apply-scenario.ts";
import { Scenario } from "#test/scenarios/scenario.ts";
import { createSimulatorClient } from "#test/simulator/client.ts";
import type { SimulatorClient } from "#test/simulator/client.ts";
import { startSimulator } from "#test/simulator/simulator.ts";
import { openTestDatabase } from "#test/support/database.ts";

const database = await openTestDatabase();
const identity = { apiKey: "apply-key", apiSecret: "apply-secret" };

test("applying a scenario installs, links and groups, and applying it again changes nothing", async () => {
  const { scenario, runtime, simulator } = await openWorld("apply-twice");

  await applyScenario(runtime, scenario, () => undefined);
  const once = await readEverything(scenario);
  await applyScenario(runtime, scenario, () => undefined);
  const twice = await readEverything(scenario);

  expect((await simulator.shops({})).every(({ isInstalled }) => isInstalled)).toBe(true);
  expect(new Set(once.map(({ account }) => account)).size).toBe(1);
  expect(once[0]).toMatchObject({ protection: "strict", ledger_units: 5, ledger_sum: 5 });
  expect(once.map(({ expected_units }) => expected_units)).toEqual([8, 5]);
  expect(twice).toEqual(once);
});

test("tokens are unreadable in the database", async () => {
  const { scenario, runtime } = await openWorld("sealed-tokens");

  await applyScenario(runtime, scenario, () => undefined);

  const shop = scenario.shops[0]!.domain;
  const stored = await database.prisma.session.findFirstOrThrow({ where: { shop } });
  const opened = await runtime.sessionStorage.loadSession(stored.id);
  expect(stored.accessToken).toMatch(/^v1\./);
  expect(opened?.accessToken).not.toBe(stored.accessToken);
  expect(opened?.refreshToken).not.toBe(stored.refreshToken);
});

test("a stand-in that is not there is told in a sentence", async () => {
  const { scenario } = await openWorld("unreachable");
  const runtime = await openAppRuntime("http://127.0.0.1:9");

  await expect(applyScenario(runtime, scenario, () => undefined)).rejects.toThrow(
    "The stand-in at http://127.0.0.1:9 (SHOPIFY_SIM_URL) does not answer; is it running?",
  );
});

test("another app's secret is told in a sentence", async () => {
  const { scenario, simulatorUrl } = await openWorld("wrong-secret");
  const runtime = await openAppRuntime(simulatorUrl, "another-secret");

  await expect(applyScenario(runtime, scenario, () => undefined)).rejects.toThrow(
    /refused to install the app \(HTTP status 400\): SHOPIFY_API_KEY and SHOPIFY_API_SECRET must be/,
  );
});

test("a shop that shares stock in another account is not taken from it", async () => {
  const { scenario, runtime } = await openWorld("two-accounts");
  await applyScenario(runtime, scenario, () => undefined);
  const other = await openWorld("other-account");
  await applyScenario(other.runtime, other.scenario, () => undefined);

  const outcome = await linkShops(runtime, {
    actor: "test",
    shopDomains: [...scenario.shops, ...other.scenario.shops].map(({ domain }) => domain),
  });

  const reason = expect.stringMatching(/in groups of two accounts\.$/) as string;
  expect(outcome).toMatchObject({ kind: "refused", reason });
});

test.each<readonly [string, (world: RefusedWorld) => Partial<GroupRequest>, RegExp]>([
  [
    "fewer than two stores",
    ({ members }) => ({ members: members.slice(0, 1) }),
    /needs locations of at least two stores/,
  ],
  [
    "a location twice",
    ({ members }) => ({ members: [...members, members[0]!] }),
    /The location Warehouse of .* is named twice/,
  ],
  [
    "an unknown SKU",
    () => ({ name: "Coffee", skus: ["COFFEE"] }),
    /No store of the group has .* SKU COFFEE/,
  ],
  [
    "a location that does not exist",
    ({ members }) => ({ members: [members[0]!, { ...members[1]!, location: "Mars" }] }),
    /has no location Mars/,
  ],
  [
    "a shop of another account",
    ({ members }) => ({
      members: [members[0]!, { ...members[1]!, shopDomain: "stranger.myshopify.com" }],
    }),
    /stranger\.myshopify\.com is not a store of this account/,
  ],
  [
    "a product that is shared at the location already",
    () => ({ name: "Second" }),
    /The location Warehouse shares TEA in the group "Tea" already/,
  ],
  [
    "the name of a group with other terms",
    () => ({ protection: "mirror" }),
    /There is another group named "Tea", with other terms/,
  ],
])("a group with %s is refused in words", async (what, change, reason) => {
  const { scenario, runtime } = await openWorld(what.replaceAll(/\W+/g, "-").toLowerCase());
  await applyScenario(runtime, scenario, () => undefined);
  const request = await requestOf(scenario, runtime);
  const before = await readEverything(scenario);

  const outcome = await create(runtime, { ...request, ...change(request) });

  expect(outcome).toMatchObject({
    kind: "refused",
    reason: expect.stringMatching(reason) as string,
  });
  expect(await readEverything(scenario)).toEqual(before);
});

test("untracked items and those that go on selling are let in, and their guard says so", async () => {
  const { scenario, runtime, simulator } = await openWorld("guards");
  const [first, second] = scenario.shops.map(({ domain }) => domain);
  await simulator.setVariant({ shop: first!, sku: "TEA", tracked: false });
  await simulator.setVariant({ shop: second!, sku: "TEA", policy: "continue" });

  await applyScenario(runtime, scenario, () => undefined);

  const listings = await readEverything(scenario);
  expect(listings.map(({ guard }) => guard)).toEqual(["untracked", "continues-selling"]);
  expect(listings[0]).toMatchObject({ is_guaranteed: false });
});

type RefusedWorld = Pick<GroupRequest, "members">;

async function openWorld(name: string) {
  const shops = ["a", "b"].map((letter) => `${name}-${letter}.myshopify.com`);
  const [first, second] = shops as [string, string];
  const scenario = Scenario.parse({
    name,
    shops: shops.map((domain) => ({ domain })),
    products: [{ sku: "TEA", title: "Tea", stock: { [first]: 8, [second]: 5 } }],
    groups: [
      {
        name: "Tea",
        protection: "strict",
        members: shops.map((shop) => ({ shop })),
        skus: ["TEA"],
      },
    ],
  });
  const running = await startSimulator({ ...identity, appUrls: [], scenario });
  onTestFinished(running.stop);
  const simulator: SimulatorClient = createSimulatorClient(running.url);
  onTestFinished(simulator.close);
  return {
    scenario,
    simulator,
    simulatorUrl: running.url,
    runtime: await openAppRuntime(running.url),
  };
}

const tokenKey = randomBytes(32).toString("base64");

async function openAppRuntime(simulatorUrl: string, apiSecret: string = identity.apiSecret) {
  const settings = readSettings({
    SHOPIFY_API_KEY: identity.apiKey,
    SHOPIFY_API_SECRET: apiSecret,
    SHOPIFY_APP_URL: "http://127.0.0.1:3000",
    SHOPIFY_SIM_URL: simulatorUrl,
    DATABASE_URL: database.url,
    TOKEN_KEYS: tokenKey,
    LOG_LEVEL: "error",
  });
  const runtime = await createRuntime(settings, { processName: "test" });
  onTestFinished(runtime.close);
  return runtime;
}

async function requestOf(scenario: Scenario, runtime: AppRuntime): Promise<GroupRequest> {
  const [group] = scenario.groups;
  const shop = await runtime.database.prisma.shop.findUniqueOrThrow({
    where: { domain: scenario.shops[0]!.domain },
  });
  return {
    accountId: shop.accountId,
    actor: "test",
    name: group!.name,
    protection: group!.protection,
    drainMs: group!.drainMs,
    members: group!.members.map((member) => ({ ...member, shopDomain: member.shop })),
    skus: group!.skus,
    openingCount: { kind: "minimum" },
  };
}

function create(runtime: AppRuntime, request: GroupRequest): Promise<CreateGroupOutcome> {
  return createGroup({ ...runtime, catalog: createShopifyCatalog(runtime.graphql) }, request);
}

/** What the app holds of a scenario's shops, a row per listing in the order of the shops. */
async function readEverything(scenario: Scenario) {
  const { rows } = await database.pool.query<Record<string, unknown>>(
    `SELECT shop.id AS shop, shop.account_id AS account, location_group.id AS group_id,
       pool.id AS pool, pool.protection, pool.ledger_units, pool.is_guaranteed, listing.id,
       listing.expected_units, listing.guard,
       (SELECT sum(units)::int FROM ledger_entry WHERE pool_id = pool.id) AS ledger_sum,
       (SELECT count(*)::int FROM quota_operation WHERE pool_id = pool.id) AS operations,
       (SELECT count(*)::int FROM location_group WHERE account_id = shop.account_id) AS groups
     FROM shop JOIN listing ON listing.shop_id = shop.id
       JOIN pool ON pool.id = listing.pool_id
       JOIN location_group ON location_group.id = pool.group_id
     WHERE shop.domain = ANY ($1) ORDER BY shop.domain`,
    [scenario.shops.map(({ domain }) => domain)],
  );
  return rows;
}
