import type { Scenario, ScenarioDuration } from "./scenario.ts";

/** A mistake in a scenario: where, as a path into the JSON, and what is wrong, completing "this …". */
export type ScenarioMistake = {
  readonly path: readonly (string | number)[];
  readonly message: string;
};

type Path = readonly (string | number)[];

/**
 * What a schema cannot say: whether the names in a scenario mean something in it, and whether its
 * groups can exist. A name that means nothing would give a smaller race than the one that was asked for.
 */
export function findReferenceMistakes(scenario: Scenario): readonly ScenarioMistake[] {
  const world = indexWorld(scenario);
  return [
    ...repeated(scenario.shops, (shop) => shop.domain, "shops", "domain"),
    ...repeated(scenario.products, (product) => product.sku, "products", "sku"),
    ...repeated(scenario.groups, (group) => group.name, "groups", "name"),
    ...findLocationMistakes(scenario),
    ...findStockMistakes(scenario, world),
    ...scenario.groups.flatMap((group, index) =>
      findGroupMistakes(group, ["groups", index], world),
    ),
    ...findSharedListings(scenario),
    ...scenario.shoppers.flatMap((each, index) =>
      findShopperMistakes(each, ["shoppers", index], world),
    ),
    ...findDurationMistakes(scenario),
  ];
}

type World = {
  readonly locationsByShop: ReadonlyMap<string, readonly string[]>;
  readonly shopsBySku: ReadonlyMap<string, ReadonlySet<string>>;
};

function indexWorld(scenario: Scenario): World {
  return {
    locationsByShop: new Map(scenario.shops.map((shop) => [shop.domain, shop.locations])),
    shopsBySku: new Map(
      scenario.products.map(({ sku, stock }) => [sku, new Set(Object.keys(stock))]),
    ),
  };
}

function findLocationMistakes({ shops }: Scenario): readonly ScenarioMistake[] {
  return shops.flatMap(({ locations }, index) =>
    locations.flatMap((name, place) =>
      locations.indexOf(name) < place
        ? [{ path: ["shops", index, "locations", place], message: "names a location twice" }]
        : [],
    ),
  );
}

function findStockMistakes({ products }: Scenario, world: World): readonly ScenarioMistake[] {
  return products.flatMap((product, index) =>
    Object.entries(product.stock).flatMap(([shop, stock]): readonly ScenarioMistake[] => {
      const path = ["products", index, "stock", shop];
      const locations = world.locationsByShop.get(shop);
      if (!locations) return [{ path, message: "is not one of the shops" }];
      return Object.keys(typeof stock === "number" ? {} : stock)
        .filter((name) => !locations.includes(name))
        .map((name) => ({ path: [...path, name], message: `is not a location of ${shop}` }));
    }),
  );
}

function findGroupMistakes(
  group: Scenario["groups"][number],
  path: Path,
  world: World,
): readonly ScenarioMistake[] {
  const shops = new Set(group.members.map(({ shop }) => shop));
  const mistakes: ScenarioMistake[] = [];
  if (shops.size < 2) {
    mistakes.push({ path: [...path, "members"], message: "must name at least two stores" });
  }
  const seen = new Set<string>();
  for (const [index, member] of group.members.entries()) {
    const memberPath = [...path, "members", index];
    const locations = world.locationsByShop.get(member.shop);
    const key = locationKey(member);
    if (!locations) {
      mistakes.push({ path: [...memberPath, "shop"], message: "is not one of the shops" });
    } else if (!locations.includes(member.location)) {
      const message = `is not a location of ${member.shop}`;
      mistakes.push({ path: [...memberPath, "location"], message });
    } else if (seen.has(key)) {
      mistakes.push({ path: memberPath, message: "names a location of the group twice" });
    }
    seen.add(key);
  }
  for (const [index, sku] of group.skus.entries()) {
    const skuPath = [...path, "skus", index];
    const sellers = world.shopsBySku.get(sku);
    if (!sellers) mistakes.push({ path: skuPath, message: "is not the SKU of a product" });
    else if ([...shops].filter((shop) => sellers.has(shop)).length < 2) {
      mistakes.push({ path: skuPath, message: "has stock in fewer than two stores of the group" });
    }
    if (group.skus.indexOf(sku) < index) {
      mistakes.push({ path: skuPath, message: "names a SKU twice" });
    }
  }
  if (group.openingCount.kind === "store" && !shops.has(group.openingCount.shop)) {
    const message = "is not a store of the group";
    mistakes.push({ path: [...path, "openingCount", "shop"], message });
  }
  return mistakes;
}

