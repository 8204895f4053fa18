import { setTimeout as pause } from "node:timers/promises";

import type { Stand } from "#test/demo/stand.ts";
import type { StartedProcess } from "#test/support/child-process.ts";
import { startRedisServer } from "#test/support/redis-servers.ts";
import type { RedisServer } from "#test/support/redis-servers.ts";
import { waitFor } from "#test/support/wait-for.ts";

import type { CommitCutter } from "./commit-cutter.ts";
import type { Disruption, DisruptionKind } from "./plan.ts";

/** The parts that something can be done to. */
export type Victims = {
  readonly stand: Stand;
  readonly commitCutter: CommitCutter;
  /** Those of the runs' own; a node that was killed is replaced here by the one that came back. */
  readonly redisServers: RedisServer[];
  /** Kills the PostgreSQL of the runs' own; somebody else starts it again. */
  readonly killPostgres: () => void;
};

export type Nemesis = {
  /** The first shopper comes: from here on the plan is carried out. */
  readonly begin: () => void;
  /**
   * Ends it: what has not begun is left out, what is frozen stays so for its time, and then everything that
   * was there before is there again.
   *
   * @returns what was done, by kind.
   */
  readonly heal: () => Promise<Readonly<Record<string, number>>>;
};

/** PostgreSQL reads what it wrote since its last checkpoint, and its guardian has to notice first. */
const postgresBackWithinMs = 60_000;

/** Carries out the plan of one run. */
export function createNemesis(victims: Victims, plan: readonly Disruption[]): Nemesis {
  const { stand, commitCutter } = victims;
  const webPorts = stand.webs().map(({ port }) => port);
  const workerCount = stand.workers().length;
  const cutBefore = commitCutter.counts();
  const done: DisruptionKind[] = [];
  const ending = new AbortController();
  const frozen = new Set<StartedProcess>();
  const running: Promise<void>[] = [];

  const carryOut = async (disruption: Disruption) => {
    const isLeftOut = await pause(disruption.atMs, false, { signal: ending.signal }).catch(
      () => true,
    );
    if (isLeftOut) return;
    const isDone = await disrupt(victims, disruption, frozen);
    if (isDone) done.push(disruption.kind);
  };
  return {
    begin() {
      for (const disruption of plan) {
        const carriedOut = carryOut(disruption);
        carriedOut.catch(() => undefined); // told by `heal`
        running.push(carriedOut);
      }
    },
    async heal() {
      ending.abort();
      try {
        await Promise.all(running);
      } finally {
        commitCutter.stopCutting();
        for (const process of frozen) process.resume();
      }
      await restore(victims, webPorts, workerCount);
      return countDisruptions(done, cutBefore, commitCutter.counts());
    },
  };
}

/** @returns whether there was anything to do it to. */
async function disrupt(
  victims: Victims,
  { kind, forMs, commits }: Disruption,
  frozen: Set<StartedProcess>,
): Promise<boolean> {
  const { stand, redisServers } = victims;
  switch (kind) {
    case "web-killed":
      return kill(stand.webs()[0]);
    case "worker-killed":
      return kill(stand.workers()[0]);
    case "redis-killed":
      return kill(redisServers.find((server) => server.isRunning()));
    case "postgres-killed":
      victims.killPostgres();
      return true;
    case "web-frozen":
      return freeze(stand.webs().at(-1), forMs, frozen);
    case "worker-frozen":
    case "worker-frozen-beyond-ttl":
      return freeze(stand.workers().at(-1), forMs, frozen);
    case "sessions-cut":
      return cutSessions(stand);
    case "commits-cut":
      victims.commitCutter.cut(commits);
      return false; // each commit that meets it is counted by itself
  }
}

async function kill(process: StartedProcess | undefined): Promise<boolean> {
  await process?.kill();
  return process !== undefined;
}

async function freeze(
  process: StartedProcess | undefined,
  forMs: number,
  frozen: Set<StartedProcess>,
): Promise<boolean> {
  if (!process || frozen.has(process)) return false;
  frozen.add(process);
  process.pause();
  await pause(forMs);
  process.resume();
  frozen.delete(process);
  return true;
}

/** Every session of the app that is in a transaction, and one that is not. */
async function cutSessions({ database }: Stand): Promise<boolean> {
  const { rowCount } = await database
    .query(
      `SELECT pg_terminate_backend(pid) FROM (
         SELECT pid, xact_start FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'location-groups %'
          ORDER BY xact_start NULLS LAST) AS session
        WHERE xact_start IS NOT NULL OR pid = (
          SELECT min(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name LIKE 'location-groups %')`,
    )
    .catch(() => ({ rowCount: 0 })); // the server itself was killed
  return (rowCount ?? 0) > 0;
}

async function restore(
  { stand, redisServers }: Victims,
  webPorts: readonly number[],
  workerCount: number,
): Promise<void> {
  await waitFor("PostgreSQL to be back", () => stand.database.query("SELECT 1"), {
    withinMs: postgresBackWithinMs,
  });
  for (const [index, server] of redisServers.entries()) {
    if (!server.isRunning()) redisServers[index] = await startRedisServer(server.port);
  }
  const present = new Set(stand.webs().map(({ port }) => port));
  const missingWorkers = workerCount - stand.workers().length;
  await Promise.all([
    ...webPorts.filter((port) => !present.has(port)).map((port) => stand.startWeb(port)),
    ...Array.from({ length: missingWorkers }, () => stand.startWorker()),
  ]);
}

function countDisruptions(
  done: readonly DisruptionKind[],
  before: ReturnType<CommitCutter["counts"]>,
  after: ReturnType<CommitCutter["counts"]>,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of done) counts[kind] = (counts[kind] ?? 0) + 1;
  const lost = after.lost - before.lost;
  const answersLost = after["answer-lost"] - before["answer-lost"];
  if (lost > 0) counts["commit-lost"] = lost;
  if (answersLost > 0) counts["commit-answer-lost"] = answersLost;
  return counts;
}
