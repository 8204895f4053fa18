import type { Rules } from "../world.ts";
import { appMoves, stepWith } from "./app-moves.ts";
import { requestMoves } from "./request-moves.ts";
import { heldUnits, levelOf, nameOf, spend, withAt, withStore, withUnits } from "./small-world.ts";
import type { Move, SmallWorld } from "./small-world.ts";

/** All that may happen next, in any of the parts: shoppers, Shopify, the merchant, the app. */
export function movesFrom(world: SmallWorld, rules: Rules): readonly Move[] {
  return [
    ...shopperMoves(world),
    ...merchantMoves(world, rules),
    ...webhookMoves(world, rules),
    ...requestMoves(world, rules),
    ...appMoves(world, rules),
  ];
}

/**
 * Every payment succeeds: one that fails sells nothing, and keeps others from units until it ends, so
 * whatever can be oversold with it can be oversold without.
 */
export function shopperMoves(world: SmallWorld): readonly Move[] {
  const starts = world.stores.flatMap((store, storeIndex): readonly Move[] => {
    const isAdmitted = store.isStocked && store.availableUnits > heldUnits(world, storeIndex);
    if (world.left.payments === 0 || !isAdmitted) return [];
    const payments = [...world.payments, { storeIndex, drains: [] }];
    return [
      {
        what: `a payment starts in ${nameOf(storeIndex)}`,
        world: spend({ ...world, payments }, "payments"),
      },
    ];
  });
  const ends = world.payments.map(({ storeIndex }, index): Move => {
    const after = withUnits(world, storeIndex, -1);
    return {
      what: `it is paid in ${nameOf(storeIndex)}, which then shows ${after.stores[storeIndex]!.availableUnits}`,
      world: {
        ...after,
        physicalUnits: world.physicalUnits - 1,
        payments: withAt(world.payments, index, null),
      },
    };
  });
  return [...starts, ...ends];
}

function merchantMoves(world: SmallWorld, rules: Rules): readonly Move[] {
  const moves: Move[] = [];
  if (world.left.switches > 0) {
    const event = { kind: "protection-changed", protection: "strict" } as const;
    moves.push({
      what: "the merchant chooses strict",
      world: spend(stepWith(world, event, rules), "switches"),
    });
  }
  for (const [storeIndex, store] of world.stores.entries()) {
    if (store.isStocked && world.left.removals > 0) {
      moves.push({
        what: `the item is taken off ${nameOf(storeIndex)}`,
        world: spend(withStore(world, storeIndex, { isStocked: false }), "removals"),
      });
    }
    if (!store.isStocked) {
      const listingId = world.pool.listings[storeIndex]!.id;
      const event = { kind: "guard-changed", listingId, guard: "guarded" } as const;
      moves.push({
        what: `the item is back in ${nameOf(storeIndex)}`,
        world: stepWith(withStore(world, storeIndex, { isStocked: true }), event, rules),
      });
    }
  }
  return moves;
}

/** A webhook tells the level of the moment it is put together; it is delivered whenever it is. */
function webhookMoves(world: SmallWorld, rules: Rules): readonly Move[] {
  const assembled = world.stores.flatMap((store, storeIndex): readonly Move[] => {
    if (world.left.webhooks === 0 || store.changeCount === 0) return [];
    const listingId = world.pool.listings[storeIndex]!.id;
    const webhook = { kind: "level-observed", listingId, ...levelOf(store) } as const;
    return [
      {
        what: `a webhook of ${nameOf(storeIndex)} is put together: ${store.availableUnits}`,
        world: spend({ ...world, webhooks: [...world.webhooks, webhook] }, "webhooks"),
      },
    ];
  });
  const delivered = world.webhooks.map((webhook, index): Move => ({
    what: `a webhook arrives: ${webhook.listingId} showed ${webhook.units}`,
    world: stepWith({ ...world, webhooks: withAt(world.webhooks, index, null) }, webhook, rules),
  }));
  return [...assembled, ...delivered];
}
