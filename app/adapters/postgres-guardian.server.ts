/**
 * The process that looks after an embedded PostgreSQL: `node postgres-guardian.server.ts JSON`.
 *
 * It is detached from whoever started it, so that killing a web process, a worker or a terminal does
 * not take the database away from the others; it starts PostgreSQL again if that is killed; and it
 * stops PostgreSQL and itself once nobody has been connected for a while, so that nothing is left
 * running. Everything it needs to agree about with others is agreed in PostgreSQL itself, by advisory
 * locks, because those cannot outlive their owner as a lock file can:
 *
 * - `guard` is held by the one guardian. A second one finds it taken and leaves.
 * - `presence` is held, shared, by each user. Stopping takes it exclusively, so that nobody can join
 *   a server that is about to stop.
 */
import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

import { findEmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.server.ts";
import type { EmbeddedPostgres } from "./embedded-postgres.server.ts";
import { findFreePort } from "./free-port.server.ts";
import { findPostmaster, locateCluster } from "./postgres-cluster.server.ts";
import type { PostgresCluster } from "./postgres-cluster.server.ts";
import { guardianLocks, guardianName, parseGuardianOptions } from "./guardian-process.server.ts";
import type { GuardianOptions } from "./guardian-process.server.ts";

/** Long enough for a restart by hand between two commands to find the server still there. */
const pollMs = 200;

/** Sessions of a killed server hold its shared memory until they notice: about a second. */
const startWithinMs = 60_000;
const startRetryMs = 250;

await guard(parseGuardianOptions(process.argv[2]));

async function guard(options: GuardianOptions): Promise<void> {
  const cluster = locateCluster(options.directory);
  const request = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      request.abort();
    });
  }

  let hasGuarded = false;
  while (!request.signal.aborted) {
    const server = await findOrStart(cluster, options, request.signal);
    if (server === "not-needed") break;
    const guardianship = await takeGuardianship(server);
    if (guardianship === "taken") break;
    if (guardianship === "server-gone") continue;

    hasGuarded = true;
    const outcome = await watch(server, guardianship, options.idleMs, request.signal);
    if (outcome === "server-gone") continue;
    await server.stop();
    break;
  }
  // One that was never needed does not own the data, nor does one that has been replaced.
  if (options.isEphemeral && hasGuarded && findPostmaster(cluster) === null) {
    rmSync(cluster.directory, { recursive: true, force: true });
  }
}

async function findOrStart(
  cluster: PostgresCluster,
  { directory, settings }: GuardianOptions,
  stopRequest: AbortSignal,
): Promise<EmbeddedPostgres | "not-needed"> {
  const deadline = performance.now() + startWithinMs;
  for (let attempt = 0; !stopRequest.aborted; attempt += 1) {
    const running = await findEmbeddedPostgres(cluster);
    if (running) return running;
    try {
      // The last port again first: processes that outlived the server still have its address.
      const port = attempt < 3 ? {} : { port: await findFreePort() };
      return await startEmbeddedPostgres({ directory, settings, ...port });
    } catch (error) {
      // Another guardian is starting it: that one guards.
      if (findPostmaster(cluster) !== null) return "not-needed";
      if (performance.now() > deadline) throw error;
      await pause(startRetryMs);
    }
  }
  return "not-needed";
}

async function takeGuardianship(
  server: EmbeddedPostgres,
): Promise<pg.Client | "taken" | "server-gone"> {
  const client = new pg.Client({
    connectionString: server.url,
    application_name: guardianName(process.pid),
  });
  client.on("error", () => undefined); // seen as server.isRunning() and by the next query
  try {
    await client.connect();
    const { rows } = await client.query<{ got: boolean }>(
      "SELECT pg_try_advisory_lock($1::bigint) AS got",
      [guardianLocks.guard],
    );
    if (rows[0]?.got) return client;
    await client.end();
    return "taken";
  } catch {
    await pause(startRetryMs);
    return "server-gone";
  }
}

async function watch(
  server: EmbeddedPostgres,
  client: pg.Client,
  idleMs: number,
  stopRequest: AbortSignal,
): Promise<"stop" | "server-gone"> {
  let lastUsedAt = performance.now();
  try {
    while (server.isRunning()) {
      if (stopRequest.aborted) return "stop";
      if (await isUsed(client)) lastUsedAt = performance.now();
      if (performance.now() - lastUsedAt >= idleMs && (await closeDoor(client))) return "stop";
      await pause(pollMs);
    }
  } catch {
    // The connection broke: the server is gone, or about to be.
  }
  await client.end().catch(() => undefined);
  return "server-gone";
}

async function isUsed(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1`,
  );
  return rowCount === 1;
}

async function closeDoor(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(
    "SELECT pg_try_advisory_lock($1::bigint) AS got",
    [guardianLocks.presence],
  );
  return rows[0]?.got ?? false;
}
