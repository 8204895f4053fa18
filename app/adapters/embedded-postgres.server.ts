import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

import { findFreePort } from "./free-port.server.ts";
import {
  databaseUrl,
  findPostmaster,
  forgetDeadPostmaster,
  initialiseCluster,
  isPostmaster,
  locateCluster,
  postgresEnvironment,
} from "./postgres-cluster.server.ts";
import type { PostgresCluster, Postmaster } from "./postgres-cluster.server.ts";

export type PostgresSettings = Readonly<Record<string, string>>;

export type EmbeddedPostgres = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly isRunning: () => boolean;
  /** Ends open sessions, writes everything out and resolves when the server is gone. */
  readonly stop: () => Promise<void>;
};

/** Crash recovery after a kill reads at most one checkpoint interval of log: seconds, not minutes. */
const readyWithinMs = 60_000;
const readyPollMs = 25;
const stopPollMs = 20;

/**
 * Web, worker, demo and tests each hold a pool; 200 is far above their sum and costs a few megabytes.
 * Only TCP on the loopback address: a socket file's path would break on long directory names.
 */
const standardSettings: PostgresSettings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  timezone: "UTC",
  log_timezone: "UTC",
};

/**
 * Starts PostgreSQL from npm on `directory` as a child of this process, making the cluster first if
 * there is none. Durable unless `settings` say otherwise.
 *
 * @param options.port the port to use; without it the one used last, or a free one.
 * @throws if the server ends before it accepts connections, for instance because another one
 *   already runs on this directory or has the port; the end of its log is in the message.
 */
export async function startEmbeddedPostgres(options: {
  readonly directory: string;
  readonly port?: number;
  readonly settings?: PostgresSettings;
  readonly say?: (sentence: string) => void;
}): Promise<EmbeddedPostgres> {
  const cluster = locateCluster(options.directory, options.say);
  const settings = { ...standardSettings, ...options.settings };
  await initialiseCluster(cluster, { isDurable: settings.fsync !== "off" });

  const port = options.port ?? findLastPort(cluster) ?? (await findFreePort());
  forgetDeadPostmaster(cluster);
  const child = spawnPostgres(cluster, port, settings);
  child.unref();
  const postmaster = await untilReady(cluster, child, port);
  writeFileSync(cluster.portFile, String(port));
  return runningServer(cluster, postmaster);
}

/**
 * The server that already runs on this cluster and answers, whoever started it, or null.
 */
export async function findEmbeddedPostgres(
  cluster: PostgresCluster,
): Promise<EmbeddedPostgres | null> {
  const postmaster = findPostmaster(cluster);
  if (postmaster === null || !(await answers(cluster, postmaster.port))) return null;
  return runningServer(cluster, postmaster);
}

function spawnPostgres(
  cluster: PostgresCluster,
  port: number,
  settings: PostgresSettings,
): ChildProcess {
  // A file, not a pipe: PostgreSQL must be able to write when the process that started it is gone.
  const log = openSync(cluster.logFile, "a");
  try {
    return spawn(
      join(cluster.binDir, "postgres"),
      [
        ...["-D", cluster.dataDir, "-p", String(port)],
        ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ],
      {
        ...cluster.runAs,
        cwd: cluster.dataDir,
        env: postgresEnvironment,
        stdio: ["ignore", log, log],
      },
    );
  } finally {
    closeSync(log);
  }
}

async function untilReady(
  cluster: PostgresCluster,
  child: ChildProcess,
  port: number,
): Promise<Postmaster> {
  const outcome: { hasEnded: boolean; error?: Error } = { hasEnded: false };
  child.once("error", (error) => {
    outcome.error = error;
    outcome.hasEnded = true;
  });
  child.once("exit", () => (outcome.hasEnded = true));

  const deadline = performance.now() + readyWithinMs;
  while (performance.now() < deadline) {
    // Only our own child counts: another server may have the port, or the cluster.
    const postmaster = findPostmaster(cluster);
    const isOurs = postmaster !== null && postmaster.pid === child.pid;
    if (isOurs && (await answers(cluster, port))) return postmaster;
    if (outcome.hasEnded) {
      throw new Error(`PostgreSQL did not start: ${outcome.error?.message ?? logTail(cluster)}`);
    }
    await pause(readyPollMs);
  }
  child.kill("SIGINT");
  throw new Error(`PostgreSQL was not ready after ${readyWithinMs} ms: ${logTail(cluster)}`);
}

function runningServer(cluster: PostgresCluster, { pid, port }: Postmaster): EmbeddedPostgres {
  const isRunning = () => isPostmaster(cluster, pid);
  return {
    url: databaseUrl(cluster, port, "postgres"),
    port,
    pid,
    isRunning,
    async stop() {
      if (isRunning()) process.kill(pid, "SIGINT"); // "fast": ends sessions, then a checkpoint
      while (isRunning()) await pause(stopPollMs);
    },
  };
}

async function answers(cluster: PostgresCluster, port: number): Promise<boolean> {
  const client = new pg.Client({
    connectionString: databaseUrl(cluster, port, "postgres"),
    connectionTimeoutMillis: 1_000,
  });
  client.on("error", () => undefined); // a server that ends meanwhile: the query's answer says so
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false; // refused, starting up, shutting down: not ready, whatever the reason
  } finally {
    await client.end().catch(() => undefined);
  }
}

function findLastPort(cluster: PostgresCluster): number | null {
  if (!existsSync(cluster.portFile)) return null;
  return Number(readFileSync(cluster.portFile, "utf8")) || null;
}

function logTail(cluster: PostgresCluster): string {
  return readFileSync(cluster.logFile, "utf8").trim().split("\n").slice(-5).join("\n");
}
