import { Redis } from "ioredis";
import Redlock, { ExecutionError } from "redlock";
import type { RedlockClient } from "redlock";

import type { LockAttempt, LockServer } from "./lock-server.ts";

export type RedisLock = LockServer & {
  /** How many nodes there are, and how many of them answered when they were last asked. */
  readonly nodes: () => { readonly configured: number; readonly answering: number };
};

/** Far longer than any transaction; a holder that dies delays nobody, because nobody waits this long. */
const ttlMs = 30_000;
/** A hung node costs this once; an answer on the same network takes well under a millisecond. */
const commandTimeoutMs = 100;
/** A lock over an even number of nodes hangs forever on a tie; beyond five, a node more adds only cost. */
const nodeCounts: readonly number[] = [1, 3, 5];

/**
 * The lock of pools over a quorum of independent Redis nodes.
 *
 * Redlock gives the votes; the waiting is not left to it, because it polls every 200 ms and has no
 * limit of our choosing: ten contenders for 10 ms of work wait 1.5 s at p99 with it.
 *
 * @throws if there are not 1, 3 or 5 different nodes.
 */
export function createRedisLock(redisUrls: readonly string[]): RedisLock {
  if (!nodeCounts.includes(redisUrls.length) || new Set(redisUrls).size !== redisUrls.length) {
    throw new Error(
      `REDIS_URLS names ${redisUrls.length} nodes: a lock needs 1, 3 or 5 different ones, because an even number can tie.`,
    );
  }
  const nodes = redisUrls.map(connectNode);
  const redlock = new Redlock(
    nodes.map(({ client }) => client),
    { retryCount: 0 },
  );
  const quorum = Math.floor(nodes.length / 2) + 1;
  const countAnswering = () => nodes.filter((node) => node.answers()).length;
  const connected = quorumOrAll(
    nodes.map((node) => node.hasConnected),
    quorum,
  );

  return {
    nodes: () => ({ configured: nodes.length, answering: countAnswering() }),
    async tryAcquire(poolId): Promise<LockAttempt> {
      await connected;
      try {
        const lock = await redlock.acquire([`location-groups:pool:${poolId}`], ttlMs);
        return { kind: "held", release: () => releaseQuietly(lock) };
      } catch (cause) {
        // Redlock tells "held by another" and "nobody answers" by one error. Whether a quorum answers
        // is known without waiting for a node that hangs, unless it has only begun to hang.
        if (countAnswering() >= quorum) return { kind: "busy" };
        if (cause instanceof ExecutionError) await Promise.all(cause.attempts);
        return countAnswering() >= quorum ? { kind: "busy" } : { kind: "down", cause };
      }
    },
    close() {
      for (const node of nodes) node.disconnect();
      return Promise.resolve();
    },
  };
}

type RedisNode = {
  readonly client: RedlockClient;
  readonly answers: () => boolean;
  /** Whether the first connection came to stand; known when it does, or has failed. */
  readonly hasConnected: Promise<boolean>;
  readonly disconnect: () => void;
};

function connectNode(url: string): RedisNode {
  const redis = new Redis(url, {
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1_000,
    // A vote that comes late is worse than none: fail at once, reconnect behind the scenes.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
  });
  redis.on("error", () => undefined); // a node that is away is seen by its votes
  let isAnswering = false;

  const observe = async (reply: Promise<unknown>): Promise<unknown> => {
    try {
      const value = await reply;
      isAnswering = true;
      return value;
    } catch (error) {
      // The node does not know the script yet, and redlock sends it: that is an answer.
      isAnswering = error instanceof Error && error.message.startsWith("NOSCRIPT");
      throw error;
    }
  };
  return {
    client: {
      evalsha: (hash, keyCount, args) => observe(redis.evalsha(hash, keyCount, ...args)),
      eval: (script, keyCount, args) => observe(redis.eval(script, keyCount, ...args)),
    },
    answers: () => isAnswering,
    hasConnected: new Promise((settle) => {
      redis.once("ready", () => {
        settle(true);
      });
      redis.once("close", () => {
        settle(false);
      });
    }),
    disconnect: () => {
      redis.disconnect();
    },
  };
}

/** Resolves once so many have come true, or all are known: the first lock does not wait for a hung node. */
function quorumOrAll(outcomes: readonly Promise<boolean>[], quorum: number): Promise<void> {
  return new Promise((settle) => {
    let trueCount = 0;
    let knownCount = 0;
    const count = (isTrue: boolean) => {
      knownCount += 1;
      if (isTrue) trueCount += 1;
      if (trueCount >= quorum || knownCount === outcomes.length) settle();
    };
    for (const outcome of outcomes) void outcome.then(count);
  });
}

async function releaseQuietly(lock: { readonly release: () => Promise<unknown> }): Promise<void> {
  try {
    await lock.release();
  } catch {
    // Lost its quorum meanwhile: the keys expire by themselves, and nobody waits for that.
  }
}
