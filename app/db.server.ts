import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@prisma/client";
import type { Prisma } from "@prisma/client";
import pg from "pg";

declare const committedTogether: unique symbol;

/**
 * A transaction in progress. Every write takes one, and only `Database.withTransaction` yields one:
 * Prisma's own type of a transaction would let a bare client through, and then a write that belongs to
 * others could be committed without them.
 */
export type Tx = Prisma.TransactionClient & { readonly [committedTogether]: true };

/** What a read takes: a transaction, or the client where it needs no company. */
export type Reader = Prisma.TransactionClient;

export type Database = {
  readonly prisma: PrismaClient;
  /** The connections below Prisma, for what needs a session of its own: LISTEN, advisory locks, jobs. */
  readonly pool: pg.Pool;
  /**
   * Runs `work` in one transaction: all of it is committed, or nothing. `work` calls nothing remote.
   *
   * Conflicts are not retried here. Whoever loses a race (a pool's version that moved on, Prisma's
   * P2034, or P2010 with 40001 or 40P01 from a raw query) must read again before deciding again, and
   * only the caller can.
   */
  readonly withTransaction: <Result>(
    work: (tx: Tx) => Promise<Result>,
    options?: TransactionOptions,
  ) => Promise<Result>;
  readonly close: () => Promise<void>;
};

export type TransactionOptions = {
  readonly isolationLevel?: Prisma.TransactionIsolationLevel;
  /** How long the whole transaction may take; `transactionTimeoutMs` without it. */
  readonly timeoutMs?: number;
};

/** Two cores serve about this many sessions at once; more would only queue inside PostgreSQL. */
const poolStandardMax = 10;
const connectWithinMs = 10_000;
/** A batch of 250 events commits in tens of milliseconds; the rest is for a machine under stress. */
const transactionTimeoutMs = 10_000;
/**
 * A process that is stopped in the middle of a transaction (a laptop's lid, SIGSTOP) would hold its row
 * locks for as long as it sleeps. PostgreSQL ends its session instead, and the others carry on.
 */
const abandonedTransactionMs = 5_000;

/**
 * Opens a database. Web, worker, command-line tools and tests each open their own and close it.
 *
 * @param options.poolMax how many connections may be open at once.
 * @param options.applicationName how PostgreSQL lists our sessions in pg_stat_activity.
 */
export function createDatabase(
  url: string,
  options: { readonly poolMax?: number; readonly applicationName?: string } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolMax ?? poolStandardMax,
    application_name: options.applicationName ?? "location-groups",
    connectionTimeoutMillis: connectWithinMs,
    idle_in_transaction_session_timeout: abandonedTransactionMs,
    // An idle pool is no reason for a process to live on.
    allowExitOnIdle: true,
  });
  // A connection that breaks while idle, or in somebody's hands, fails the next query on it, and that
  // is where it is dealt with. Unheard, the event would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  giveUpBroken(pool);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });

  return {
    prisma,
    pool,
    withTransaction: (work, { isolationLevel, timeoutMs = transactionTimeoutMs } = {}) =>
      prisma.$transaction((tx) => work(tx as Tx), {
        maxWait: connectWithinMs,
        timeout: timeoutMs,
        ...(isolationLevel && { isolationLevel }),
      }),
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/**
 * Takes a connection that broke in somebody's hands out of the pool at once. Prisma never gives back the one
 * of a transaction that broke at its COMMIT: after ten of those a process would wait for a connection forever.
 */
function giveUpBroken(pool: pg.Pool): void {
  const inUse = new Set<pg.PoolClient>();
  pool.on("acquire", (client) => inUse.add(client));
  pool.on("release", (_, client) => inUse.delete(client));
  pool.on("connect", (client) => {
    client.once("end", () => {
      if (!inUse.has(client)) return;
      client.release(true);
      client.release = () => undefined; // whoever holds it may still give it back
    });
  });
}
