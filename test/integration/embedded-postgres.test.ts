import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";

import {
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from "#app/adapters/embedded-postgres.server.ts";
import { locateCluster } from "#app/adapters/postgres-cluster.server.ts";
import { ensureDatabaseUrl, joinSharedPostgres } from "#app/adapters/shared-postgres.server.ts";
import { waitFor } from "#test/support/wait-for.ts";

const fast = { fsync: "off" };
const idleMs = 400;

function aDirectory(): string {
  return join(tmpdir(), `location-groups-test-${randomBytes(6).toString("hex")}`);
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // the tests end servers under their clients
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The processes that guard this directory, or are about to: what leaves none behind is clean. */
function guardiansOf(directory: string): readonly number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && commandOf(entry).includes("postgres-guardian"))
    .filter((entry) => commandOf(entry).includes(directory))
    .map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it ended while the list was read
  }
}

const isLinux = process.platform === "linux";

test("a database that is configured is used as it is", async () => {
  expect(await ensureDatabaseUrl({ DATABASE_URL: "postgresql://db.example/shop" })).toBe(
    "postgresql://db.example/shop",
  );
});

test("two processes that start at once get one server, and what one writes the other reads", async () => {
  const options = { directory: aDirectory(), settings: fast, isEphemeral: true };
  const [one, two] = await Promise.all([joinSharedPostgres(options), joinSharedPostgres(options)]);
  onTestFinished(async () => {
    await two.leave();
    await one.stop();
  });

  await query(one.url, "CREATE TABLE note AS SELECT 1 AS written");

  expect(two.url).toBe(one.url);
  expect(await query(two.url, "TABLE note")).toEqual([{ written: 1 }]);
});

test.runIf(isLinux)(
  "of processes that join at once, one guardian remains, and none after the stop",
  async () => {
    const directory = aDirectory();
    const options = { directory, settings: fast, isEphemeral: true };

    const joined = await Promise.all(Array.from({ length: 3 }, () => joinSharedPostgres(options)));
    const guardians = guardiansOf(directory);
    await Promise.all(joined.slice(1).map((shared) => shared.leave()));
    await joined[0]!.stop();

    expect(guardians).toHaveLength(1);
    expect(guardiansOf(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  },
);

test.runIf(isLinux)(
  "stopping reaches a server whose guardian was killed and not yet replaced",
  async () => {
    const directory = aDirectory();
    const shared = await joinSharedPostgres({ directory, settings: fast, isEphemeral: true });

    process.kill(guardiansOf(directory)[0]!, "SIGKILL");
    await shared.stop();

    expect(guardiansOf(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  },
);

test("a process with nothing else to do waits until the server that it stops is gone", async () => {
  const directory = aDirectory();
  const program = `
    import { joinSharedPostgres } from "#app/adapters/shared-postgres.server.ts";
    const shared = await joinSharedPostgres(${JSON.stringify({ directory, settings: fast, isEphemeral: true })});
    await shared.stop();`;

  // Rejects with status 13 when the process ends although it still waits.
  await promisify(execFile)(process.execPath, ["--input-type=module-typescript", "-e", program]);

  expect(existsSync(directory)).toBe(false);
});

test("the server stops by itself, and is gone, once nobody uses it", async () => {
  const directory = aDirectory();
  const shared = await joinSharedPostgres({ directory, settings: fast, idleMs, isEphemeral: true });
  await shared.leave();

  await waitFor("the server to stop and remove its data", () => !existsSync(directory));
});

test("a server that nobody but an idle process uses stays", async () => {
  const directory = aDirectory();
  const idler = await joinSharedPostgres({ directory, settings: fast, idleMs, isEphemeral: true });
  onTestFinished(() => idler.stop());
  const visitor = await joinSharedPostgres({
    directory,
    settings: fast,
    idleMs,
    isEphemeral: true,
  });
  await visitor.leave();

  const startedAt = await query(idler.url, "SELECT pg_postmaster_start_time() AS at");
  await waitFor("longer than a server without users would live", async () => {
    const [row] = await query(
      idler.url,
      `SELECT now() - backend_start > interval '${2 * idleMs} ms' AS long FROM pg_stat_activity
        WHERE application_name = 'presence'`,
    );
    return (row as { long: boolean }).long;
  });

  expect(await query(idler.url, "SELECT pg_postmaster_start_time() AS at")).toEqual(startedAt);
});

test("a killed server is started again, at the same address, with what was committed", async () => {
  const directory = aDirectory();
  const shared = await joinSharedPostgres({ directory, settings: fast, isEphemeral: true });
  onTestFinished(() => shared.stop());
  await query(shared.url, "CREATE TABLE note AS SELECT 1 AS written");
  const server = await findEmbeddedPostgres(locateCluster(directory));

  process.kill(server!.pid, "SIGKILL");

  const rows = await waitFor("the server to be back", () => query(shared.url, "TABLE note"));
  expect(rows).toEqual([{ written: 1 }]);
});

test("a killed guardian is replaced when the next process joins, and the server was never away", async () => {
  const directory = aDirectory();
  const options = { directory, settings: fast, isEphemeral: true };
  const first = await joinSharedPostgres(options);
  const [guardian] = (await query(
    first.url,
    "SELECT application_name AS name FROM pg_stat_activity WHERE application_name LIKE '%guardian%'",
  )) as { name: string }[];
  const startedAt = await query(first.url, "SELECT pg_postmaster_start_time() AS at");

  process.kill(Number(guardian!.name.split(" ")[1]), "SIGKILL");
  const second = await joinSharedPostgres(options);
  onTestFinished(async () => {
    await first.leave();
    await second.stop();
  });

  expect(await query(second.url, "SELECT pg_postmaster_start_time() AS at")).toEqual(startedAt);
});

test("guardian and server killed together: the next start recovers", async () => {
  const directory = aDirectory();
  const options = { directory, settings: fast, isEphemeral: true };
  const before = await joinSharedPostgres(options);
  await query(before.url, "CREATE TABLE note AS SELECT 1 AS written");
  const [guardian] = (await query(
    before.url,
    "SELECT application_name AS name FROM pg_stat_activity WHERE application_name LIKE '%guardian%'",
  )) as { name: string }[];
  const server = await findEmbeddedPostgres(locateCluster(directory));
  await before.leave();

  process.kill(Number(guardian!.name.split(" ")[1]), "SIGKILL");
  process.kill(server!.pid, "SIGKILL");
  const after = await joinSharedPostgres(options);
  onTestFinished(() => after.stop());

  expect(await query(after.url, "TABLE note")).toEqual([{ written: 1 }]);
});

test("a server that a process starts for itself is durable, and is gone when it is stopped", async () => {
  const directory = aDirectory();
  const server = await startEmbeddedPostgres({ directory });
  onTestFinished(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const [settings] = await query(
    server.url,
    "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit",
  );
  await server.stop();

  expect(settings).toEqual({ fsync: "on", commit: "on" });
  expect(server.isRunning()).toBe(false);
});
