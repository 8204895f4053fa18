import type { Item, Level, Shop } from "../world/shop.ts";
import type { World, WorldEvent } from "../world/world.ts";

export type MeasureRequest = {
  readonly name: string;
  readonly sku: string;
  /** What is in the building when the measurement starts. */
  readonly initialUnits: number;
  /** Without a location, all of the shop's. */
  readonly members: readonly { readonly shop: string; readonly location?: string | undefined }[];
};

export type Measurement = {
  readonly name: string;
  readonly soldUnits: number;
  readonly returnedUnits: number;
  /** What the merchant added by hand, less what was taken away. */
  readonly receivedUnits: number;
  /** Wished for by shoppers who were told that it is sold out. */
  readonly refusedUnits: number;
  readonly unitsLeft: number;
  /** Units offered or in payment beyond what is left: 0 or less means that no oversell is possible. */
  readonly exposureUnits: number;
  readonly maxExposureUnits: number;
  /** Units sold that nobody has: how far `unitsLeft` ever was below zero. */
  readonly oversoldUnits: number;
  /** Changes after which the figures were looked at. */
  readonly checks: number;
};

/**
 * The judge of a pool: it sees every store at once, which no app can.
 *
 * After every change in a member store: exposure = Σ over the shops of max(available, units in payment, 0)
 * − unitsLeft. A store can sell what it shows, and what shoppers are paying for it has sold already.
 */
export type Measures = {
  /** A measurement of the same name is replaced. */
  readonly start: (request: MeasureRequest) => Measurement;
  /** Null: no such measurement. */
  readonly find: (name: string) => Measurement | null;
  /** Ends it, and tells what it found. */
  readonly stop: (name: string) => Measurement | null;
};

type Member = {
  readonly shop: Shop;
  readonly item: Item;
  readonly levels: ReadonlySet<Level>;
  sellableUnits: number;
};

type Figures = {
  readonly name: string;
  readonly members: readonly Member[];
  soldUnits: number;
  returnedUnits: number;
  receivedUnits: number;
  refusedUnits: number;
  unitsLeft: number;
  offeredUnits: number;
  maxExposureUnits: number;
  minUnitsLeft: number;
  checks: number;
};

export function createMeasures(world: World): Measures {
  const running = new Map<string, Figures>();
  const byItem = new Map<Item, { readonly figures: Figures; readonly member: Member }[]>();

  const stop = (name: string): Measurement | null => {
    const figures = running.get(name);
    if (!figures) return null;
    running.delete(name);
    for (const { item } of figures.members) {
      const others = (byItem.get(item) ?? []).filter((entry) => entry.figures !== figures);
      byItem.set(item, others);
    }
    return toMeasurement(figures);
  };

  const start = (request: MeasureRequest): Measurement => {
    stop(request.name);
    const members = findMembers(world, request);
    const figures: Figures = {
      name: request.name,
      members,
      soldUnits: 0,
      returnedUnits: 0,
      receivedUnits: 0,
      refusedUnits: 0,
      unitsLeft: request.initialUnits,
      offeredUnits: members.reduce((sum, { sellableUnits }) => sum + sellableUnits, 0),
      maxExposureUnits: -Infinity,
      minUnitsLeft: request.initialUnits,
      checks: 0,
    };
    running.set(request.name, figures);
    for (const member of members) {
      byItem.set(member.item, [...(byItem.get(member.item) ?? []), { figures, member }]);
    }
    check(figures);
    return toMeasurement(figures);
  };

  world.observers.push((event) => {
    for (const item of itemsOf(event)) {
      for (const { figures, member } of byItem.get(item) ?? []) {
        count(figures, member, event);
        const before = member.sellableUnits;
        member.sellableUnits = sellableUnitsOf(member.levels);
        figures.offeredUnits += member.sellableUnits - before;
      }
    }
    // All the levels of the event first: they changed together.
    for (const figures of figuresOf(event, byItem)) check(figures);
  });

  return {
    start,
    stop,
    find: (name) => {
      const figures = running.get(name);
      return figures ? toMeasurement(figures) : null;
    },
  };
}

