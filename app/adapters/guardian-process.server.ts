import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { z } from "zod";

import type { PostgresCluster } from "./postgres-cluster.server.ts";

const exitPollMs = 20;

const GuardianOptions = z.object({
  directory: z.string(),
  settings: z.record(z.string(), z.string()),
  idleMs: z.number(),
  isEphemeral: z.boolean(),
});
/** What a guardian is started with; `isEphemeral` removes the data when it stops. */
export type GuardianOptions = Readonly<z.infer<typeof GuardianOptions>>;

/** Numbers of advisory locks; what each is for is said in postgres-guardian.server.ts. */
export const guardianLocks = { guard: 7_265_001, presence: 7_265_002 } as const;

/** The name by which a guardian is seen among the server's sessions, and by it its process. */
export function guardianName(pid: number): string {
  return `postgres-guardian ${pid}`;
}

export function parseGuardianOptions(json: string | undefined): GuardianOptions {
  return GuardianOptions.parse(JSON.parse(json ?? "null"));
}

/** Starts a guardian that outlives this process; whoever starts one that is not needed dismisses it. */
export function spawnGuardian(cluster: PostgresCluster, options: GuardianOptions): ChildProcess {
  // By the package's own name for it, so that it is found from a bundle in build/ too.
  const program = createRequire(import.meta.url).resolve(
    "#app/adapters/postgres-guardian.server.ts",
  );
  const log = openSync(guardianLog(cluster), "a");
  try {
    const guardian = spawn(process.execPath, [program, JSON.stringify(options)], {
      cwd: "/",
      detached: true,
      env: {} as NodeJS.ProcessEnv,
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

/** The end of what guardians of this cluster printed. */
export function guardianComplaint(cluster: PostgresCluster): string {
  return `The guardian of PostgreSQL says: ${readFileSync(guardianLog(cluster), "utf8").slice(-2_000)}`;
}

/**
 * Ends a guardian that turned out not to be needed, and resolves when it is gone. Left alone it could
 * still be starting when the server is stopped, and then it would start that server again.
 */
export async function dismissGuardian(guardian: ChildProcess): Promise<void> {
  guardian.kill("SIGTERM");
  while (!hasEnded(guardian)) await pause(exitPollMs);
}

export function hasEnded(process: ChildProcess): boolean {
  return process.exitCode !== null || process.signalCode !== null;
}

/** The process that guards the server of this session, or null if none does. */
export async function findGuardian(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND granted AND classid = 0 AND objsubid = 1 AND objid = $1`,
    [guardianLocks.guard],
  );
  const pid = Number(rows[0]?.name.split(" ")[1]);
  return pid > 0 && isAlive(pid) ? pid : null;
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
