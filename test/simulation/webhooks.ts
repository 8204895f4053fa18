import type { OrderSeen, PoolEvent } from "#app/domain/pool/event.ts";

import { after, newId, tell } from "./world.ts";
import type { Shelf, World } from "./world.ts";

/** Shopify's `updated_at` has whole seconds. */
export function toldTimeMs(atMs: number): number {
  return Math.floor(atMs / 1_000) * 1_000;
}

/** Shopify tells a level some time after it changed, as it is when the message is put together. */
export function announceLevel(world: World, shelf: Shelf): void {
  announce(world, shelf, "level", () => ({
    kind: "level-observed",
    listingId: shelf.id,
    units: shelf.availableUnits,
    atMs: toldTimeMs(shelf.updatedAtMs),
  }));
}

export function announceOrder(
  world: World,
  shelf: Shelf,
  order: Pick<OrderSeen, "soldUnits" | "returnedUnits">,
): void {
  const orderId = `order-${newId(world)}`;
  announce(world, shelf, "order", () => ({
    kind: "order-seen",
    listingId: shelf.id,
    orderId,
    ...order,
  }));
}

/** Late, doubled, out of order, or not at all. */
function announce(world: World, shelf: Shelf, topic: string, assemble: () => PoolEvent): void {
  const { webhooks: chance } = world.chances;
  const { dropped, doubled, late, lateMaxMs } = world.config.webhooks;
  const assembledMs = chance.exponential(120);
  const isDropped = chance.isHit(dropped);
  const isDoubled = chance.isHit(doubled);
  const lateMs = chance.isHit(late) ? chance.next() * lateMaxMs : 0;
  const deliveredMs = chance.exponential(200) + lateMs;
  const againMs = chance.exponential(2_000);
  if (isDropped || world.stores[shelf.storeIndex]!.isSilent) {
    tell(world, "webhook dropped");
    return;
  }
  after(world, assembledMs, () => {
    const event = assemble();
    const key = `${topic}-${newId(world)}`;
    after(world, deliveredMs, () => {
      deliver(world, shelf.poolIndex, key, event, 0);
    });
    if (isDoubled) {
      tell(world, "webhook doubled");
      after(world, deliveredMs + againMs, () => {
        deliver(world, shelf.poolIndex, key, event, 0);
      });
    }
  });
}

/** How often Shopify tries, and how long it waits in between; then the message is lost. */
const attemptsMax = 4;
const againAfterMs = 1_500;

function deliver(
  world: World,
  poolIndex: number,
  key: string,
  event: PoolEvent,
  attempt: number,
): void {
  const process = world.chances.webhooks.pick(world.processes);
  if (process.isUp) {
    world.app.receive(world, process, poolIndex, key, event);
    return;
  }
  if (attempt + 1 >= attemptsMax) {
    tell(world, "webhook lost");
    return;
  }
  after(world, againAfterMs, () => {
    deliver(world, poolIndex, key, event, attempt + 1);
  });
}
