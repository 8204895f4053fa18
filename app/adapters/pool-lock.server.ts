import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";

import type { HeldLock, Logger, PoolLock } from "../loop/ports.ts";

import type { LockAttempt, LockServer } from "./lock-server.ts";
import { nextPollMs, pollLock } from "./lock-polling.ts";
import { createPostgresLock } from "./postgres-lock.server.ts";
import { createRecentKeys } from "./recent-keys.ts";
import { createRedisLock } from "./redis-lock.server.ts";
import { createTurnQueue } from "./turn-queue.ts";

/** For the health page: which server hands out the locks at the moment, and since when. */
export type PoolLockStatus = {
  readonly serving: "redis" | "postgres";
  readonly sinceMs: number;
  /** Null where no Redis is configured, and PostgreSQL is meant to serve. */
  readonly redis: { readonly configured: number; readonly answering: number } | null;
};

/** Going on without the lock costs at most one refused commit; waiting longer would cost a sale's speed. */
const waitMaxMs = 250;
/** Two requests to a hung node time out after 100 ms each; then some of the wait is left for PostgreSQL. */
const redisAttemptMaxMs = 120;
/** How soon Redis is asked again after it lost its quorum, by a probe that nobody waits for. */
const redisRetryMs = 3_000;
/**
 * A lock that did not move during a whole wait has probably lost its holder, and stays until its TTL of
 * 30 s. Until it is had again, each acquisition looks only this long, so that a busy pool is not slowed
 * down by 250 ms a batch for half a minute.
 */
const suspectWaitMs = 20;
const suspectMs = 30_000;
/**
 * Whoever had to wait for a pool this lately lets another go first, by pausing as a waiter does between
 * two tries. Without it a process that wants the same pool again has it again, and the others starve.
 */
const contendedMs = 100;

/**
 * The lock of pools: by Redis where `redisUrls` names nodes and a quorum of them answers, by PostgreSQL
 * otherwise. Losing the quorum changes the server at once, is logged once, and is undone some seconds
 * after it is back; while processes disagree about it, two may plan one pool, and the version decides.
 *
 * @throws if `redisUrls` is not empty and not 1, 3 or 5 different nodes.
 */
export function createPoolLock(options: {
  readonly redisUrls: readonly string[];
  readonly pool: pg.Pool;
  readonly log: Logger;
}): PoolLock & { readonly status: () => PoolLockStatus } {
  const servers = createServers(options);
  const turns = createTurnQueue();
  const suspects = createRecentKeys(suspectMs);
  const contended = createRecentKeys(contendedMs);

  return {
    status: servers.status,
    close: servers.close,
    async acquire(poolId): Promise<HeldLock> {
      const startedAt = performance.now();
      const deadline = startedAt + (suspects.has(poolId) ? suspectWaitMs : waitMaxMs);
      const waited = () => performance.now() - startedAt;

      const endTurn = await turns.take(poolId, deadline - startedAt);
      if (!endTurn) return withoutLock(waited());
      if (contended.has(poolId)) await pause(Math.min(nextPollMs(0), deadline - performance.now()));
      const outcome = await servers.acquire(poolId, {
        deadline,
        onBusy: () => {
          contended.add(poolId);
        },
      });
      if (outcome.kind === "busy") suspects.add(poolId);
      else suspects.delete(poolId);
      if (outcome.kind !== "held") {
        endTurn();
        return withoutLock(waited());
      }
      const release = once(async () => {
        await outcome.release();
        endTurn();
      });
      return { kind: outcome.serving, waitMs: waited(), release };
    },
  };
}

type Acquisition = LockAttempt & { readonly serving: PoolLockStatus["serving"] };

type Wait = { readonly deadline: number; readonly onBusy: () => void };

/** Chooses between the two servers, and remembers the choice. */
function createServers({ redisUrls, pool, log }: Parameters<typeof createPoolLock>[0]) {
  const redis = redisUrls.length > 0 ? createRedisLock(redisUrls) : null;
  const postgres = createPostgresLock(pool);
  let state: Omit<PoolLockStatus, "redis"> = {
    serving: redis ? "redis" : "postgres",
    sinceMs: Date.now(),
  };
  let redisRetryAt = Infinity;
  let probing = Promise.resolve();

  const loseRedis = (cause: unknown) => {
    redisRetryAt = performance.now() + redisRetryMs;
    if (state.serving === "postgres") return; // others were waiting too
    state = { serving: "postgres", sinceMs: Date.now() };
    log.warn({ cause: String(cause) }, "Redis has no quorum: PostgreSQL hands out the pool locks.");
  };
  const probe = async (server: LockServer) => {
    redisRetryAt = performance.now() + redisRetryMs;
    const attempt = await server.tryAcquire(`probe-${process.pid}`);
    if (attempt.kind !== "held") return;
    await attempt.release();
    state = { serving: "redis", sinceMs: Date.now() };
    redisRetryAt = Infinity;
    log.info({}, "Redis has a quorum again and hands out the pool locks.");
  };

  return {
    status: (): PoolLockStatus => ({ ...state, redis: redis?.nodes() ?? null }),
    close: async () => {
      await redis?.close();
      await probing;
      await postgres.close();
    },
    async acquire(poolId: string, wait: Wait): Promise<Acquisition> {
      if (redis && state.serving === "redis") {
        const outcome = await pollLock(redis, poolId, { ...wait, attemptMaxMs: redisAttemptMaxMs });
        if (outcome.kind !== "down") return { ...outcome, serving: "redis" };
        loseRedis(outcome.cause);
      } else if (redis && performance.now() >= redisRetryAt) {
        probing = probe(redis);
      }
      const outcome = await pollLock(postgres, poolId, { ...wait, attemptMaxMs: waitMaxMs });
      return { ...outcome, serving: "postgres" };
    },
  };
}

function withoutLock(waitMs: number): HeldLock {
  return { kind: "none", waitMs, release: () => Promise.resolve() };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= work());
}
