/**
 * The schema that Prisma's client is generated from and the SQL that makes the database are written
 * apart. Prisma's own comparison needs an engine that npm does not carry, so its script for the schema
 * is run in a second database, and the catalogues of the two are compared.
 */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

import { openEmptyDatabase, openTestDatabase, runSql } from "#test/support/database.ts";

const migrated = await openTestDatabase();

const columns = `
  SELECT table_name, column_name, column_default, is_nullable, udt_name,
         datetime_precision, numeric_precision, character_maximum_length
    FROM information_schema.columns
   WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
   ORDER BY table_name, column_name`;

const keys = `
  SELECT conrelid::regclass::text AS on_table, conname AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint
   WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f')
     AND conrelid::regclass::text <> '_prisma_migrations'
   ORDER BY 1, 2`;

/** Partial indexes are beyond Prisma's schema; the SQL alone has them. */
const wholeIndexes = `
  SELECT indexdef AS definition FROM pg_indexes
   WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' AND indexdef NOT LIKE '% WHERE %'
   ORDER BY 1`;

test.each([
  ["columns, with types and defaults", columns],
  ["primary and foreign keys", keys],
  ["whole indexes", wholeIndexes],
])("schema.prisma and the migrated database have the same %s", async (_what, sql) => {
  const { url } = await openEmptyDatabase();
  await runSql(
    url,
    prisma(
      url,
      "migrate",
      "diff",
      "--from-empty",
      "--to-schema-datamodel",
      "prisma/schema.prisma",
      "--script",
    ),
  );

  expect(await runSql(migrated.url, sql)).toEqual(await runSql(url, sql));
});

test("Prisma finds in its own books that every migration is applied", () => {
  expect(prisma(migrated.url, "migrate", "status")).toContain("Database schema is up to date!");
});

function prisma(url: string, ...args: string[]): string {
  const cli = dirname(createRequire(import.meta.url).resolve("prisma/package.json"));
  return execFileSync(process.execPath, [join(cli, "build/index.js"), ...args], {
    cwd: resolve(import.meta.dirname, "../.."),
    env: { ...process.env, DATABASE_URL: url },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}
