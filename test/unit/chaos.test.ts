import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { adaptToCourse, chooseCourse, shoppersComeForMs } from "#test/chaos/course.ts";
import { planDisruptions } from "#test/chaos/nemesis/plan.ts";
import { ChaosOptionsError, parseChaosOptions } from "#test/chaos/options.ts";
import { cutIntoBlocks, listRuns } from "#test/chaos/play-runs.ts";
import { repeatCommand } from "#test/chaos/repeat-command.ts";
import { summarizeRuns, tellProof } from "#test/chaos/report/chaos-report.ts";
import { drawReport } from "#test/chaos/report/page.ts";
import { appendRecord, readRecords } from "#test/chaos/run-record.ts";
import type { RunRecord } from "#test/chaos/run-record.ts";
import { readScenario } from "#test/scenarios/read-scenario.ts";

const race = readScenario(resolve(import.meta.dirname, "../scenarios/race.json"));
const everything = { killsPostgres: true, killsRedis: true, isSlow: true };
const seeds = Array.from({ length: 500 }, (_, index) => index);

test("a seed plans the same disruptions every time, and the seeds together plan each kind", () => {
  const plans = seeds.map((seed) => planDisruptions(seed, everything, 0));

  expect(seeds.map((seed) => planDisruptions(seed, everything, 0))).toEqual(plans);
  expect([...new Set(plans.flat().map(({ kind }) => kind))].sort()).toMatchInlineSnapshot(`
    [
      "commits-cut",
      "postgres-killed",
      "redis-killed",
      "sessions-cut",
      "web-frozen",
      "web-killed",
      "worker-frozen",
      "worker-frozen-beyond-ttl",
      "worker-killed",
    ]
  `);
});

test("what may not be done is left out, and leaves the rest of a plan as it was", () => {
  const limits = { killsPostgres: false, killsRedis: false, isSlow: false };
  const forbidden = ["postgres-killed", "redis-killed", "worker-frozen-beyond-ttl"];

  for (const seed of seeds) {
    const allowed = planDisruptions(seed, everything, 0).filter(
      ({ kind }) => !forbidden.includes(kind),
    );
    expect(planDisruptions(seed, limits, 0)).toEqual(allowed);
  }
});

test("most runs are the scenario's own race; in the others the same crowd besieges three stores", () => {
  const rushes = seeds.filter((seed) => chooseCourse(seed) === "rush");
  const calm = seeds.find((seed) => chooseCourse(seed) === "at-once")!;
  const rush = adaptToCourse(race, rushes[0]!);
  const [crowd] = rush.shoppers;

  expect(rushes.length / seeds.length).toBeCloseTo(0.15, 1);
  expect(adaptToCourse(race, calm)).toBe(race);
  expect(crowd).toMatchObject({ kind: "burst", count: 100 });
  expect(crowd?.kind === "burst" && new Set(crowd.shops).size).toBe(3);
  expect(shoppersComeForMs(rush)).toBeGreaterThan(2 * rush.groups[0]!.drainMs);
});

test("a call that is resumed plays what is missing, seed by seed", () => {
  const wanted = { runs: 2, seed: 7, protections: ["strict", "balanced"] as const };

  expect(listRuns(wanted, [{ protection: "strict", seed: 7 }])).toEqual([
    { protection: "balanced", seed: 7 },
    { protection: "strict", seed: 8 },
    { protection: "balanced", seed: 8 },
  ]);
});

test("runs are shared out evenly, and no stand gets more than it holds with ease", () => {
  const runs = (count: number) => listRuns({ runs: count, seed: 1, protections: ["strict"] }, []);
  const sizes = (count: number, stands: number) =>
    cutIntoBlocks(runs(count), stands).map((block) => block.runs.length);

  expect(sizes(0, 2)).toEqual([]);
  expect(sizes(5, 2)).toEqual([3, 2]);
  expect(sizes(100, 2)).toEqual([40, 40, 20]);
});

