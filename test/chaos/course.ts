import type { Scenario } from "#test/scenarios/scenario.ts";
import { createChance } from "#test/simulation/chance.ts";

/**
 * How the shoppers of a run come. `at-once`: as the scenario has it, which is one moment for all and leaves
 * no time to move a unit. `rush`: the same crowd besieges a few of the stores for a while, and there is
 * stock enough elsewhere, so that units have to be taken there and granted here while calls fail.
 */
export type CourseKind = "at-once" | "rush";

const rushShare = 0.15;
const rushedStores = 3;
/** Some drains long: a unit that is taken early can still be sold. */
const rushMs = 6_000;
/** One payment in a hundred thousand takes 0.9 s; the drain is longer than any, and short enough to see many. */
const rushPaymentMs = { p50Ms: 150, p99Ms: 400 };
const rushDrainMs = 1_200;
/** As many units as keep the app from thinking that the end is near, where it moves nothing any more. */
const rushStockFactor = 4;

export function chooseCourse(seed: number): CourseKind {
  return createChance(seed, "course").isHit(rushShare) ? "rush" : "at-once";
}

/** The scenario as the run of a seed plays it. Only crowds are sent elsewhere: who comes alone stays so. */
export function adaptToCourse(scenario: Scenario, seed: number): Scenario {
  if (chooseCourse(seed) === "at-once") return scenario;
  const chance = createChance(seed, "rushed-stores");
  const stores = scenario.shops.map(({ domain }) => domain);
  const rushed: string[] = [];
  while (rushed.length < rushedStores && stores.length > 0) {
    rushed.push(...stores.splice(chance.whole(0, stores.length - 1), 1));
  }
  return {
    ...scenario,
    products: scenario.products.map((product) => ({
      ...product,
      stock: mapValues(product.stock, (units) =>
        typeof units === "number"
          ? units * rushStockFactor
          : mapValues(units, (unitsHere) => unitsHere * rushStockFactor),
      ),
    })),
    groups: scenario.groups.map((group) => ({ ...group, drainMs: rushDrainMs })),
    shoppers: scenario.shoppers.map((shoppers) => {
      const paying = { ...shoppers, paymentMs: rushPaymentMs };
      return paying.kind === "burst" ? { ...paying, overMs: rushMs, shops: rushed } : paying;
    }),
  };
}

/** How long crowds keep coming. */
export function shoppersComeForMs({ shoppers }: Pick<Scenario, "shoppers">): number {
  return Math.max(0, ...shoppers.map((some) => (some.kind === "burst" ? some.overMs : 0)));
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
