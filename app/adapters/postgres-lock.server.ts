import pg from "pg";

import type { LockAttempt, LockServer } from "./lock-server.ts";
import { sessionOptions } from "./postgres-session.ts";

/** Keeps the locks of pools apart from every other advisory lock of the database. Any number. */
const lockSeed = 7_265_010;
/** Beyond this the server hangs; the session is dropped, and with it the locks it holds. */
const queryTimeoutMs = 5_000;

/**
 * The lock of pools by PostgreSQL's advisory locks: they die with the session of their holder, so one
 * that was killed is noticed at once.
 *
 * One session of its own holds all locks of this process. It is opened at once, so that it stands when
 * Redis is suddenly gone. To PostgreSQL a session that asks twice has both, so who has what in this
 * process is kept here too.
 *
 * @param pool whose connection settings are used; none of its connections is taken.
 */
export function createPostgresLock(pool: pg.Pool): LockServer {
  let opening: Promise<Session> | null = null;
  const openSession = (): Promise<Session> => {
    if (opening) return opening;
    const session = openLockSession(pool, () => {
      if (opening === session) opening = null;
    });
    return (opening = session);
  };

  openSession().catch(() => undefined); // the first lock tries again, and says why

  return {
    async tryAcquire(poolId): Promise<LockAttempt> {
      try {
        const session = await openSession();
        const { held } = session;
        if (held.has(poolId)) return { kind: "busy" };
        held.add(poolId);
        if (!(await tryLock(session, poolId))) {
          held.delete(poolId);
          return { kind: "busy" };
        }
        return {
          kind: "held",
          async release() {
            if (await unlock(session, poolId)) held.delete(poolId);
          },
        };
      } catch (cause) {
        return { kind: "down", cause };
      }
    },
    async close() {
      const session = await opening?.catch(() => null);
      await session?.client.end().catch(() => undefined);
    },
  };
}

type Session = {
  readonly client: pg.Client;
  /** One query after the other: a connection can do no more, and pg no longer queues them itself. */
  readonly query: (query: pg.QueryConfig) => Promise<pg.QueryResult<{ readonly got: boolean }>>;
  readonly held: Set<string>;
};

async function openLockSession(pool: pg.Pool, onEnd: () => void): Promise<Session> {
  const client = new pg.Client({
    ...pool.options,
    // The pool hides its password from being spread.
    ...(pool.options.password !== undefined && { password: pool.options.password }),
    ...sessionOptions,
    application_name: "location-groups lock",
    query_timeout: queryTimeoutMs,
  });
  client.on("error", () => undefined); // followed by "end"
  client.once("end", onEnd);
  try {
    await client.connect();
  } catch (error) {
    onEnd();
    throw error;
  }
  return { client, query: queryInTurn(client), held: new Set() };
}

function queryInTurn(client: pg.Client): Session["query"] {
  let last: Promise<unknown> = Promise.resolve();
  return (query) => {
    const answer = last.then(() => client.query<{ readonly got: boolean }>(query));
    last = answer.catch(() => undefined);
    return answer;
  };
}

async function tryLock({ client, query }: Session, poolId: string): Promise<boolean> {
  try {
    const { rows } = await query({
      name: "try-pool-lock",
      text: "SELECT pg_try_advisory_lock(hashtextextended($1, $2)) AS got",
      values: [poolId, lockSeed],
    });
    return rows[0]?.got ?? false;
  } catch (error) {
    dropSession(client);
    throw error;
  }
}

/** False when it could not be said; then the session ends, and PostgreSQL lets go by itself. */
async function unlock({ client, query }: Session, poolId: string): Promise<boolean> {
  try {
    await query({
      name: "pool-unlock",
      text: "SELECT pg_advisory_unlock(hashtextextended($1, $2))",
      values: [poolId, lockSeed],
    });
    return true;
  } catch {
    dropSession(client);
    return false;
  }
}

function dropSession(client: pg.Client): void {
  void client.end().catch(() => undefined);
}
