import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

import { findEmbeddedPostgres } from "./embedded-postgres.server.ts";
import type { PostgresSettings } from "./embedded-postgres.server.ts";
import {
  dismissGuardian,
  findGuardian,
  guardianComplaint,
  guardianLocks,
  hasEnded,
  isAlive,
  spawnGuardian,
} from "./guardian-process.server.ts";
import type { GuardianOptions } from "./guardian-process.server.ts";
import { databaseUrl, locateCluster } from "./postgres-cluster.server.ts";
import type { PostgresCluster } from "./postgres-cluster.server.ts";

export type SharedPostgres = {
  readonly url: string;
  /** Ends this process's claim: the server may stop once everybody has left. */
  readonly leave: () => Promise<void>;
  /** Stops the server for everybody, and resolves when it is gone. */
  readonly stop: () => Promise<void>;
};

const database = "location_groups";

/** Long enough to start web and worker one after the other, short enough that nothing lingers. */
const idleStandardMs = 30_000;
/** Making a cluster takes about 1.5 s; recovery after a kill, seconds. */
const joinWithinMs = 90_000;
const joinPollMs = 25;
const stopPollMs = 20;
/** How soon a killed guardian is replaced; until then a server without users would not be stopped. */
const patrolMs = 2_000;

/**
 * The database of this checkout: `DATABASE_URL`, or else an embedded PostgreSQL under `.data/postgres`
 * of the working directory that all its processes share and that stops by itself when they are gone.
 */
export async function ensureDatabaseUrl(settings: {
  readonly DATABASE_URL?: string | undefined;
}): Promise<string> {
  if (settings.DATABASE_URL) return settings.DATABASE_URL;
  const shared = await joinSharedPostgres({ directory: resolve(".data", "postgres") });
  return shared.url;
}

/**
 * Joins the embedded PostgreSQL on `directory`, starting it when it does not run. Until `leave`, or
 * the end of this process however it ends, the server stays; if it is killed, it is started again.
 */
export async function joinSharedPostgres(options: {
  readonly directory: string;
  readonly settings?: PostgresSettings;
  readonly idleMs?: number;
  readonly isEphemeral?: boolean;
}): Promise<SharedPostgres> {
  const say = (sentence: string) => void process.stderr.write(`${sentence}\n`);
  const cluster = locateCluster(options.directory, say);
  const guardianOptions: GuardianOptions = {
    directory: cluster.directory,
    settings: options.settings ?? {},
    idleMs: options.idleMs ?? idleStandardMs,
    isEphemeral: options.isEphemeral ?? false,
  };

  let hasLeft = false;
  const isWanted = () => !hasLeft;
  let presence = enter(cluster, guardianOptions, isWanted);
  const staying = (entered: Presence | null): void => {
    void entered?.ended.then(() => {
      if (hasLeft) return;
      presence = enter(cluster, guardianOptions, isWanted);
      presence.then(staying, (error: unknown) => {
        say(String(error));
      });
    });
  };
  const first = await presence;
  if (first === null) throw new Error("PostgreSQL was left before it was joined.");
  staying(first);

  let patrolling: Promise<void> | null = null;
  const patrol = setInterval(() => {
    patrolling ??= replaceMissingGuardian(cluster, guardianOptions, presence).finally(() => {
      patrolling = null;
    });
  }, patrolMs).unref();
  const endPatrol = async (): Promise<void> => {
    clearInterval(patrol);
    await patrolling;
  };
  const leave = async (): Promise<void> => {
    hasLeft = true;
    await endPatrol();
    const left = await presence.catch(() => null);
    if (left === null) return;
    socketOf(left.client).ref(); // saying goodbye is something to do
    await left.client.end();
  };
  return {
    url: first.url,
    leave,
    async stop() {
      await endPatrol();
      const entered = await presence.catch(() => null);
      hasLeft = true;
      if (entered) {
        socketOf(entered.client).ref(); // whoever has nothing else to do waits for the end all the same
        await stopByGuardian(cluster, guardianOptions, entered);
      }
      await leave();
    },
  };
}

