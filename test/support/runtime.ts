import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";

import { systemClock } from "#app/adapters/clock.server.ts";
import { createPoolLock } from "#app/adapters/pool-lock.server.ts";
import type { Database } from "#app/db.server.ts";
import { whenIdle } from "#app/loop/background.ts";
import { newLoopState } from "#app/loop/loop-state.ts";
import type { Logger, ShopifyAdmin } from "#app/loop/ports.ts";
import type { Runtime } from "#app/loop/runtime.ts";

const idleWithinMs = 5_000;

/** Silent but for errors: a test that logs one it did not expect fails. */
const testLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error(fields, message) {
    console.error(message, fields);
  },
};

/** The loop's surroundings in one process: a real database and lock, and the stores that are given. */
export function openRuntime(database: Database, admin: ShopifyAdmin): Runtime {
  const ownId = randomUUID();
  const lock = createPoolLock({ redisUrls: [], pool: database.pool, log: testLogger });
  const runtime: Runtime = {
    database,
    lock,
    admin,
    processes: { ownId, livingIds: () => Promise.resolve(new Set([ownId])) },
    clock: systemClock,
    log: testLogger,
    state: newLoopState(),
  };
  onTestFinished(async () => {
    await whenIdle(runtime, idleWithinMs);
    await lock.close();
  });
  return runtime;
}
