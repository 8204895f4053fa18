import { createHash } from "node:crypto";
import pg from "pg";

import { withDatabase } from "#test/support/shared-postgres.ts";

export type OwnDatabase = {
  readonly url: string;
  /** Gives the name free; the data stays for whoever wants to look at it. */
  readonly release: () => Promise<void>;
};

/** No database can be made; the message says why in a sentence. */
export class OwnDatabaseError extends Error {
  override readonly name = "OwnDatabaseError";
}

/**
 * Makes an empty database of this name on a server, in place of one that an earlier run left there.
 * Nothing else on the server is touched.
 *
 * @throws OwnDatabaseError if the server does not answer, or another run uses the name at the moment.
 */
export async function createOwnDatabase(serverUrl: string, name: string): Promise<OwnDatabase> {
  const client = new pg.Client({
    connectionString: serverUrl,
    application_name: `owner of ${name}`,
  });
  client.on("error", () => undefined); // a server that ends takes the claim with it
  await client.connect().catch((cause: unknown) => {
    const reason = cause instanceof Error && cause.message ? cause.message : String(cause);
    throw new OwnDatabaseError(`PostgreSQL does not let us in: ${reason}.`, { cause });
  });
  try {
    const { rows } = await client.query<{ got: boolean }>(
      "SELECT pg_try_advisory_lock($1::int, $2::int) AS got",
      [ownDatabaseLocks, hashName(name)],
    );
    if (!rows[0]?.got) {
      throw new OwnDatabaseError(`Another run is using the database ${name} right now.`);
    }
    const identifier = pg.escapeIdentifier(name);
    await client.query(`DROP DATABASE IF EXISTS ${identifier} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${identifier}`);
  } catch (error) {
    await client.end();
    throw error;
  }
  return { url: withDatabase(serverUrl, name), release: () => client.end() };
}

/** The first half of the advisory locks by which runs keep out of each other's databases. */
const ownDatabaseLocks = 7_265_100;

function hashName(name: string): number {
  return createHash("sha256").update(name).digest().readInt32BE();
}
