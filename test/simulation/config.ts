import type { Protection } from "#app/domain/pool/protection.ts";

import type { BalancedWorld } from "./balanced-world.ts";
import { createChance } from "./chance.ts";
import type { Chance } from "./chance.ts";

/**
 * What kind of promise a world puts to the test.
 *
 * - `strict`: quotas from a safe start; nothing may ever be oversold.
 * - `balanced`: the same start and the same promise.
 * - `strict-unsafe-start`: every store shows the whole pool when the merchant turns strict on.
 * - `switching`: the merchant changes protection and pauses while shoppers buy.
 * - `mirror`: every store shows the whole pool; oversells happen, and the books stay exact.
 * - `balanced-within`: balanced pools mirror while they are plentiful, and delays stay what they were
 *   measured to be; nothing is oversold, but for the risk that was accepted.
 * - `balanced-outside`: the same while calls fail and processes crash; the books stay exact.
 */
export const worldKinds = [
  "strict",
  "strict-unsafe-start",
  "switching",
  "mirror",
  "balanced",
] as const;
/** Kinds whose worlds last for minutes: they are played on their own, and not in turn with the others. */
export const longWorldKinds = ["balanced-within", "balanced-outside"] as const;
export type WorldKind = (typeof worldKinds | typeof longWorldKinds)[number];

/** Everything about a world that is drawn from its seed. Probabilities are per occasion. */
export type WorldConfig = {
  readonly kind: WorldKind;
  /** What the pools are opened with. */
  readonly protection: Protection;
  readonly storeCount: number;
  readonly poolCount: number;
  readonly stockUnits: number;
  /** Whether quotas begin as equal shares; otherwise anyhow. */
  readonly isSplitEvenly: boolean;
  /** How long shoppers come and faults happen; after that it is quiet. */
  readonly busyMs: number;
  readonly drainMs: number;
  /** The longest that a payment holds units; shorter than the drain. */
  readonly holdMaxMs: number;
  /** Mean time between two shoppers of one pool. */
  readonly shopperEveryMs: number;
  /** How many shoppers come to one pool; null: they come as long as it is busy. */
  readonly shopperCount: number | null;
  /** Shoppers who buy two units at once. */
  readonly pairs: number;
  /** The part of all shoppers that come to the first store; the others spread over all. */
  readonly favourite: number;
  /** Whether most payments take nearly as long as a payment can. */
  readonly areSlowPayers: boolean;
  readonly paymentFailure: number;
  readonly restock: number;
  readonly refund: number;
  /** Sales that do not ask whether there is stock: point of sale, drafts. 0 in most worlds. */
  readonly unguardedSale: number;
  readonly latencyMs: number;
  readonly api: ApiFaults;
  readonly webhooks: WebhookFaults;
  readonly processes: ProcessFaults;
  readonly stores: StoreFaults;
  /** Null where pools do not go from quotas to a mirror by themselves. */
  readonly balance: BalancedWorld | null;
};

export type ApiFaults = {
  readonly lostRequest: number;
  readonly lostAnswer: number;
  /** A request that arrives after its sender gave it up. */
  readonly lateRequest: number;
  readonly lateMaxMs: number;
  readonly errorBefore: number;
  readonly errorAfter: number;
  /** An error before the effect that Shopify remembers under the key. */
  readonly rememberedFailure: number;
  readonly throttled: number;
  /** An answer that does not tell the levels. */
  readonly withoutLevels: number;
};

export type WebhookFaults = {
  readonly dropped: number;
  readonly doubled: number;
  readonly late: number;
  readonly lateMaxMs: number;
};

export type ProcessFaults = {
  /** Before any step of what a process does. */
  readonly crash: number;
  /** Stopped for a while, and then going on where it was. */
  readonly stall: number;
  readonly unknownCommit: number;
};

export type StoreFaults = {
  /** Mean time between two removals of an item from its location; 0 for never. */
  readonly disconnectEveryMs: number;
  /** Mean time between two closings of a store (revoked, frozen); 0 for never. */
  readonly closeEveryMs: number;
};

