import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { ScenarioError, parseScenario, readScenario } from "#test/scenarios/read-scenario.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";

const directory = join(import.meta.dirname, "../scenarios");
const files = readdirSync(directory).filter((name) => name.endsWith(".json"));

test.each(files)("the scenario %s has no mistake", (file) => {
  expect(readScenario(join(directory, file)).name).toBe(file.replace(".json", ""));
});

test("a wrong value is told with its line, its column and its field", () => {
  const text = `{
  "name": "race",
  "shops": [{ "domain": "a.myshopify.com" }, { "domain": "b.myshopify.com", "plan": "big" }],
  "products": [{ "sku": "TEA", "stock": { "a.myshopify.com": 1 } }]
}`;

  expect(mistakesIn(text)).toEqual([
    'race.json:3:77 shops[1].plan: must be one of "standard", "advanced", "plus", "enterprise".',
  ]);
});

test("text that is not JSON is told with its place", () => {
  expect(mistakesIn('{\n  "name": "race",\n}')).toEqual([
    "race.json:3:1 this is not JSON: property name expected.",
  ]);
});

test("an unknown field is pointed at, and a missing one where it should be", () => {
  const text = '{\n  "name": "race", "sed": 3,\n  "shops": [{ "plan": "plus" }], "products": []\n}';

  expect(mistakesIn(text)).toEqual([
    "race.json:3:13 shops[0].domain: is missing.",
    "race.json:3:34 products: must have at least 1 entries.",
    "race.json:2:19 sed: is not a known field.",
  ]);
});

test("a duration that is neither of its shapes is told what it may be", () => {
  expect(mistakesIn(world({ latency: { apiMs: "slow" } as never }))).toEqual([
    expect.stringMatching(/latency\.apiMs: must be a number or an object\.$/),
  ]);
});

test.each<readonly [string, Partial<Scenario>, string]>([
  [
    "a SKU that no product has",
    group({ skus: ["COFFEE"] }),
    "skus[0]: is not the SKU of a product",
  ],
  [
    "a member's shop that does not exist",
    group({ members: [member("a"), member("b"), member("z")] }),
    "members[2].shop: is not one of the shops",
  ],
  [
    "a member's location that does not exist",
    group({ members: [member("a"), member("b", "Mars")] }),
    "members[1].location: is not a location of b.myshopify.com",
  ],
  [
    "a location twice",
    group({ members: [member("a"), member("b"), member("a")] }),
    "members[2]: names a location of the group twice",
  ],
  [
    "fewer than two stores",
    group({ members: [member("a")] }),
    "members: must name at least two stores",
  ],
])("a group with %s is refused", (_, overrides, message) => {
  expect(mistakesIn(world(overrides)).join("\n")).toContain(`groups[0].${message}.`);
});

test("stock for an unknown shop, and shoppers at one, are refused", () => {
  const mistakes = mistakesIn(
    world({
      products: [{ sku: "TEA", stock: { ...stock, "z.myshopify.com": 1 } }] as never,
      shoppers: [{ kind: "one", shop: "z.myshopify.com", sku: "TEA" }] as never,
    }),
  ).join("\n");

  expect(mistakes).toContain('products[0].stock["z.myshopify.com"]: is not one of the shops.');
  expect(mistakes).toContain("shoppers[0].shop: is not one of the shops.");
});

test("two groups cannot share one product at one location", () => {
  const { groups } = group({});
  const mistakes = mistakesIn(world({ groups: [groups[0]!, { ...groups[0]!, name: "Other" }] }));

  expect(mistakes).toEqual([
    expect.stringContaining('groups[1].skus[0]: is shared in the group "Tea" already'),
  ]);
});

const stock = { "a.myshopify.com": 1, "b.myshopify.com": 1 };

/** A world without mistakes, save for what a test puts into it. */
function world(overrides: Partial<Scenario>): string {
  return JSON.stringify({
    name: "race",
    shops: ["a", "b"].map((name) => ({ domain: `${name}.myshopify.com` })),
    products: [{ sku: "TEA", stock }],
    ...overrides,
  });
}

function group(overrides: Partial<Scenario["groups"][number]>): { groups: Scenario["groups"] } {
  const group = { name: "Tea", protection: "strict", members: [member("a"), member("b")] };
  return { groups: [{ ...group, skus: ["TEA"], ...overrides } as Scenario["groups"][number]] };
}

function member(name: string, location = "Warehouse") {
  return { shop: `${name}.myshopify.com`, location };
}

function mistakesIn(text: string): readonly string[] {
  try {
    parseScenario(text, "race.json");
  } catch (error) {
    if (error instanceof ScenarioError) return error.message.split("\n");
    throw error;
  }
  return [];
}
