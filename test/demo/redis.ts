import { Redis } from "ioredis";

import { findRedisServer } from "#test/support/machine-tools.ts";
import { startRedisServers } from "#test/support/redis-servers.ts";

export type RedisNodes = {
  readonly urls: readonly string[];
  /** What serves as the lock, and why, in words. */
  readonly description: string;
  readonly stop: () => Promise<void>;
};

/** A quorum that survives the loss of one. */
const nodeCount = 3;
const askWithinMs = 1_000;

/** The nodes that `REDIS_URLS` names, else some of the demo's own, else none: nothing is installed. */
export async function openRedis(given: string | undefined): Promise<RedisNodes> {
  const urls = (given ?? "").split(",").map((url) => url.trim());
  if (urls.some((url) => url !== "")) {
    const named = urls.filter((url) => url !== "");
    return {
      urls: named,
      description: `Redis, ${named.length} of your own nodes`,
      stop: () => Promise.resolve(),
    };
  }
  if (findRedisServer() === null) {
    return {
      urls: [],
      description: "PostgreSQL (no redis-server on this machine)",
      stop: () => Promise.resolve(),
    };
  }
  const servers = await startRedisServers(nodeCount);
  return {
    urls: servers.map(({ url }) => url),
    description: `Redis, ${nodeCount} nodes of the demo's own`,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/**
 * How many scripts the nodes have run: each lock that is taken or given back is one. By this Redis itself
 * says whether it served.
 */
export async function countLockScripts(urls: readonly string[]): Promise<number> {
  const counts = await Promise.all(urls.map(countScriptsOf));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function countScriptsOf(url: string): Promise<number> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: askWithinMs,
  });
  redis.on("error", () => undefined); // a node that is away has served nothing since
  try {
    await redis.connect();
    const info = await redis.info("commandstats");
    const calls = [...info.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)];
    return calls.reduce((sum, [, count]) => sum + Number(count), 0);
  } catch {
    return 0;
  } finally {
    redis.disconnect();
  }
}
