import { expect, test } from "vitest";

import type { Tx } from "#app/db.server.ts";
import { openTestDatabase } from "#test/support/database.ts";

const database = await openTestDatabase();

const addAccount = (tx: Tx) => tx.account.create({ data: {} });
const findAccount = (id: string) => database.prisma.account.findUnique({ where: { id } });

test("what a transaction wrote is there for others once it has ended, and not before", async () => {
  const id = await database.withTransaction(async (tx) => {
    const account = await addAccount(tx);
    expect(await findAccount(account.id)).toBeNull();
    return account.id;
  });

  expect(await findAccount(id)).toMatchObject({ id });
});

test("a transaction whose work fails leaves nothing, and tells why", async () => {
  const written: string[] = [];
  const work = database.withTransaction(async (tx) => {
    written.push((await addAccount(tx)).id);
    throw new Error("the pool moved on");
  });

  await expect(work).rejects.toThrow("the pool moved on");
  expect(await findAccount(written[0]!)).toBeNull();
});

test("an undefined filter is refused instead of matching every row", async () => {
  const domain: string | undefined = [][0];

  await expect(
    database.prisma.shop.findMany({ where: { domain: domain as unknown as string } }),
  ).rejects.toThrow(/explicitly `undefined` values are not allowed/);
});

test("two serializable transactions that conflict: the loser is told P2034 and decides itself", async () => {
  const account = await database.withTransaction(addAccount);
  const bothHaveRead = aBarrier(2);
  const readThenWrite = () =>
    database.withTransaction(
      async (tx) => {
        await tx.account.count();
        await bothHaveRead();
        await tx.account.update({ where: { id: account.id }, data: { createdAt: new Date(0) } });
      },
      { isolationLevel: "Serializable" },
    );

  const outcomes = await Promise.allSettled([readThenWrite(), readThenWrite()]);

  const lost = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(lost).toMatchObject([{ reason: { code: "P2034" } }]);
});

test("a process that falls asleep inside a transaction loses it, and its locks with it", async () => {
  const account = await database.withTransaction(addAccount);
  const sleeper = await database.pool.connect();
  await sleeper.query("SET idle_in_transaction_session_timeout = '200ms'");
  await sleeper.query("BEGIN");
  await sleeper.query("SELECT FROM account WHERE id = $1 FOR UPDATE", [account.id]);

  await database.withTransaction((tx) => tx.account.delete({ where: { id: account.id } }));

  expect(await findAccount(account.id)).toBeNull();
  await expect(sleeper.query("COMMIT")).rejects.toThrow();
  sleeper.release(true);
});

/** Lets nobody pass before `count` have arrived. */
function aBarrier(count: number): () => Promise<void> {
  let arrived = 0;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return async () => {
    arrived += 1;
    if (arrived === count) resolve(undefined);
    await promise;
  };
}