/** The guardian stops the server; it may be another one than when this process joined, or dead. */
async function stopByGuardian(
  cluster: PostgresCluster,
  options: GuardianOptions,
  presence: Presence,
): Promise<void> {
  do {
    await replaceMissingGuardian(cluster, options, Promise.resolve(presence));
    const guardianPid = await findGuardian(presence.client).catch(() => "session-over" as const);
    if (guardianPid === "session-over") return; // and the server with it
    // Null when it died a moment ago: another look finds that the server has nobody.
    if (guardianPid !== null && isAlive(guardianPid)) process.kill(guardianPid, "SIGTERM");
    while (guardianPid !== null && isAlive(guardianPid)) await pause(stopPollMs);
  } while ((await findEmbeddedPostgres(cluster)) !== null);
}

type Presence = {
  readonly client: pg.Client;
  readonly url: string;
  readonly guardianPid: number;
  /** Resolves when the session is over, whoever ended it. */
  readonly ended: Promise<void>;
};

/**
 * Resolves when this process is present, or is no longer wanted (null). A guardian that it started and
 * that is not the one that guards is gone by then.
 */
async function enter(
  cluster: PostgresCluster,
  options: GuardianOptions,
  isWanted: () => boolean,
): Promise<Presence | null> {
  const deadline = performance.now() + joinWithinMs;
  let guardian: ChildProcess | null = null;
  let presence: Presence | null = null;
  try {
    while (isWanted() && performance.now() < deadline) {
      presence = await tryEnter(cluster);
      if (presence) return presence;

      guardian ??= spawnGuardian(cluster, options);
      if (guardian.exitCode) throw new Error(guardianComplaint(cluster));
      // It found another guardian, and that one was on its way out; or it was killed.
      if (hasEnded(guardian)) guardian = null;
      await pause(joinPollMs);
    }
  } finally {
    if (guardian && guardian.pid !== presence?.guardianPid) await dismissGuardian(guardian);
  }
  if (!isWanted()) return null;
  throw new Error(
    `PostgreSQL did not answer within ${joinWithinMs} ms. ${guardianComplaint(cluster)}`,
  );
}

/** Resolves when somebody guards the server again; does nothing while there is none to guard. */
async function replaceMissingGuardian(
  cluster: PostgresCluster,
  options: GuardianOptions,
  presence: Promise<Presence | null>,
): Promise<void> {
  let guardian: ChildProcess | null = null;
  let guardianPid: number | null = null;
  try {
    const client = (await presence)?.client;
    if (!client) return;
    while ((guardianPid = await findGuardian(client)) === null) {
      guardian ??= spawnGuardian(cluster, options);
      if (hasEnded(guardian)) return;
      await pause(joinPollMs);
    }
  } catch {
    // The session broke, and whoever enters again starts a guardian where one is needed.
  } finally {
    if (guardian && guardian.pid !== guardianPid) await dismissGuardian(guardian);
  }
}

/** Null when no server runs, when it is about to stop, or when nobody guards it. */
async function tryEnter(cluster: PostgresCluster): Promise<Presence | null> {
  const server = await findEmbeddedPostgres(cluster);
  if (server === null) return null;

  const client = new pg.Client({ connectionString: server.url, application_name: "presence" });
  client.on("error", () => undefined); // followed by "end", which is acted upon
  const ended = new Promise<void>((settle) => {
    client.once("end", settle);
  });
  try {
    await client.connect();
    const guardianPid = await findGuardian(client);
    if (guardianPid !== null && (await holdPresence(client))) {
      await createDatabaseOnce(client);
      socketOf(client).unref(); // a claim must not keep a process alive that has nothing else to do
      const url = databaseUrl(cluster, server.port, database);
      return { client, url, guardianPid, ended };
    }
  } catch {
    // It ended, or is starting or ending: the caller tries again.
  }
  await client.end().catch(() => undefined);
  return null;
}

async function holdPresence(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(
    "SELECT pg_try_advisory_lock_shared($1::bigint) AS got",
    [guardianLocks.presence],
  );
  return rows[0]?.got ?? false;
}

async function createDatabaseOnce(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [database]);
  if (rowCount !== 0) return;
  await client.query(`CREATE DATABASE ${database}`).catch((error: unknown) => {
    // 42P04, or 23505 when both were creating it: another process was first.
    if (!(error instanceof pg.DatabaseError && ["42P04", "23505"].includes(error.code ?? ""))) {
      throw error;
    }
  });
}

function socketOf(client: pg.Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}
