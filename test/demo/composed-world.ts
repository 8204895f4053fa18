import type { Protection } from "#app/domain/pool/protection.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";

/** One pool of a contest, with what the stores themselves say it holds at the start. */
export type ContestPool = {
  readonly groupName: string;
  readonly sku: string;
  readonly initialUnits: number;
  readonly members: readonly { readonly shop: string; readonly location: string }[];
};

/** One race of a scenario under one protection: its own products in the same stores. */
export type Contest = {
  readonly protection: Protection;
  /** Counts from 1. */
  readonly run: number;
  readonly pools: readonly ContestPool[];
  readonly shoppers: Scenario["shoppers"];
};

/** A scenario that ends in a known way, told as a story before the races. */
export type Story = Contest & { readonly title: string };

export type ComposedWorld = {
  /** Everything at once: one world, one installation, one set of processes for all races. */
  readonly scenario: Scenario;
  readonly stories: readonly Story[];
  readonly contests: readonly Contest[];
};

/**
 * Puts a race, once per protection and run, and the stories into one world. Each race gets copies of the
 * scenario's products and groups, so that no race finds what another left behind, and nothing has to be
 * started again between them.
 */
export function composeWorld(
  race: Scenario,
  options: {
    readonly protections: readonly Protection[];
    readonly runs: number;
    readonly stories: readonly Scenario[];
    /** What is there besides, and is not played. */
    readonly others?: readonly Scenario[];
    readonly seed: number;
    /** Makes another race of the scenario's for a run, with the same shops, products and groups. */
    readonly adapt?: (race: Scenario, run: number) => Scenario;
  },
): ComposedWorld {
  const contests = options.protections.flatMap((protection) =>
    Array.from({ length: options.runs }, (_, index) =>
      copyRace(options.adapt?.(race, index + 1) ?? race, protection, index + 1),
    ),
  );
  const besides = [...options.stories, ...(options.others ?? [])];
  return {
    scenario: {
      ...race,
      seed: options.seed,
      // Faults begin with the race: an installation is not what it is about.
      faults: noFaults,
      shoppers: [],
      shops: [...race.shops, ...besides.flatMap(({ shops }) => shops)].filter(
        ({ domain }, index, all) => all.findIndex((shop) => shop.domain === domain) === index,
      ),
      products: [
        ...contests.flatMap(({ products }) => products),
        ...besides.flatMap(({ products }) => products),
      ],
      groups: [
        ...contests.flatMap(({ groups }) => groups),
        ...besides.flatMap(({ groups }) => groups),
      ],
    },
    stories: options.stories.map((story) => ({
      title: story.description ?? story.name,
      protection: story.groups[0]?.protection ?? "strict",
      run: 1,
      pools: poolsOf(story),
      shoppers: story.shoppers,
    })),
    contests: contests.map(({ contest }) => contest),
  };
}

export const noFaults: Scenario["faults"] = {
  webhooks: { drop: 0, duplicate: 0, late: 0, lateMs: 0 },
  api: {
    requestLost: 0,
    answerLost: 0,
    errorBefore: 0,
    errorAfter: 0,
    throttled: 0,
    appliedLate: 0,
    appliedLateMs: 0,
  },
};

function copyRace(race: Scenario, protection: Protection, run: number) {
  const shared = new Set(race.groups.flatMap(({ skus }) => skus));
  const rename = (sku: string) => `${sku}-${protection}-${run}`;
  const copied: Scenario = {
    ...race,
    products: race.products
      .filter(({ sku }) => shared.has(sku))
      .map((product) => ({ ...product, sku: rename(product.sku) })),
    groups: race.groups.map((group) => ({
      ...group,
      protection,
      name: `${group.name} (${protection}, ${run})`,
      skus: group.skus.map(rename),
    })),
    shoppers: race.shoppers
      .filter(({ sku }) => shared.has(sku))
      .map((shoppers) => ({ ...shoppers, sku: rename(shoppers.sku) })),
  };
  const contest: Contest = {
    protection,
    run,
    pools: poolsOf(copied),
    shoppers: copied.shoppers,
  };
  return { contest, products: copied.products, groups: copied.groups };
}

function poolsOf(scenario: Scenario): readonly ContestPool[] {
  return scenario.groups.flatMap((group) =>
    group.skus.map((sku) => ({
      groupName: group.name,
      sku,
      members: group.members,
      initialUnits: countInitialUnits(scenario, group, sku),
    })),
  );
}

/** What is there at the start by the merchant's own count; the app is not asked. */
function countInitialUnits(
  { shops, products }: Scenario,
  { members, openingCount }: Scenario["groups"][number],
  sku: string,
): number {
  const stock = products.find((product) => product.sku === sku)?.stock ?? {};
  const unitsAt = ({ shop, location }: { readonly shop: string; readonly location: string }) => {
    const here = stock[shop];
    if (here === undefined) return [];
    if (typeof here !== "number") return here[location] ?? [];
    const firstLocation = shops.find(({ domain }) => domain === shop)?.locations[0];
    return firstLocation === location ? [here] : [];
  };
  const levels = members.flatMap(unitsAt);
  switch (openingCount.kind) {
    case "sum":
      return levels.reduce((sum, units) => sum + units, 0);
    case "minimum":
      return Math.max(0, Math.min(...levels));
    case "store":
      return members
        .filter(({ shop }) => shop === openingCount.shop)
        .flatMap(unitsAt)
        .reduce((sum, units) => sum + units, 0);
    case "typed":
      return openingCount.units;
  }
}
