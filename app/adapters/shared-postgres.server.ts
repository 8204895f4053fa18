import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";

import { findEmbeddedPostgres } from "./embedded-postgres.server.ts";
import type { PostgresSettings } from "./embedded-postgres.server.ts";
import { databaseUrl, locateCluster } from "./postgres-cluster.server.ts";
import type { PostgresCluster } from "./postgres-cluster.server.ts";

const GuardianOptions = z.object({
  directory: z.string(),
  settings: z.record(z.string(), z.string()),
  idleMs: z.number(),
  isEphemeral: z.boolean(),
});
/** What a guardian is started with; `isEphemeral` removes the data when it stops. */
export type GuardianOptions = Readonly<z.infer<typeof GuardianOptions>>;

export type SharedPostgres = {
  readonly url: string;
  /** Ends this process's claim: the server may stop once everybody has left. */
  readonly leave: () => Promise<void>;
  /** Stops the server for everybody, and resolves when it is gone. */
  readonly stop: () => Promise<void>;
};

/** Numbers of advisory locks; what each is for is said in postgres-guardian.server.ts. */
export const guardianLocks = { guard: 7_265_001, presence: 7_265_002 } as const;

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
  let presence = enter(cluster, guardianOptions);
  const staying = (entered: Presence): void => {
    entered.client.once("end", () => {
      if (hasLeft) return;
      presence = enter(cluster, guardianOptions);
      presence.then(staying, (error: unknown) => {
        say(String(error));
      });
    });
  };
  staying(await presence);
  const patrol = setInterval(() => {
    void presence
      .then(async ({ client }) => {
        if ((await findGuardian(client)) === null) spawnGuardian(cluster, guardianOptions);
      }, ignoreBrokenConnection)
      .catch(ignoreBrokenConnection);
  }, patrolMs).unref();

  const leave = async (): Promise<Presence> => {
    hasLeft = true;
    clearInterval(patrol);
    const left = await presence;
    socketOf(left.client).ref(); // saying goodbye is something to do
    await left.client.end();
    return left;
  };
  return {
    url: (await presence).url,
    async leave() {
      await leave();
    },
    async stop() {
      const { guardianPid } = await leave();
      if (isAlive(guardianPid)) process.kill(guardianPid, "SIGTERM");
      while (isAlive(guardianPid)) await pause(stopPollMs);
    },
  };
}

/** The name by which a guardian is seen among the server's sessions, and by it its process. */
export function guardianName(pid: number): string {
  return `postgres-guardian ${pid}`;
}

export function parseGuardianOptions(json: string | undefined): GuardianOptions {
  return GuardianOptions.parse(JSON.parse(json ?? "null"));
}

type Presence = { readonly client: pg.Client; readonly url: string; readonly guardianPid: number };

async function enter(cluster: PostgresCluster, options: GuardianOptions): Promise<Presence> {
  const deadline = performance.now() + joinWithinMs;
  let guardian: ChildProcess | null = null;
  while (performance.now() < deadline) {
    const presence = await tryEnter(cluster);
    if (presence) return presence;

    guardian ??= spawnGuardian(cluster, options);
    if (guardian.exitCode) throw new Error(complaint(cluster));
    // It found another guardian, and that one was on its way out.
    if (guardian.exitCode === 0) guardian = null;
    await pause(joinPollMs);
  }
  throw new Error(`PostgreSQL did not answer within ${joinWithinMs} ms. ${complaint(cluster)}`);
}

/** Null when no server runs, when it is about to stop, or when nobody guards it. */
async function tryEnter(cluster: PostgresCluster): Promise<Presence | null> {
  const server = await findEmbeddedPostgres(cluster);
  if (server === null) return null;

  const client = new pg.Client({ connectionString: server.url, application_name: "presence" });
  client.on("error", () => undefined); // followed by "end", which is acted upon
  try {
    await client.connect();
    const guardianPid = await findGuardian(client);
    if (guardianPid !== null && (await holdPresence(client))) {
      await createDatabaseOnce(client);
      socketOf(client).unref(); // a claim must not keep a process alive that has nothing else to do
      return { client, url: databaseUrl(cluster, server.port, database), guardianPid };
    }
  } catch {
    // It ended, or is starting or ending: the caller tries again.
  }
  await client.end().catch(() => undefined);
  return null;
}

async function findGuardian(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND granted AND objid = $1`,
    [guardianLocks.guard],
  );
  const pid = Number(rows[0]?.name.split(" ")[1]);
  return pid > 0 && isAlive(pid) ? pid : null;
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

function spawnGuardian(cluster: PostgresCluster, options: GuardianOptions): ChildProcess {
  // By the package's own name for it, so that it is found from a bundle in build/ too.
  const program = createRequire(import.meta.url).resolve(
    "#app/adapters/postgres-guardian.server.ts",
  );
  const log = openSync(guardianLog(cluster), "a");
  try {
    const guardian = spawn(process.execPath, [program, JSON.stringify(options)], {
      cwd: "/",
      detached: true,
      env: {},
      stdio: ["ignore", log, log],
    });
    guardian.unref();
    return guardian;
  } finally {
    closeSync(log);
  }
}

function guardianLog(cluster: PostgresCluster): string {
  return join(cluster.directory, "guardian.log");
}

function complaint(cluster: PostgresCluster): string {
  return `The guardian of PostgreSQL says: ${readFileSync(guardianLog(cluster), "utf8").slice(-2_000)}`;
}

/** The connection's "end" is what is acted upon. */
function ignoreBrokenConnection(): void {
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
