import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findPostmaster, locateCluster } from "#app/adapters/postgres-cluster.server.ts";
import { joinSharedPostgres } from "#app/adapters/shared-postgres.server.ts";
import type { Cleanups } from "#test/demo/cleanups.ts";
import { startStand } from "#test/demo/stand.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";
import { startRedisServers } from "#test/support/redis-servers.ts";

import { openCommitCutter } from "./nemesis/commit-cutter.ts";
import type { CommitCutter } from "./nemesis/commit-cutter.ts";
import type { Victims } from "./nemesis/nemesis.ts";

/** The PostgreSQL of runs: given from outside, or of their own. */
export type ChaosPostgres = {
  readonly url: string;
  /** Null: it belongs to somebody else. */
  readonly kill: (() => void) | null;
};

const redisNodeCount = 3;
const processCounts = { webCount: 2, workerCount: 2 };

/**
 * The server of `DATABASE_URL`, or one from npm in a folder of its own, which is thrown away. A server
 * that is killed loses nothing by not waiting for the disk: only a machine that loses its power does.
 */
export async function openChaosPostgres(
  given: string | undefined,
  cleanups: Cleanups,
): Promise<ChaosPostgres> {
  if (given) return { url: given, kill: null };
  const directory = join(
    tmpdir(),
    `location-groups-chaos-postgres-${randomBytes(6).toString("hex")}`,
  );
  const server = await joinSharedPostgres({
    directory,
    settings: { fsync: "off", full_page_writes: "off" },
    isEphemeral: true,
  });
  cleanups.add(() => server.stop());
  const kill = () => {
    const postmaster = findPostmaster(locateCluster(directory, () => undefined));
    if (postmaster) process.kill(postmaster.pid, "SIGKILL");
  };
  return { url: server.url, kill };
}

/** Everything that a block of runs needs, running, and what can be done to it. */
export async function startChaosStand(
  options: {
    readonly scenario: Scenario;
    readonly postgres: ChaosPostgres;
    /** Empty: three nodes of the stand's own. */
    readonly redisUrls: readonly string[];
  },
  cleanups: Cleanups,
): Promise<Victims> {
  const { scenario, postgres } = options;
  const redisServers =
    options.redisUrls.length > 0 ? [] : [...(await startRedisServers(redisNodeCount))];
  cleanups.add(() => Promise.all(redisServers.map((server) => server.stop())));

  const opened: { commitCutter?: CommitCutter } = {};
  const stand = await startStand(
    {
      ...processCounts,
      scenario,
      databaseServerUrl: postgres.url,
      databaseName: `chaos_${randomBytes(6).toString("hex")}`,
      redisUrls:
        redisServers.length > 0 ? redisServers.map(({ url }) => url) : [...options.redisUrls],
      openWayTo: async (databaseUrl) => {
        const commitCutter = await openCommitCutter(databaseUrl);
        opened.commitCutter = commitCutter;
        cleanups.add(commitCutter.close);
        return commitCutter.url;
      },
    },
    cleanups,
  );
  // Whoever is frozen when everything ends could not end by itself.
  cleanups.add(() => {
    for (const process of [...stand.webs(), ...stand.workers()]) process.resume();
  });
  return {
    stand,
    commitCutter: opened.commitCutter!,
    redisServers,
    killPostgres: postgres.kill ?? (() => undefined),
  };
}
