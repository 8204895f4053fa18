import { expect, test } from "vitest";

import { openEmptyDatabase } from "#test/support/database.ts";

import { migrateDatabase, readMigration, readMigrations } from "../../prisma/migrate.ts";

const first = readMigration("1_first", "CREATE TABLE one (id int);");
const second = readMigration("2_second", "CREATE TABLE two (id int);");

test("what is missing is applied in order, and nothing twice", async () => {
  const { url } = await openEmptyDatabase();

  expect(await migrateDatabase(url, [first])).toEqual(["1_first"]);
  expect(await migrateDatabase(url, [first, second])).toEqual(["2_second"]);
  expect(await migrateDatabase(url, [first, second])).toEqual([]);
});

test("of two processes that migrate at once, one applies and the other finds nothing to do", async () => {
  const { url } = await openEmptyDatabase();

  const applied = await Promise.all([migrateDatabase(url), migrateDatabase(url)]);

  expect(applied.flat()).toEqual(readMigrations().map(({ name }) => name));
});

test("a migration that was changed after it had been applied is refused by name", async () => {
  const { url } = await openEmptyDatabase();
  await migrateDatabase(url, [first]);
  const changed = readMigration("1_first", "CREATE TABLE other (id int);");

  await expect(migrateDatabase(url, [changed, second])).rejects.toThrow(
    "Migration 1_first was changed after it had been applied.",
  );
});

test("a database that is newer than the app is refused", async () => {
  const { url } = await openEmptyDatabase();
  await migrateDatabase(url, [first, second]);

  await expect(migrateDatabase(url, [first])).rejects.toThrow(
    "The database has migration 2_second, which is not in prisma/migrations.",
  );
});

test("a migration that fails leaves nothing behind, and its line is named", async () => {
  const { url, query } = await openEmptyDatabase();
  const broken = readMigration("2_broken", "CREATE TABLE two (id int);\nCREATE TABEL three ();");

  await expect(migrateDatabase(url, [first, broken])).rejects.toThrow(
    /Migration 2_broken failed and was undone: .*\(line 2\)/,
  );

  expect(await query("SELECT to_regclass('two') AS two")).toEqual([{ two: null }]);
  expect(await migrateDatabase(url, [first, second])).toEqual(["2_second"]);
});
