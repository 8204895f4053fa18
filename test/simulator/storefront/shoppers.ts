import type { Scenario } from "#test/scenarios/scenario.ts";
import type { World } from "../world/world.ts";
import { nowMs } from "../world/time.ts";
import { startCheckout } from "./checkout.ts";
import type { PaymentOutcome } from "./checkout.ts";

type ScenarioShoppers = Scenario["shoppers"][number];

export type ShopperCounts = {
  readonly attempts: number;
  readonly bought: number;
  /** Told that it is sold out. */
  readonly refused: number;
  readonly failed: number;
  readonly inPayment: number;
};

export type ShopperProgress = ShopperCounts & {
  readonly planned: number;
  readonly done: boolean;
  readonly perShop: readonly (ShopperCounts & { readonly shop: string })[];
};

export type Shoppers = {
  /** Plays them from now on; several plays may run at a time. */
  readonly start: (shoppers: readonly ScenarioShoppers[]) => void;
  readonly progress: () => ShopperProgress;
  readonly isDone: () => boolean;
};

/** One shopper, with everything that is left to chance already decided. */
type Visit = {
  readonly atMs: number;
  readonly shop: string;
  readonly sku: string;
  readonly quantity: number;
  readonly paymentMs: number;
  readonly outcome: PaymentOutcome;
};

/** People who buy in the stores, as the scenario describes them. */
export function createShoppers(world: World): Shoppers {
  const counts = new Map<string, Record<keyof ShopperCounts, number>>();
  let planned = 0;

  const start = (shoppers: readonly ScenarioShoppers[]): void => {
    const visits = shoppers
      .flatMap((some) => planVisits(world, some))
      .sort((one, other) => one.atMs - other.atMs);
    planned += visits.length;
    playFrom(visits, 0, nowMs());
  };

  /** Everyone who is due comes; then one timer waits for the next. */
  const playFrom = (visits: readonly Visit[], first: number, startedAtMs: number): void => {
    let index = first;
    for (; index < visits.length; index += 1) {
      const visit = visits[index]!;
      const waitMs = startedAtMs + visit.atMs - nowMs();
      if (waitMs > 0) {
        world.timers.after(waitMs, () => {
          playFrom(visits, index, startedAtMs);
        });
        return;
      }
      play(visit);
    }
  };

  const play = (visit: Visit): void => {
    const count = countsOf(visit.shop);
    count.attempts += 1;
    const shop = world.shops.get(visit.shop);
    const variant = shop?.variantsBySku.get(visit.sku);
    if (!shop || !variant) {
      count.refused += 1;
      return;
    }
    const checkout = startCheckout(world, shop, { ...visit, variant });
    if (checkout.kind === "sold-out") {
      count.refused += 1;
      return;
    }
    count.inPayment += 1;
    void checkout.finished.then((order) => {
      count.inPayment -= 1;
      if (order) count.bought += 1;
      else count.failed += 1;
    });
  };

  const countsOf = (shop: string): Record<keyof ShopperCounts, number> => {
    const count = counts.get(shop) ?? {
      attempts: 0,
      bought: 0,
      refused: 0,
      failed: 0,
      inPayment: 0,
    };
    counts.set(shop, count);
    return count;
  };

  const progress = (): ShopperProgress => {
    const sum = { attempts: 0, bought: 0, refused: 0, failed: 0, inPayment: 0 };
    for (const count of counts.values()) {
      for (const name of Object.keys(sum) as (keyof ShopperCounts)[]) sum[name] += count[name];
    }
    return {
      ...sum,
      planned,
      done: sum.attempts === planned && sum.inPayment === 0,
      perShop: [...counts].map(([shop, count]) => ({ shop, ...count })),
    };
  };

  return { start, progress, isDone: () => progress().done };
}

function planVisits(world: World, shoppers: ScenarioShoppers): readonly Visit[] {
  const arrivals = world.random("shoppers/arrivals");
  const payments = world.random("shoppers/payments");
  const everyShop = [...world.shops.values()]
    .filter(({ variantsBySku }) => variantsBySku.has(shoppers.sku))
    .map(({ domain }) => domain);
  const visit = (atMs: number, shop: string): Visit => {
    const chance = payments.next();
    const paymentMs = payments.durationMs(shoppers.paymentMs);
    const { failShare, abandonShare } = shoppers;
    const outcome: PaymentOutcome =
      chance < failShare ? "fail" : chance < failShare + abandonShare ? "abandon" : "pay";
    const { sku, quantity } = shoppers;
    return { atMs: shoppers.atMs + atMs, shop, sku, quantity, paymentMs, outcome };
  };

  switch (shoppers.kind) {
    case "one":
      return [visit(0, shoppers.shop)];
    case "burst": {
      const shops = shoppers.shops ?? everyShop;
      return Array.from({ length: shoppers.count }, (_, index) =>
        visit(arrivals.next() * shoppers.overMs, shops[index % shops.length]!),
      );
    }
    case "stream": {
      const shops = shoppers.shops ?? everyShop;
      const meanMs = 3_600_000 / shoppers.perHour;
      const visits: Visit[] = [];
      let atMs = -Math.log(1 - arrivals.next()) * meanMs;
      while (atMs < shoppers.forMs) {
        visits.push(visit(atMs, shops[Math.floor(arrivals.next() * shops.length)]!));
        atMs += -Math.log(1 - arrivals.next()) * meanMs;
      }
      return visits;
    }
  }
}
