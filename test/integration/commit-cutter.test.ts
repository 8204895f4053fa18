import { expect, onTestFinished, test } from "vitest";

import { createDatabase } from "#app/db.server.ts";
import type { Database } from "#app/db.server.ts";
import { openCommitCutter } from "#test/chaos/nemesis/commit-cutter.ts";
import type { CommitCut } from "#test/chaos/nemesis/plan.ts";
import { openTestDatabase } from "#test/support/database.ts";

const database = await openTestDatabase();

test.each<readonly [CommitCut, number]>([
  ["lost", 0],
  ["answer-lost", 1],
])("a commit that is %s fails for the app, and PostgreSQL has %i rows of it", async (cut, rows) => {
  const { cutter, app } = await openBehindCutter();
  const before = await database.prisma.account.count();

  cutter.cut([cut]);
  await expect(addAccount(app)).rejects.toThrow();

  expect((await database.prisma.account.count()) - before).toBe(rows);
  expect(cutter.counts()).toEqual({ lost: 0, "answer-lost": 0, [cut]: 1 });
});

test("a process whose commits broke as often as it has connections goes on working", async () => {
  const { cutter, app } = await openBehindCutter({ poolMax: 2 });

  for (const cut of ["lost", "answer-lost", "lost"] as const) {
    cutter.cut([cut]);
    await expect(addAccount(app)).rejects.toThrow();
  }

  await addAccount(app);
});

async function openBehindCutter(options: { readonly poolMax?: number } = {}) {
  const cutter = await openCommitCutter(database.url);
  onTestFinished(cutter.close);
  const app = createDatabase(cutter.url, options);
  onTestFinished(app.close);
  return { cutter, app };
}

function addAccount(app: Database): Promise<unknown> {
  return app.withTransaction((tx) => tx.account.create({ data: {} }));
}
