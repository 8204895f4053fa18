/**
 * A process of its own that takes a pool's lock and keeps it, for tests that kill or stop it:
 * `node lock-holder.ts DATABASE_URL POOL_ID [REDIS_URL,…]`. It says what it holds.
 */
import { createPoolLock } from "#app/adapters/pool-lock.server.ts";
import { createDatabase } from "#app/db.server.ts";

const [databaseUrl = "", poolId = "", redisUrls = ""] = process.argv.slice(2);
const silent = () => undefined;

const lock = createPoolLock({
  redisUrls: redisUrls.split(",").filter(Boolean),
  pool: createDatabase(databaseUrl).pool,
  log: { debug: silent, info: silent, warn: silent, error: silent },
});
let held = await lock.acquire(poolId);
// On a busy machine the first connection may take longer than anybody waits for a lock.
while (held.kind === "none") held = await lock.acquire(poolId);
console.log(`holds by ${held.kind}`);
setInterval(silent, 60_000);