/** One item at one location cannot belong to two pools: each would answer for the same units. */
function findSharedListings({ groups }: Scenario): readonly ScenarioMistake[] {
  const owners = new Map<string, string>();
  return groups.flatMap(({ name, members, skus }, index) =>
    skus.flatMap((sku, place) => {
      const keys = members.map((member) => `${locationKey(member)} ${sku}`);
      const others = keys.flatMap((key) => owners.get(key) ?? []).filter((owner) => owner !== name);
      for (const key of keys) owners.set(key, name);
      const message = `is shared in the group "${others[0]}" already, at a location of both`;
      return others.length > 0 ? [{ path: ["groups", index, "skus", place], message }] : [];
    }),
  );
}

function findShopperMistakes(
  shoppers: Scenario["shoppers"][number],
  path: Path,
  world: World,
): readonly ScenarioMistake[] {
  const sellers = world.shopsBySku.get(shoppers.sku);
  const places: readonly (readonly [string, Path])[] =
    shoppers.kind === "one"
      ? [[shoppers.shop, [...path, "shop"]]]
      : (shoppers.shops ?? []).map((shop, index) => [shop, [...path, "shops", index]]);
  const mistakes: ScenarioMistake[] = places.flatMap(([shop, shopPath]) => {
    if (!world.locationsByShop.has(shop)) {
      return [{ path: shopPath, message: "is not one of the shops" }];
    }
    return sellers && !sellers.has(shop)
      ? [{ path: shopPath, message: `does not sell ${shoppers.sku}` }]
      : [];
  });
  if (!sellers) mistakes.push({ path: [...path, "sku"], message: "is not the SKU of a product" });
  if (shoppers.failShare + shoppers.abandonShare > 1) {
    mistakes.push({ path: [...path, "failShare"], message: "and abandonShare are more than all" });
  }
  return mistakes;
}

function findDurationMistakes(scenario: Scenario): readonly ScenarioMistake[] {
  const durations: readonly (readonly [ScenarioDuration, Path])[] = [
    [scenario.latency.apiMs, ["latency", "apiMs"]],
    [scenario.latency.webhookMs, ["latency", "webhookMs"]],
    [scenario.faults.webhooks.lateMs, ["faults", "webhooks", "lateMs"]],
    [scenario.faults.api.appliedLateMs, ["faults", "api", "appliedLateMs"]],
    ...scenario.shoppers.map(
      (each, index) => [each.paymentMs, ["shoppers", index, "paymentMs"]] as const,
    ),
  ];
  return durations.flatMap(([value, path]) =>
    typeof value !== "number" && value.p99Ms < value.p50Ms
      ? [{ path: [...path, "p99Ms"], message: "must not be below p50Ms" }]
      : [],
  );
}

function repeated<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  list: string,
  field: string,
): readonly ScenarioMistake[] {
  const keys = items.map(keyOf);
  return keys.flatMap((key, index) =>
    keys.indexOf(key) < index
      ? [{ path: [list, index, field], message: `repeats ${list}[${keys.indexOf(key)}]` }]
      : [],
  );
}

function locationKey({ shop, location }: { readonly shop: string; readonly location: string }) {
  return `${shop} ${location}`;
}
