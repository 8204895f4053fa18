import { favouriteAt } from "./balanced.ts";
import { announceLevel, announceOrder } from "./webhooks.ts";
import { after, departs, tell } from "./world.ts";
import type { Shelf, TruePool, World } from "./world.ts";

/** A level changed: Shopify takes down when, tells the app, and the oracles look again. */
export function changeLevel(world: World, shelf: Shelf, units: number): void {
  shelf.availableUnits += units;
  shelf.updatedAtMs = world.nowMs;
  if (departs(world, "reads-lag")) {
    after(world, 4_000, () => {
      shelf.laggingUnits += units;
    });
  }
  world.pools[shelf.poolIndex]!.isTouched = true;
  announceLevel(world, shelf);
}

/** Shoppers come to a pool until it is quiet. */
export function openMarket(world: World, pool: TruePool): void {
  const { shoppers } = world.chances;
  after(world, shoppers.exponential(world.config.shopperEveryMs), () => {
    if (world.isQuiet || pool.shopperCount === world.config.shopperCount) return;
    pool.shopperCount += 1;
    const isFavourite = shoppers.isHit(world.config.favourite);
    const shelf = isFavourite ? favouriteAt(world, pool.shelves) : shoppers.pick(pool.shelves);
    const units = shoppers.isHit(world.config.pairs) ? 2 : 1;
    if (shoppers.isHit(world.config.unguardedSale)) sellUnguarded(world, pool, shelf, units);
    else startPayment(world, pool, shelf, units);
    if (shoppers.isHit(world.config.restock * 0.3)) {
      restock(world, pool, shoppers.pick(pool.shelves), shoppers.whole(1, 3));
    }
    // A second writer that puts back a level it read a while ago: it raises what was taken.
    if (shoppers.isHit(0.1) && departs(world, "foreign-writer")) changeLevel(world, shelf, 1);
    openMarket(world, pool);
  });
}

/**
 * The gate that the whole promise rests on: a payment starts only for units that the store has and no
 * other payment holds. What happens to the level while the payment runs does not stop it.
 */
export function startPayment(world: World, pool: TruePool, shelf: Shelf, units: number): void {
  const { payments } = world.chances;
  const fails = payments.isHit(world.config.paymentFailure);
  const drawn = payments.next();
  const share = world.config.areSlowPayers ? 1 - drawn ** 3 : drawn;
  if (!shelf.isStocked || shelf.availableUnits - shelf.heldUnits < units) {
    tell(world, "refused at checkout", shelf.storeIndex);
    return;
  }
  shelf.heldUnits += units;
  pool.isTouched = true;
  tell(world, "payment starts", pool.index, shelf.storeIndex, units);
  const overrun = departs(world, "payments-outlast-drain") ? 4 : 1;
  after(world, 50 + share * (world.config.holdMaxMs * overrun - 50), () => {
    shelf.heldUnits -= units;
    pool.isTouched = true;
    if (fails) tell(world, "payment fails", pool.index, shelf.storeIndex, units);
    else sell(world, pool, shelf, units);
  });
}

function sell(world: World, pool: TruePool, shelf: Shelf, units: number): void {
  tell(world, "sold", pool.index, shelf.storeIndex, units);
  if (shelf.availableUnits < units) tell(world, "sold below the level");
  takeAway(pool, units);
  changeLevel(world, shelf, -units);
  announceOrder(world, shelf, { soldUnits: units, returnedUnits: 0 });

  const { payments } = world.chances;
  const isRefunded = payments.isHit(world.config.refund);
  const delayMs = payments.exponential(5_000);
  if (!isRefunded) return;
  after(world, delayMs, () => {
    if (world.isQuiet) return;
    tell(world, "refunded", pool.index, shelf.storeIndex, units);
    pool.physicalUnits += units;
    shelf.risenUnits += units;
    changeLevel(world, shelf, units);
    announceOrder(world, shelf, { soldUnits: 0, returnedUnits: units });
  });
}

/** A till does not ask whether there is stock. */
function sellUnguarded(world: World, pool: TruePool, shelf: Shelf, units: number): void {
  tell(world, "sold unguarded", pool.index, shelf.storeIndex, units);
  takeAway(pool, units);
  changeLevel(world, shelf, -units);
}

function takeAway(pool: TruePool, units: number): void {
  pool.physicalUnits -= units;
  pool.soldUnits += units;
  pool.oversoldUnits = Math.max(pool.oversoldUnits, -pool.physicalUnits);
}

function restock(world: World, pool: TruePool, shelf: Shelf, units: number): void {
  tell(world, "restocked", pool.index, shelf.storeIndex, units);
  pool.physicalUnits += units;
  shelf.risenUnits += units;
  changeLevel(world, shelf, units);
}
