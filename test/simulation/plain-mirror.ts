import type { PoolEvent } from "#app/domain/pool/event.ts";

import { databaseMs, goOn, returning } from "./app-process.ts";
import { adjust } from "./platform.ts";
import type { Design } from "./run-world.ts";
import { after, newId, tell } from "./world.ts";
import type { AppProcess, World } from "./world.ts";

/** A lock whose holder died is free again after this: long enough for the slowest fan-out. */
const lockTtlMs = 30_000;
const lockRetryMs = 50;
/** One hop to Redis and back, with the quorum's slowest node. */
const lockMs = 10;
const retryAfterMs = 200;

/** A sale that the other stores are to be told of. */
type Sale = { readonly poolIndex: number; readonly storeIndex: number; readonly soldUnits: number };

/**
 * The obvious design, for comparison: on an order's webhook take the product's lock, lower every other
 * store by what was sold, all at once, and release the lock. It is given the best that the design
 * allows: webhooks are deduplicated, a delta rather than a set (a set gives units back that were sold
 * meanwhile), an idempotency key for each store, and calls that are repeated until they are answered.
 *
 * What it cannot have is a lock that shoppers wait for: they buy from what their store shows.
 */
export function createPlainMirror(): Design {
  const seenKeys = new Set<string>();
  const locks = new Map<number, { readonly holder: symbol; readonly untilMs: number }>();
  let openSales = 0;

  const receive = (
    world: World,
    process: AppProcess,
    poolIndex: number,
    key: string,
    event: PoolEvent,
  ): void => {
    if (event.kind !== "order-seen") return;
    goOn(world, process, databaseMs(world), () => {
      if (seenKeys.has(key)) return;
      seenKeys.add(key);
      const storeIndex = world.pools[poolIndex]!.shelves.findIndex(
        ({ id }) => id === event.listingId,
      );
      const soldUnits = event.soldUnits - event.returnedUnits;
      openSales += 1;
      takeLock(world, process, { poolIndex, storeIndex, soldUnits }, Symbol("lock"));
    });
  };

  const takeLock = (world: World, process: AppProcess, sale: Sale, holder: symbol): void => {
    goOn(world, process, lockMs, () => {
      const held = locks.get(sale.poolIndex);
      if (held && held.untilMs > world.nowMs) {
        after(world, lockRetryMs, () => {
          takeLock(world, process, sale, holder);
        });
        return;
      }
      locks.set(sale.poolIndex, { holder, untilMs: world.nowMs + lockTtlMs });
      tellOthers(world, process, sale, () => {
        openSales -= 1;
        if (locks.get(sale.poolIndex)?.holder === holder) locks.delete(sale.poolIndex);
      });
    });
  };

  const app: Design["app"] = {
    receive,
    processPool: () => undefined,
    dispatch: () => undefined,
    watch: () => undefined,
  };
  return {
    app,
    // It keeps no books that could be compared with the truth.
    checkAlways: () => undefined,
    checkAtRest: () => undefined,
    findUnrest: (world) => {
      // Sales of a process that died are lost with it; nobody waits for longer than a lock lasts.
      const isOver = world.nowMs > world.config.busyMs + lockTtlMs;
      return openSales > 0 && !isOver ? "a sale is being told" : null;
    },
  };
}

/** Lowers every other store by what was sold, all at once; done when the last has answered. */
function tellOthers(world: World, process: AppProcess, sale: Sale, done: () => void): void {
  const { poolIndex, soldUnits } = sale;
  const others = world.pools[poolIndex]!.shelves.filter(
    ({ storeIndex }) => storeIndex !== sale.storeIndex,
  );
  let openCount = others.length;
  for (const { storeIndex } of others) {
    const operationNumber = newId(world);
    const adjustment = {
      key: `plain-${operationNumber}`,
      storeIndex,
      lines: [{ poolIndex, storeIndex, operationNumber, deltaUnits: -soldUnits }],
    };
    const send = (): void => {
      adjust(
        world,
        adjustment,
        returning(world, process, ({ answer }) => {
          if (answer.kind !== "applied" && answer.kind !== "previous-attempt-failed") {
            tell(world, `plain mirror: ${answer.kind}`, storeIndex);
            goOn(world, process, retryAfterMs, send);
            return;
          }
          openCount -= 1;
          if (openCount === 0) done();
        }),
      );
    };
    send();
  }
}
