import type { PoolEvent } from "#app/domain/pool/event.ts";
import { protections } from "#app/domain/pool/protection.ts";

import { recordEvent } from "./books.ts";
import { after, newId, tell } from "./world.ts";
import type { Shelf, Store, World } from "./world.ts";

/** The merchant's and Shopify's doings that change what the app may do at all. */
export function scheduleDisruptions(world: World): void {
  for (const store of world.stores) scheduleClosing(world, store);
  for (const { shelves } of world.pools) {
    for (const shelf of shelves) scheduleDisconnection(world, shelf);
  }
  if (world.config.kind === "switching") scheduleChangeOfMind(world);
}

/** An app that was uninstalled or whose token was revoked: the store goes on selling. */
function scheduleClosing(world: World, store: Store): void {
  const { closeEveryMs } = world.config.stores;
  if (closeEveryMs === 0) return;
  const { merchant } = world.chances;
  after(world, merchant.exponential(closeEveryMs), () => {
    if (world.isQuiet || !store.isOpen) return;
    tell(world, "store closes", store.index);
    store.isOpen = false;
    after(world, merchant.exponential(3_000), () => {
      reopen(world, store);
      scheduleClosing(world, store);
    });
  });
}

function scheduleDisconnection(world: World, shelf: Shelf): void {
  const { disconnectEveryMs } = world.config.stores;
  if (disconnectEveryMs === 0) return;
  const { merchant } = world.chances;
  after(world, merchant.exponential(disconnectEveryMs), () => {
    if (world.isQuiet || !shelf.isStocked) return;
    tell(world, "item disconnected", shelf.storeIndex);
    shelf.isStocked = false;
    after(world, merchant.exponential(3_000), () => {
      reconnect(world, shelf);
      scheduleDisconnection(world, shelf);
    });
  });
}

/** Strict, mirror, balanced, in any order, and a pause now and then. */
function scheduleChangeOfMind(world: World): void {
  const { merchant } = world.chances;
  after(world, merchant.exponential(world.config.busyMs / 4), () => {
    if (world.isQuiet) return;
    const poolIndex = merchant.whole(0, world.pools.length - 1);
    const isPause = merchant.isHit(0.2);
    const protection = merchant.pick(protections);
    if (isPause) pause(world, poolIndex);
    else hear(world, poolIndex, { kind: "protection-changed", protection });
    scheduleChangeOfMind(world);
  });
}

function pause(world: World, poolIndex: number): void {
  tell(world, "paused", poolIndex);
  hear(world, poolIndex, { kind: "pause-changed", isPaused: true });
  after(world, world.chances.merchant.exponential(3_000), () => {
    hear(world, poolIndex, { kind: "pause-changed", isPaused: false });
  });
}

/** Faults are over: every store is open, every item is back, and the app is told so. */
export function endDisruptions(world: World): void {
  for (const store of world.stores) if (!store.isOpen) reopen(world, store);
  for (const pool of world.pools) {
    for (const shelf of pool.shelves) if (!shelf.isStocked) reconnect(world, shelf);
    hear(world, pool.index, { kind: "pause-changed", isPaused: false });
  }
}

function reopen(world: World, store: Store): void {
  if (store.isOpen) return;
  store.isOpen = true;
  tell(world, "store opens", store.index);
  for (const { shelves } of world.pools) hearGuarded(world, shelves[store.index]!);
}

function reconnect(world: World, shelf: Shelf): void {
  if (shelf.isStocked) return;
  shelf.isStocked = true;
  tell(world, "item connected", shelf.storeIndex);
  hearGuarded(world, shelf);
}

function hearGuarded(world: World, shelf: Shelf): void {
  hear(world, shelf.poolIndex, {
    kind: "guard-changed",
    listingId: shelf.id,
    guard: "guarded",
  });
}

/** The merchant sees that it was recorded; a process finds it sooner or later. */
export function hear(world: World, poolIndex: number, event: PoolEvent): void {
  recordEvent(world.books, poolIndex, `merchant-${newId(world)}`, event);
  const process = world.processes.find(({ isUp }) => isUp);
  if (process) world.app.processPool(world, process, poolIndex);
}
