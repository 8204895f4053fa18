import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, inject } from "vitest";

import { createDatabase } from "#app/db.server.ts";
import type { Database } from "#app/db.server.ts";

import { templateName, withDatabase } from "./shared-postgres.ts";

/**
 * An empty, migrated database of one test file's own, cloned from the template (about 50 ms). Called
 * at the top of a file; it is dropped after the file's last test.
 */
export async function openTestDatabase(): Promise<Database & { readonly url: string }> {
  const { url, drop } = await cloneTemplate();
  const database = createDatabase(url, { applicationName: "test" });
  afterAll(async () => {
    await database.close();
    await drop();
  });
  return { ...database, url };
}

async function cloneTemplate() {
  const name = `test_${randomBytes(8).toString("hex")}`;
  const serverUrl = inject("postgresUrl");
  await runOnServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${templateName}`);
  return {
    url: withDatabase(serverUrl, name),
    drop: () => runOnServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function runOnServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
