import { randomUUID } from "node:crypto";

import type { Scenario, ScenarioFaults } from "#test/scenarios/scenario.ts";
import { createRandomStream } from "../random.ts";
import type { RandomStream } from "../random.ts";
import { buildShops } from "./build-shops.ts";
import type { Item, Level, Location, Order, Product, Refund, Shop } from "./shop.ts";
import { createTimers } from "./timers.ts";
import type { Timers } from "./timers.ts";
import { nowMs } from "./time.ts";

/** Why a level changed. */
export type Cause =
  | { readonly kind: "order" | "pos" | "edit" | "cancel" | "refund"; readonly orderId: number }
  | {
      readonly kind: "app";
      readonly mutation: string;
      readonly idempotencyKey: string | null;
      readonly reason: string;
      readonly referenceDocumentUri: string | null;
    }
  /** The merchant, in the admin. `countsAsReceived`: the goods in the building changed too. */
  | { readonly kind: "manual"; readonly countsAsReceived: boolean };

/** One thing that somebody did; the webhooks that it causes share its id. */
export type Action = { readonly eventId: string; readonly atMs: number };

export type LevelEffect = {
  readonly level: Level;
  readonly deltaUnits: number;
  readonly availableUnits: number;
};

export type WorldEvent =
  | {
      /** Levels of one store changed, all at once. */
      readonly kind: "levels-changed";
      readonly shop: Shop;
      readonly action: Action;
      readonly cause: Cause;
      readonly effects: readonly LevelEffect[];
    }
  | { readonly kind: "holds-changed"; readonly shop: Shop; readonly item: Item }
  | {
      readonly kind: "purchase-refused";
      readonly shop: Shop;
      readonly item: Item;
      readonly units: number;
    }
  | {
      readonly kind: "level-connected" | "level-disconnected";
      readonly shop: Shop;
      readonly action: Action;
      readonly level: Level;
    }
  | {
      readonly kind: "order-created" | "order-cancelled";
      readonly shop: Shop;
      readonly action: Action;
      readonly order: Order;
    }
  | {
      readonly kind: "order-edited";
      readonly shop: Shop;
      readonly action: Action;
      readonly order: Order;
      readonly deltaUnits: number;
    }
  | {
      readonly kind: "refund-created";
      readonly shop: Shop;
      readonly action: Action;
      readonly order: Order;
      readonly refund: Refund;
    }
  | {
      readonly kind: "product-updated" | "product-deleted";
      readonly shop: Shop;
      readonly action: Action;
      readonly product: Product;
    }
  | {
      readonly kind: "item-updated";
      readonly shop: Shop;
      readonly action: Action;
      readonly item: Item;
    }
  | {
      /** It was switched on or off. */
      readonly kind: "location-switched" | "location-deleted";
      readonly shop: Shop;
      readonly action: Action;
      readonly location: Location;
    }
  | { readonly kind: "app-uninstalled"; readonly shop: Shop; readonly action: Action };

export type World = {
  readonly scenario: Scenario;
  readonly shops: Map<string, Shop>;
  readonly timers: Timers;
  readonly observers: ((event: WorldEvent) => void)[];
  /** May be replaced while the world runs. */
  faults: ScenarioFaults;
  readonly random: (name: string) => RandomStream;
  /** All chances from here on are those of this seed, as in a world that begins with it. */
  readonly reseed: (seed: number) => void;
  /** The next number of a series that ids are made from; each series counts by itself, from 1. */
  readonly nextNumber: (series: string) => number;
};

export function createWorld(scenario: Scenario): World {
  const streams = new Map<string, RandomStream>();
  const numbers = new Map<string, number>();
  let seed = scenario.seed;
  return {
    scenario,
    shops: buildShops(scenario, nowMs()),
    timers: createTimers(),
    observers: [],
    faults: scenario.faults,
    random: (name) => {
      const stream = streams.get(name) ?? createRandomStream(seed, name);
      streams.set(name, stream);
      return stream;
    },
    reseed: (otherSeed) => {
      seed = otherSeed;
      for (const stream of streams.values()) stream.reseed(otherSeed);
    },
    nextNumber: (series) => {
      const number = (numbers.get(series) ?? 0) + 1;
      numbers.set(series, number);
      return number;
    },
  };
}

export function newAction(): Action {
  return { eventId: randomUUID(), atMs: nowMs() };
}

export function tellObservers(world: World, event: WorldEvent): void {
  for (const observe of world.observers) observe(event);
}
