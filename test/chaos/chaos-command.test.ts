import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";

/** Two runs for each protection, in which PostgreSQL, web, and a Redis node are killed, and connections cut. */
const firstSeed = Number(process.env.CHAOS_SEED ?? "934");

const Report = z.object({
  seed: z.number(),
  runs: z.number(),
  levels: z.array(
    z.object({
      protection: z.string(),
      purchaseAttempts: z.number(),
      soldUnits: z.number(),
      oversoldUnits: z.number(),
      maxExposureUnits: z.number(),
      conserved: z.boolean(),
      converged: z.boolean(),
      oversellRateBelow: z.number(),
      faults: z.record(z.string(), z.number()),
    }),
  ),
  troubles: z.array(z.string()),
});

test("npm run chaos kills parts of the app, finds nothing sold twice, and goes on where it stopped", async () => {
  const folder = mkdtempSync(join(tmpdir(), "location-groups-chaos-test-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const [results, json, html] = ["runs.jsonl", "report.json", "report.html"].map((name) =>
    join(folder, name),
  );
  const files = ["--results", results!, "--json", json!, "--html", html!];

  await runChaos(["--runs", "2", "--seed", String(firstSeed), ...files]);
  const report = Report.parse(JSON.parse(readFileSync(json!, "utf8")));
  const resumed = await runChaos([
    "--resume",
    "--runs",
    "2",
    "--seed",
    String(firstSeed),
    ...files,
  ]);

  expect(report).toMatchObject({ seed: firstSeed, runs: 2, troubles: [] });
  expect(report.levels.map(({ protection }) => protection)).toEqual(["strict", "balanced"]);
  for (const level of report.levels) {
    expect(level).toMatchObject({ oversoldUnits: 0, conserved: true, converged: true });
    expect(level.purchaseAttempts).toBe(200);
    expect(level.maxExposureUnits).toBeLessThanOrEqual(0);
    expect(level.soldUnits).toBeGreaterThan(40);
  }
  const happened = new Set(report.levels.flatMap(({ faults }) => Object.keys(faults)));
  if (process.env.CHAOS_SEED === undefined) {
    for (const kind of ["postgres-killed", "redis-killed", "web-killed"])
      expect(happened).toContain(kind);
  }
  expect(resumed).toContain("4 runs are played, 0 are not.");
  expect(readFileSync(html!, "utf8")).toContain("0 of 2 runs oversold");
});

/** Servers of its own, whatever this test was started with: what belongs to others is not killed. */
async function runChaos(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["test/chaos/main.ts", ...args], {
    cwd: resolve(import.meta.dirname, "../.."),
    env: { ...process.env, DATABASE_URL: "", REDIS_URLS: "" },
  });
  return stdout;
}
