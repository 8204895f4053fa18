import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

import type { Logger } from "../loop/ports.ts";

import { sessionOptions } from "./postgres-session.ts";

export type Presence = {
  /** A new one at every start; what this process claims, it claims by this name. */
  readonly processId: string;
  /** Ends the presence: from here on others may take over what was claimed. Never throws. */
  readonly leave: () => Promise<void>;
};

/** First of the two numbers of the advisory lock that a present process holds; the second is its own. */
export const presenceLockClass = 7_265_020;
/** Followed by the process' id, the session's application_name. */
export const presenceNamePrefix = "location-groups ";

/** A database that restarts is back within seconds; asking it this often costs nothing. */
const reconnectMs = 100;

/**
 * Says to the other processes that this one lives, by a session of its own that holds an advisory lock.
 * Killing the process ends both within milliseconds; a process that is only stopped stays present.
 * A session that breaks is opened again under the same id: until then this process counts as dead, and
 * others may send again what it sent, which is harmless.
 *
 * @param databaseUrl a direct connection, not a pooler that shares sessions.
 * @throws if the database cannot be reached at the start.
 */
export async function joinPresence(
  databaseUrl: string,
  options: { readonly log?: Logger } = {},
): Promise<Presence> {
  const processId = randomUUID();
  const leaving = new AbortController();
  let client = await openPresence(databaseUrl, processId);
  const watched = stayPresent();

  async function stayPresent(): Promise<void> {
    for (;;) {
      await ended(client);
      if (leaving.signal.aborted) return;
      options.log?.warn({ processId }, "The presence of this process broke; it is said again.");
      const reopened = await reopen(databaseUrl, processId, leaving.signal);
      if (!reopened) return;
      client = reopened;
    }
  }

  return {
    processId,
    async leave() {
      leaving.abort();
      await client.end().catch(() => undefined);
      await watched;
    },
  };
}

/** The ids of all processes that are present in this database. */
export async function livePresences(pool: pg.Pool): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ name: string }>({
    name: "live-presences",
    text: `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND classid = $1 AND objsubid = 2 AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    values: [presenceLockClass],
  });
  return new Set(rows.map(({ name }) => name.slice(presenceNamePrefix.length)));
}

async function openPresence(databaseUrl: string, processId: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    ...sessionOptions,
    application_name: `${presenceNamePrefix}${processId}`,
  });
  client.on("error", () => undefined); // followed by "end", which is acted upon
  try {
    await client.connect();
    // Shared: the session that broke may still be there, and must not hold up the one that replaces it.
    await client.query("SELECT pg_advisory_lock_shared($1, $2)", [
      presenceLockClass,
      lockNumber(processId),
    ]);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

async function reopen(
  databaseUrl: string,
  processId: string,
  leaving: AbortSignal,
): Promise<pg.Client | null> {
  const hasLeft = () => leaving.aborted;
  while (!hasLeft()) {
    try {
      const client = await openPresence(databaseUrl, processId);
      if (!hasLeft()) return client;
      await client.end();
    } catch {
      await pause(reconnectMs, undefined, { signal: leaving }).catch(() => undefined);
    }
  }
  return null;
}

/** Half of what an advisory lock's second number can be; ids that share one do no harm. */
function lockNumber(processId: string): number {
  return parseInt(processId.slice(0, 8), 16) >>> 1;
}

function ended(client: pg.Client): Promise<void> {
  return new Promise((settle) => {
    client.once("end", settle);
  });
}
