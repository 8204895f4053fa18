import { expect, onTestFinished, test } from "vitest";

import { startWeb } from "#test/support/app-process.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { testApp } from "#test/support/installed-app.ts";
import { waitFor } from "#test/support/wait-for.ts";

const database = await openTestDatabase();

test("wrong settings are told in sentences, all at once, and nothing is started", async () => {
  const start = startWeb({
    ...testApp.environment(database.url),
    SHOPIFY_API_KEY: "",
    REDIS_URLS: "redis://127.0.0.1:1,redis://127.0.0.1:2",
  });

  await expect(start).rejects.toThrow(/SHOPIFY_API_KEY is missing.*\n- REDIS_URLS must name 1, 3/s);
});

test("a stand-in for Shopify is refused in an app that others can reach", async () => {
  const start = startWeb({
    ...testApp.environment(database.url),
    SHOPIFY_APP_URL: "https://app.example.com",
    SHOPIFY_SIM_URL: "http://127.0.0.1:4010",
  });

  await expect(start).rejects.toThrow("SHOPIFY_SIM_URL is refused");
});

test("a port that is taken is told with what to do", async () => {
  const web = await startWeb(testApp.environment(database.url));
  onTestFinished(web.stop);

  const { printed } = await startAgain(web.port);

  expect(printed).toMatch(/EADDRINUSE.*Set PORT/);
});

test("asked to stop, it ends at once when nothing is under way, and leaves no connection behind", async () => {
  const web = await startWeb(testApp.environment(database.url));

  const startedAt = performance.now();
  await web.stop();

  expect(performance.now() - startedAt).toBeLessThan(5_000);
  await waitFor("its connections to be closed", async () => {
    const { rows } = await database.pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity
        WHERE datname = current_database() AND application_name LIKE 'location-groups%'`,
    );
    return rows[0]!.count === 0;
  });
});

/** On a port where somebody answers already, it would look ready: what it prints is waited for. */
async function startAgain(port: number): Promise<{ readonly printed: string }> {
  const second = await startWeb({ ...testApp.environment(database.url), PORT: String(port) }).catch(
    (error: unknown) => ({ output: () => String(error), stop: () => Promise.resolve() }),
  );
  onTestFinished(second.stop);
  await waitFor("the second to give up", () => second.output().includes("EADDRINUSE"));
  return { printed: second.output() };
}
