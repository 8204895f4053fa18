import { expect, onTestFinished, test } from "vitest";

import { joinPresence, livePresences, presenceNamePrefix } from "#app/adapters/presence.server.ts";
import { startProcess } from "#test/support/child-process.ts";
import { openTestDatabase, runSql } from "#test/support/database.ts";
import { aLogger } from "#test/support/logger.ts";
import { waitFor } from "#test/support/wait-for.ts";

const database = await openTestDatabase();

async function startPresentProcess() {
  const started = await startProcess({
    name: "a present process",
    command: [process.execPath, "test/support/present-process.ts", database.url],
    isReady: (output) => output.includes("present as"),
  });
  onTestFinished(started.kill);
  return { ...started, processId: /present as (\S+)/.exec(started.output())![1]! };
}

test("whoever joined is present until it leaves, and nobody else is", async () => {
  const [one, two] = await Promise.all([joinPresence(database.url), joinPresence(database.url)]);
  onTestFinished(two.leave);

  expect(await livePresences(database.pool)).toEqual(new Set([one.processId, two.processId]));
  await one.leave();

  await waitFor("only the other to be present", async () => {
    const present = await livePresences(database.pool);
    return present.size === 1 && present.has(two.processId);
  });
});

test("a killed process is gone within 200 ms", async () => {
  const other = await startPresentProcess();
  expect(await livePresences(database.pool)).toContain(other.processId);

  await other.kill();

  await waitFor(
    "the killed process to be gone",
    async () => !(await livePresences(database.pool)).has(other.processId),
    { withinMs: 200 },
  );
});

test("a process that is only stopped stays present", async () => {
  const other = await startPresentProcess();

  other.pause();

  // Its session would be gone by the time that a session which ended later is gone.
  const visitor = await joinPresence(database.url);
  await visitor.leave();
  await waitFor(
    "the visitor to be gone",
    async () => !(await livePresences(database.pool)).has(visitor.processId),
  );
  expect(await livePresences(database.pool)).toContain(other.processId);
});

test("a presence whose session broke comes back under the same id, and says so", async () => {
  const log = aLogger();
  const presence = await joinPresence(database.url, { log });
  onTestFinished(presence.leave);
  const findSession = async () =>
    (
      await runSql(
        database.url,
        `SELECT pid FROM pg_stat_activity WHERE application_name = '${presenceNamePrefix}${presence.processId}'`,
      )
    )[0]?.pid;
  const before = await findSession();

  await runSql(database.url, `SELECT pg_terminate_backend(${String(before)})`);

  await waitFor("a new session to hold the presence", async () => {
    const present = await livePresences(database.pool);
    return present.has(presence.processId) && (await findSession()) !== before;
  });
  expect(log.lines.map(({ level }) => level)).toEqual(["warn"]);
});

test("another kind of advisory lock is no presence", async () => {
  const client = await database.pool.connect();
  onTestFinished(() => {
    client.release(true);
  });
  await client.query("SELECT pg_advisory_lock(1, 2), pg_advisory_lock(3)");

  await waitFor(
    "nobody to be present",
    async () => (await livePresences(database.pool)).size === 0,
  );
});

test("a presence of another database is not this one's", async () => {
  const elsewhere = new URL(database.url);
  elsewhere.pathname = "/postgres";
  const stranger = await joinPresence(elsewhere.href);
  onTestFinished(stranger.leave);

  expect(await livePresences(database.pool)).not.toContain(stranger.processId);
});