test("runs are read as they were kept, the last word on each; one that was cut off is none", () => {
  const folder = mkdtempSync(join(tmpdir(), "location-groups-chaos-test-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, "new", "runs.jsonl");
  const failed = record({ race: null, trouble: "PostgreSQL was gone." });

  for (const each of [failed, record({}), record({ seed: 2 }), record({ commit: "other" })]) {
    appendRecord(file, each);
  }
  writeFileSync(file, `${readFileSync(file, "utf8")}{"protection":"str`);

  expect(readRecords(file, ({ commit }) => commit === "abc")).toEqual([
    record({}),
    record({ seed: 2 }),
  ]);
  expect(readRecords(join(folder, "none"), () => true)).toEqual([]);
  writeFileSync(file, '{"runs":3}\n');
  expect(() => readRecords(file, () => true)).toThrow(/runs\.jsonl:1 is no chaos run/);
});

test("a report tells what so many runs without an oversell prove, and what a single oversell does", () => {
  const runs = Array.from({ length: 300 }, (_, seed) => record({ seed }));
  const [proved] = summarizeRuns(runs).levels;
  const [refuted] = summarizeRuns([...runs, record({ seed: 300, oversoldUnits: 2 })]).levels;

  expect(proved).toMatchObject({ runs: 300, oversoldRuns: 0, oversellRateBelow: 0.01 });
  expect(proved?.soldThrough).toBeCloseTo(28 / 30);
  expect(tellProof(proved!)).toMatch(/0 of 300 runs oversold: fewer than 1 %/);
  expect(refuted).toMatchObject({ runs: 301, oversoldRuns: 1, oversellRateBelow: null });
  expect(tellProof(refuted!)).toMatch(/1 of 301 runs sold units that did not exist/);
});

test("runs that could not be played are told, and prove nothing", () => {
  const report = summarizeRuns([record({}), record({ seed: 2, race: null, trouble: "It hung." })]);

  expect(report.levels).toMatchObject([{ runs: 1 }]);
  expect(report.troubles).toEqual(["strict, seed 2: It hung."]);
});

test("the page is whole in itself and keeps text that looks like markup as text", () => {
  const records = [record({ scenario: "<script>alert(1)</script>" }), record({ seed: 2 })];

  const page = drawReport(summarizeRuns(records), records);

  expect(page).not.toMatch(/<script|<link|src=|href=|url\(/);
  expect(page).toContain("&#60;script&#62;");
  expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(4);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test("the command that repeats a run names all that decides it", () => {
  const run = { protection: "balanced", seed: 12 } as const;

  expect(repeatCommand(run, { isSlow: false, scenarioFile: null })).toBe(
    "npm run chaos -- --runs 1 --seed 12 --protection balanced",
  );
  expect(repeatCommand(run, { isSlow: true, scenarioFile: "my.json" })).toMatch(
    /--slow-faults --scenario my\.json$/,
  );
});

test("the options of the chaos runs are checked", () => {
  expect(parseChaosOptions(["--runs", "7", "--json", "r.json"], "/home")).toMatchObject({
    runs: 7,
    seed: 1,
    protections: ["strict", "balanced"],
    jsonFile: "/home/r.json",
    isResumed: false,
  });
  for (const wrong of [["--runs", "0"], ["--seed", "-1"], ["--protection", "none"], ["--fast"]]) {
    expect(() => parseChaosOptions(wrong, "/home")).toThrow(ChaosOptionsError);
  }
});

function record(change: Partial<RunRecord> & { readonly oversoldUnits?: number }): RunRecord {
  const { oversoldUnits = 0, ...rest } = change;
  return {
    protection: "strict",
    seed: 1,
    commit: "abc",
    scenario: "race",
    isSlow: false,
    course: "at-once",
    trouble: null,
    race: {
      contest: { protection: "strict" },
      storeCount: 10,
      stockUnits: 30,
      purchaseAttempts: 100,
      soldUnits: 28,
      refusedUnits: 70,
      failedPayments: 2,
      returnedUnits: 0,
      oversoldUnits,
      maxExposureUnits: oversoldUnits,
      conserved: true,
      converged: true,
      mistakes: [],
      timings: {
        propagationMs: [120.5],
        fanOutMs: [100],
        lockWaitMs: [0.4, 30],
        accountingMs: [12],
        writeCount: 4,
      },
      faults: { "commit-lost": 1 },
      raceMs: 700,
      convergenceMs: 2_000,
    },
    ...rest,
  };
}
