import { defaultBalanceTerms } from "#app/domain/pool/balance.ts";

import { createChance } from "./chance.ts";
import { drawConfig } from "./config.ts";
import type { WorldConfig, WorldKind } from "./config.ts";

/** Draws a world of any kind. */
export function drawWorld(seed: number, kind: WorldKind): WorldConfig {
  const drawn = drawConfig(seed, kind);
  const isBalanced = kind === "balanced-within" || kind === "balanced-outside";
  return isBalanced ? drawBalanced(drawn, seed) : drawn;
}

/** Units per order, and how much burstier than single units they come: 15 % of all orders are pairs. */
const unitsPerOrder = 1.15;
const batchUnits = 1.45 / unitsPerOrder;

/**
 * Draws a world in which balanced mirrors: stock for a while, and delays that the app knows. Within the
 * assumption webhooks may fail in every way, and a store may fall silent; the Admin API and the app's
 * processes do not fail for longer than was measured. Outside it everything fails.
 */
function drawBalanced(drawn: WorldConfig, seed: number): WorldConfig {
  const chance = createChance(seed, `balanced/${drawn.kind}`);
  const drainMs = chance.whole(1_000, 2_500);
  const latencyMs = chance.whole(20, 120);
  const shopperEveryMs = chance.whole(400, 1_600);
  const storeCount = chance.isHit(0.4) ? 8 : drawn.storeCount;
  const stockUnits = chance.whole(40, 80) + 5 * storeCount;
  const isWithin = drawn.kind === "balanced-within";
  const unitsPerMs = unitsPerOrder / shopperEveryMs;
  return {
    ...drawn,
    // With many stores each is left with little, so that what is hidden in one of them matters.
    storeCount,
    poolCount: 1,
    stockUnits,
    drainMs,
    latencyMs,
    shopperEveryMs,
    holdMaxMs: Math.floor(drainMs * (0.99 - 0.3 * chance.next())),
    busyMs: Math.max(20_000, 1.2 * stockUnits * shopperEveryMs),
    favourite: chance.isHit(0.8) ? 0.9 : 0,
    areSlowPayers: chance.isHit(0.8),
    restock: 0,
    unguardedSale: 0,
    api: isWithin ? { ...drawn.api, ...promptApi } : drawn.api,
    processes: isWithin ? { crash: 0, stall: 0, unknownCommit: 0 } : drawn.processes,
    stores: isWithin ? { disconnectEveryMs: 0, closeEveryMs: 0 } : drawn.stores,
    balance: {
      terms: {
        ...defaultBalanceTerms,
        quotasAtLeastMs: chance.whole(1_000, 6_000),
        historyAtLeastMs: 0,
        confirmWithinMs: 1_000,
        plannedUnitsPerHour: 3_600_000 * unitsPerMs * batchUnits,
      },
      // A call there and back with Shopify's own time, and a process's way through its database.
      delays: { webhookMs: 1_000, apiMs: 1.4 * latencyMs + 100, queueMs: 200 },
      favouriteMovesMs: chance.pick([5_000, 8_000, 16_000]),
      silenceEveryMs: chance.isHit(0.5) ? chance.whole(8_000, 20_000) : 0,
    },
  };
}

/** Every call is answered at the first attempt, within the delay that was measured, and tells the level. */
const promptApi = {
  lostRequest: 0,
  lostAnswer: 0,
  errorAfter: 0,
  lateRequest: 0,
  errorBefore: 0,
  rememberedFailure: 0,
  throttled: 0,
  withoutLevels: 0,
} as const;
