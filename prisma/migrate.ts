/**
 * Brings a database to the newest migration: `npm run db:migrate`, and at the start of web and worker.
 *
 * Prisma's own `migrate deploy` needs a native engine that npm does not carry. This runner applies the
 * same files and keeps the same books (`_prisma_migrations`), so that either can follow the other.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";

import { ensureDatabaseUrl } from "#app/adapters/shared-postgres.server.ts";
import { loadEnvironmentFile } from "#app/env.server.ts";

export type Migration = { readonly name: string; readonly sql: string; readonly checksum: string };

/** A migration that cannot be applied as it stands; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/** The number by which Prisma's own migrate locks out others, so that the two exclude each other. */
const prismaMigrateLock = 72_707_369;

/** Prisma's own table, column by column. */
const createBooks = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                  VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"            VARCHAR(64) NOT NULL,
    "finished_at"         TIMESTAMPTZ,
    "migration_name"      VARCHAR(255) NOT NULL,
    "logs"                TEXT,
    "rolled_back_at"      TIMESTAMPTZ,
    "started_at"          TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

/**
 * Applies what is missing, in the order of the names, each migration in a transaction of its own with
 * its record. Several processes may call this at once: one works, the others wait and find nothing.
 *
 * @returns the names of the migrations that were applied now.
 * @throws MigrationError if a migration that is already applied has changed, is gone, or failed.
 */
export async function migrateDatabase(
  url: string,
  migrations: readonly Migration[] = readMigrations(),
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, application_name: "migrate" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [prismaMigrateLock]);
    await client.query(createBooks);
    const missing = planMigrations(migrations, await readBooks(client));
    for (const migration of missing) await applyMigration(client, migration);
    return missing.map(({ name }) => name);
  } finally {
    await client.end(); // gives the lock back
  }
}

/** The folders of prisma/migrations, oldest first. */
export function readMigrations(
  directory: string = join(import.meta.dirname, "migrations"),
): readonly Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => readMigration(name, readFileSync(join(directory, name, "migration.sql"))));
}

export function readMigration(name: string, file: Buffer | string): Migration {
  const checksum = createHash("sha256").update(file).digest("hex");
  return { name, sql: file.toString(), checksum };
}

type Record = {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
};

async function readBooks(client: pg.Client): Promise<readonly Record[]> {
  const { rows } = await client.query<Record>(
    `SELECT migration_name, checksum, finished_at FROM "_prisma_migrations"
      WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  );
  return rows;
}

function planMigrations(
  migrations: readonly Migration[],
  records: readonly Record[],
): readonly Migration[] {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const record of records) {
    const name = record.migration_name;
    const migration = byName.get(name);
    if (!migration) {
      throw new MigrationError(
        `The database has migration ${name}, which is not in prisma/migrations. ` +
          "Run a version of the app that has it.",
      );
    }
    if (record.finished_at === null) {
      throw new MigrationError(
        `Migration ${name} failed half-way in this database. ` +
          "Repair it, and resolve it with `prisma migrate resolve`.",
      );
    }
    if (migration.checksum !== record.checksum) {
      throw new MigrationError(
        `Migration ${name} was changed after it had been applied. ` +
          "Restore the file, and put the change into a new migration.",
      );
    }
  }
  const applied = new Set(records.map((record) => record.migration_name));
  return migrations.filter(({ name }) => !applied.has(name));
}

async function applyMigration(client: pg.Client, migration: Migration): Promise<void> {
  const startedAt = new Date();
  await client.query("BEGIN");
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO "_prisma_migrations"
         (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name, startedAt],
    );
    await client.query("COMMIT");
  } catch (cause) {
    await client.query("ROLLBACK").catch(() => undefined);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError(
      `Migration ${migration.name} failed and was undone: ${reason}${lineOf(migration.sql, cause)}`,
      { cause },
    );
  }
}

function lineOf(sql: string, cause: unknown): string {
  const position = cause instanceof pg.DatabaseError ? Number(cause.position) : Number.NaN;
  if (!(position > 0)) return "";
  return ` (line ${sql.slice(0, position).split("\n").length})`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  loadEnvironmentFile();
  const applied = await migrateDatabase(
    await ensureDatabaseUrl({ DATABASE_URL: process.env.DATABASE_URL }),
  );
  console.log(applied.length > 0 ? `Applied ${applied.join(", ")}.` : "Nothing to apply.");
}
