import { withoutFaults } from "./config.ts";
import { drawWorld } from "./draw-balanced.ts";
import type { WorldConfig, WorldKind } from "./config.ts";
import { runWorld } from "./run-world.ts";
import type { Outcome } from "./run-world.ts";
import type { Rules } from "./world.ts";

/** A world in which less happens, and the same thing goes wrong. */
export type Shrunk = { readonly outcome: Outcome; readonly triedCount: number };

/**
 * Makes a world that went wrong as small as it goes: whole groups of faults off, then single ones, then
 * fewer products, stores, shoppers and units, and a shorter time, as long as the same invariant breaks.
 * Every concern draws from a stream of its own, so what is left behaves as it did.
 *
 * @returns null when nothing goes wrong in that world.
 */
export function shrink(seed: number, kind: WorldKind, rules: Rules): Shrunk | null {
  const run = (config: WorldConfig, withEntries = false): Outcome =>
    runWorld(seed, kind, { rules, config, withEntries });
  let config = drawWorld(seed, kind);
  const { violation } = run(config);
  if (violation === null) return null;
  const wanted = nameOf(violation);
  let triedCount = 0;
  const isStillWrong = (candidate: WorldConfig): boolean => {
    triedCount += 1;
    const found = run(candidate).violation;
    return found !== null && nameOf(found) === wanted;
  };
  for (;;) {
    const smaller = smallerThan(config).find(isStillWrong);
    if (!smaller) break;
    config = smaller;
  }
  return { outcome: run(config, true), triedCount };
}

/** What was wrong, without how much: another number of units is the same mistake. */
function nameOf(violation: string): string {
  return violation.replaceAll(/-?\d+/g, "#");
}

/** Configurations with less in them, the boldest first. Each differs, so that shrinking comes to an end. */
function smallerThan(config: WorldConfig): readonly WorldConfig[] {
  const { api, webhooks, processes, stores } = config;
  const quiet = withoutFaults(config);
  const off = <T extends object>(faults: T, key: keyof T): T => ({ ...faults, [key]: 0 });
  const candidates: readonly WorldConfig[] = [
    quiet,
    { ...config, api: quiet.api },
    { ...config, webhooks: quiet.webhooks },
    { ...config, processes: quiet.processes },
    { ...config, stores: quiet.stores },
    ...keysOf(api).map((key) => ({ ...config, api: off(api, key) })),
    ...keysOf(webhooks).map((key) => ({ ...config, webhooks: off(webhooks, key) })),
    ...keysOf(processes).map((key) => ({ ...config, processes: off(processes, key) })),
    ...keysOf(stores).map((key) => ({ ...config, stores: off(stores, key) })),
    { ...config, paymentFailure: 0 },
    { ...config, restock: 0 },
    { ...config, refund: 0 },
    { ...config, unguardedSale: 0 },
    { ...config, pairs: 0 },
    { ...config, favourite: 0 },
    { ...config, poolCount: 1 },
    { ...config, storeCount: Math.max(2, config.storeCount - 1) },
    { ...config, stockUnits: Math.floor(config.stockUnits / 2) },
    { ...config, stockUnits: Math.max(0, config.stockUnits - 1) },
    { ...config, busyMs: Math.ceil(config.busyMs / 2) },
    { ...config, busyMs: Math.ceil(config.busyMs * 0.9) },
    ...fewerShoppers(config),
  ];
  const text = JSON.stringify(config);
  return candidates.filter((candidate) => JSON.stringify(candidate) !== text);
}

function fewerShoppers(config: WorldConfig): readonly WorldConfig[] {
  const { shopperCount, busyMs, shopperEveryMs } = config;
  const count = shopperCount ?? Math.ceil((2 * busyMs) / shopperEveryMs);
  return [Math.floor(count / 2), count - 1]
    .filter((fewer) => fewer >= 0)
    .map((fewer) => ({ ...config, shopperCount: fewer }));
}

function keysOf<T extends object>(record: T): readonly (keyof T)[] {
  return Object.keys(record) as (keyof T)[];
}
