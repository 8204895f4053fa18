import { randomUUID } from "node:crypto";

import type { Scenario } from "#test/scenarios/scenario.ts";
import { Scenario as ScenarioSchema } from "#test/scenarios/scenario.ts";
import type { HistoryEvent } from "#test/simulator/history.ts";
import { adjustMutation, adjustVariables } from "#test/simulator/connect.ts";
import type { Stand } from "#test/demo/stand.ts";

import { compare } from "./figure.ts";
import type { Figure } from "./figure.ts";

const storeCount = 10;
/** A round trip to the Admin API, the same every time, so that what the app adds can be seen. */
const apiMs = 150;
/** Until everything of one sale is over: the app's own calls, their webhooks, and some air. */
const quietWithinMs = 20_000;

const domains = Array.from(
  { length: storeCount },
  (_, index) => `bench-${index + 1}.myshopify.com`,
);
const sku = "BENCH-1";
/** In the same stores and no group: the yardstick's calls concern nobody. */
const bareSku = "BARE-1";

/** Ten stores with ample stock and budget that mirror one product. */
export const propagationScenario: Scenario = ScenarioSchema.parse({
  name: "bench-propagation",
  latency: { apiMs, webhookMs: 0 },
  shops: domains.map((domain) => ({ domain, plan: "enterprise" })),
  products: [sku, bareSku].map((each) => ({
    sku: each,
    stock: Object.fromEntries(domains.map((domain) => [domain, 100_000])),
  })),
  groups: [
    {
      name: "Bench",
      protection: "mirror",
      members: domains.map((shop) => ({ shop })),
      skus: [sku],
    },
  ],
});

/**
 * How long after the delivery of a sale's webhook the last of the other stores has answered, beside a
 * bare fan-out of as many of the same calls, in turn. Both are taken from the simulated stores' own
 * history: the app has no say in it.
 */
export async function measurePropagation(
  stand: Stand,
  pairCount: number,
  onPair: (done: number) => void,
): Promise<Figure> {
  const fanOut = await openBareFanOut(stand);
  const pairs: { ours: number; yardstick: number }[] = [];
  for (let pair = 0; pair < pairCount; pair += 1) {
    const ours = await sellOnce(stand, domains[pair % storeCount]!);
    const yardstick = await fanOut(domains[pair % storeCount]!);
    // A sale whose webhook was told along with another's has no time of its own.
    if (ours !== null) pairs.push({ ours, yardstick });
    onPair(pair + 1);
  }
  return compare(pairs, {
    name: "propagation",
    yardstickName: `bare fan-out of ${storeCount - 1} calls of ${apiMs} ms`,
    goal: "p50 ≤ 1.25 ×",
    ratioMax: { p50: 1.25, p99: Number.POSITIVE_INFINITY },
  });
}

async function sellOnce({ simulator }: Stand, shop: string): Promise<number | null> {
  const sinceSeq = await lastSeq(simulator);
  await simulator.purchase({ shop, sku });
  const { isQuiet } = await simulator.quiet({ withinMs: quietWithinMs });
  if (!isQuiet) throw new Error("The stores did not become quiet after a sale.");
  const told = await untilTold(simulator, sinceSeq);
  return told && told.answeredAtMs - told.deliveredAtMs;
}

/** Quiet stores may still have to hear from the app: it is done when all others have. */
async function untilTold(simulator: Stand["simulator"], sinceSeq: number) {
  const deadline = performance.now() + quietWithinMs;
  while (performance.now() < deadline) {
    const events = await simulator.history({ sinceSeq, kinds: ["api", "webhook"] });
    const delivered = events.find(isLevelWebhook);
    const answers = events.filter(isAdjustment);
    if (delivered && answers.length >= storeCount - 1) {
      return {
        deliveredAtMs: delivered.sentAtMs,
        answeredAtMs: Math.max(...answers.map(({ atMs }) => atMs)),
      };
    }
    await simulator.quiet({ withinMs: 50 });
  }
  return null;
}

type Told<Kind extends HistoryEvent["kind"]> = Extract<HistoryEvent, { readonly kind: Kind }>;

function isLevelWebhook(event: HistoryEvent): event is Told<"webhook"> {
  return event.kind === "webhook" && event.topic === "inventory_levels/update";
}

function isAdjustment(event: HistoryEvent): event is Told<"api"> {
  return event.kind === "api" && event.fields.includes("inventoryAdjustQuantities");
}

async function lastSeq(simulator: Stand["simulator"]): Promise<number> {
  const [last] = await simulator.history({ limit: 1 });
  return last?.seq ?? 0;
}

/** Calls on connections that are kept, as the app's are. */
async function openBareFanOut({ simulator }: Stand) {
  const shops = await simulator.shops();
  const targets = await Promise.all(
    domains.map(async (domain) => {
      const { access_token: token } = await simulator.install({ shop: domain });
      const shop = shops.find((each) => each.domain === domain)!;
      const variant = shop.variants.find((each) => each.sku === bareSku)!;
      return { domain, token, itemId: variant.inventoryItemId, locationId: shop.locations[0]!.id };
    }),
  );
  return async (sellingDomain: string): Promise<number> => {
    const startedAt = performance.now();
    await Promise.all(
      targets
        .filter(({ domain }) => domain !== sellingDomain)
        .map((target) => adjustOnce(simulator.url, target)),
    );
    const took = performance.now() - startedAt;
    await simulator.quiet({ withinMs: quietWithinMs });
    return took;
  };
}

async function adjustOnce(
  simulatorUrl: string,
  target: {
    readonly domain: string;
    readonly token: string;
    readonly itemId: string;
    readonly locationId: string;
  },
): Promise<void> {
  const changes = [{ itemId: target.itemId, deltaUnits: -1 }];
  const response = await fetch(new URL("/admin/api/2026-10/graphql.json", simulatorUrl), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-shopify-sim-host": target.domain,
      "x-shopify-access-token": target.token,
    },
    body: JSON.stringify({
      query: adjustMutation,
      variables: adjustVariables(target, { key: randomUUID(), changes }),
    }),
  });
  const { data } = (await response.json()) as { readonly data?: unknown };
  if (!data) throw new Error(`A call of the bare fan-out failed with ${response.status}.`);
}