function findMembers(world: World, { sku, members }: MeasureRequest): readonly Member[] {
  const levels = new Map<string, { shop: Shop; item: Item; levels: Set<Level> }>();
  for (const { shop: domain, location } of members) {
    const shop = world.shops.get(domain);
    const item = shop?.variantsBySku.get(sku)?.item;
    if (!shop || !item) throw new Error(`${domain} has no product ${sku}.`);
    const member = levels.get(domain) ?? { shop, item, levels: new Set<Level>() };
    const chosen = [...item.levels.values()].filter(
      (level) => location === undefined || level.location.name === location,
    );
    if (chosen.length === 0) throw new Error(`${domain} does not stock ${sku} there.`);
    for (const level of chosen) member.levels.add(level);
    levels.set(domain, member);
  }
  return [...levels.values()].map((member) => ({
    ...member,
    sellableUnits: sellableUnitsOf(member.levels),
  }));
}

/** What one store can still sell, or has sold to shoppers who are paying. */
function sellableUnitsOf(levels: ReadonlySet<Level>): number {
  let available = 0;
  let held = 0;
  for (const level of levels) {
    held += level.heldUnits;
    if (level.isActive && level.location.isActive) available += level.quantities.available;
  }
  return Math.max(available, held, 0);
}

function itemsOf(event: WorldEvent): ReadonlySet<Item> {
  switch (event.kind) {
    case "levels-changed":
      return new Set(event.effects.map(({ level }) => level.item));
    case "holds-changed":
    case "purchase-refused":
      return new Set([event.item]);
    case "level-connected":
    case "level-disconnected":
      return new Set([event.level.item]);
    default:
      return new Set();
  }
}

function figuresOf(
  event: WorldEvent,
  byItem: ReadonlyMap<Item, readonly { readonly figures: Figures }[]>,
): ReadonlySet<Figures> {
  return new Set(
    [...itemsOf(event)].flatMap((item) => (byItem.get(item) ?? []).map(({ figures }) => figures)),
  );
}

function count(figures: Figures, { item, levels }: Member, event: WorldEvent): void {
  if (event.kind === "purchase-refused") figures.refusedUnits += event.units;
  if (event.kind !== "levels-changed") return;
  const { cause } = event;
  for (const { level, deltaUnits } of event.effects) {
    if (level.item !== item || !levels.has(level)) continue;
    switch (cause.kind) {
      case "order":
      case "pos":
        figures.soldUnits -= deltaUnits;
        figures.unitsLeft += deltaUnits;
        break;
      case "edit":
        if (deltaUnits < 0) figures.soldUnits -= deltaUnits;
        else figures.returnedUnits += deltaUnits;
        figures.unitsLeft += deltaUnits;
        break;
      case "cancel":
      case "refund":
        figures.returnedUnits += deltaUnits;
        figures.unitsLeft += deltaUnits;
        break;
      case "manual":
        if (!cause.countsAsReceived) break;
        figures.receivedUnits += deltaUnits;
        figures.unitsLeft += deltaUnits;
        break;
      case "app":
        break;
    }
  }
}

function check(figures: Figures): void {
  figures.checks += 1;
  figures.minUnitsLeft = Math.min(figures.minUnitsLeft, figures.unitsLeft);
  figures.maxExposureUnits = Math.max(
    figures.maxExposureUnits,
    figures.offeredUnits - figures.unitsLeft,
  );
}

function toMeasurement(figures: Figures): Measurement {
  const { name, soldUnits, returnedUnits, receivedUnits, refusedUnits, unitsLeft } = figures;
  return {
    name,
    soldUnits,
    returnedUnits,
    receivedUnits,
    refusedUnits,
    unitsLeft,
    exposureUnits: figures.offeredUnits - unitsLeft,
    maxExposureUnits: figures.maxExposureUnits,
    oversoldUnits: Math.max(0, -figures.minUnitsLeft),
    checks: figures.checks,
  };
}