/** Draws a world: each fault is on in about half of them, with a strength of its own (swarm testing). */
export function drawConfig(seed: number, kind: WorldKind): WorldConfig {
  const chance = createChance(seed, `config/${kind}`);
  const some = (strength: number): number => (chance.isHit(0.5) ? strength * chance.next() : 0);
  const drainMs = chance.whole(1_500, chance.pick([2_000, 5_000, 12_000]));
  const busyMs = chance.whole(20_000, 50_000);
  const storeCount = chance.isHit(0.1) ? 8 : chance.whole(2, 4);
  const stockUnits = chance.pick([3, 3, 14, 14, 40]);
  const demand = 0.5 + 2 * chance.next();
  return {
    kind,
    protection: protectionOf(kind),
    storeCount,
    poolCount: chance.isHit(0.2) ? 2 : 1,
    stockUnits: chance.whole(0, stockUnits),
    isSplitEvenly: false,
    busyMs,
    drainMs,
    holdMaxMs: Math.floor(drainMs * (0.99 - 0.6 * chance.next() ** 2)),
    shopperEveryMs: busyMs / Math.max(4, demand * stockUnits),
    shopperCount: null,
    pairs: 0.15,
    favourite: some(1),
    areSlowPayers: chance.isHit(0.5),
    paymentFailure: some(0.6),
    restock: some(0.3),
    refund: some(0.3),
    unguardedSale: chance.isHit(0.1) ? 0.3 * chance.next() : 0,
    latencyMs: chance.whole(20, 400),
    api: drawApiFaults(some),
    webhooks: {
      dropped: chance.isHit(0.1) ? 1 : some(0.6),
      doubled: some(0.5),
      late: some(0.6),
      lateMaxMs: 20_000,
    },
    processes: {
      crash: some(0.03),
      stall: some(0.05),
      unknownCommit: some(0.2),
    },
    stores: drawStoreFaults(chance),
    balance: null,
  };
}

/** Seeds play the kinds in turn, so that any range of them is a fair mixture. */
export function kindOf(seed: number): WorldKind {
  return worldKinds[seed % worldKinds.length]!;
}

function protectionOf(kind: WorldKind): Protection {
  switch (kind) {
    case "mirror":
    case "switching":
      return "mirror";
    case "balanced":
    case "balanced-within":
    case "balanced-outside":
      return "balanced";
    case "strict":
    case "strict-unsafe-start":
      return "strict";
  }
}

/** Whether every unit is shown once when the pool is opened, so that nothing may ever be oversold. */
export function isSafeFromTheStart({ kind }: Pick<WorldConfig, "kind">): boolean {
  return kind === "strict" || kind === "balanced";
}

function drawApiFaults(some: (strength: number) => number): ApiFaults {
  return {
    lostRequest: some(0.8),
    lostAnswer: some(0.4),
    lateRequest: some(0.4),
    lateMaxMs: 20_000,
    errorBefore: some(0.3),
    errorAfter: some(0.3),
    rememberedFailure: some(0.02),
    throttled: some(0.4),
    withoutLevels: some(0.3),
  };
}

function drawStoreFaults(chance: Chance): StoreFaults {
  return {
    disconnectEveryMs: chance.isHit(0.4) ? 1_500 + 5_000 * chance.next() : 0,
    closeEveryMs: chance.isHit(0.4) ? 1_500 + 5_000 * chance.next() : 0,
  };
}

/** The world once it is quiet: the same stores, and nothing that goes wrong. */
export function withoutFaults(config: WorldConfig): WorldConfig {
  return {
    ...config,
    api: {
      ...config.api,
      lostRequest: 0,
      lostAnswer: 0,
      lateRequest: 0,
      errorBefore: 0,
      errorAfter: 0,
      rememberedFailure: 0,
      throttled: 0,
    },
    webhooks: { ...config.webhooks, dropped: 0, doubled: 0, late: 0 },
    processes: { crash: 0, stall: 0, unknownCommit: 0 },
    stores: { disconnectEveryMs: 0, closeEveryMs: 0 },
  };
}
