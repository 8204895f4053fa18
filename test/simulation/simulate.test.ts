import { expect, test } from "vitest";

import { parseSimulateOptions, SimulateOptionsError } from "./options.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { contenders, playRaces } from "./race.ts";
import { regressions } from "./regressions.ts";
import { isFailed, reportOf } from "./report.ts";
import { reportLines } from "./report-text.ts";
import { runWorld, soundRules } from "./run-world.ts";
import { shrink } from "./shrink.ts";
import { storyOf } from "./story.ts";
import { rateBelow, soldThrough } from "./tally.ts";
import { runTask } from "./task.ts";
import { tasksOf } from "./tasks.ts";
import { runTasks } from "./worker-pool.ts";

test.for(regressions)("a world that went wrong once does not: $kind $seed, $mistake", (world) => {
  expect(runWorld(world.seed, world.kind).violation).toBeNull();
});

test("in the reference race only the mirrors sell more than there is", () => {
  const [strict, balanced, mirror, plainMirror] = contenders.map((contender) =>
    playRaces("race", contender, 1, 40),
  );

  expect(strict?.tally.oversoldRuns).toBe(0);
  expect(balanced?.tally.oversoldRuns).toBe(0);
  expect(mirror?.tally.oversoldRuns).toBe(40);
  expect(plainMirror?.tally.oversoldRuns).toBe(40);
  expect(soldThrough(strict!.tally)).toBeGreaterThan(0.9);
  expect([strict, balanced, mirror].flatMap((each) => each?.violations)).toEqual([]);
});

test("a plain mirror that nothing goes wrong for shows every store what is left", () => {
  const { tally } = playRaces("slow-seller", "plain-mirror", 1, 20);

  // One call to each of the nine other stores, more where one had to be repeated.
  expect(tally.writeCount / tally.soldUnits).toBeGreaterThan(8);
  expect(tally.oversoldRuns).toBeLessThan(15);
});

test("a world that went wrong is told as the smallest in which the same goes wrong", () => {
  const bug = plantedBugs.find(({ name }) => name.startsWith("a settlement ignores"))!;
  const whole = runWorld(4, bug.kind, { rules: bug.rules });
  const shrunk = shrink(4, bug.kind, bug.rules)!;

  expect(whole.violation).not.toBeNull();
  expect(shrunk.outcome.trace.eventCount).toBeLessThan(whole.trace.eventCount / 2);
  expect(shrunk.outcome.config.api.lostAnswer).toBe(0);
  const story = storyOf(shrunk.outcome.trace.entries!).join("\n");
  expect(story).toMatch(/a shopper begins to pay for 1 unit/);
  expect(story).toMatch(/VIOLATION/);
});

test("a world in which nothing goes wrong is not made smaller", () => {
  expect(shrink(4, "strict", soundRules)).toBeNull();
});

test("cores find what one finds alone", async () => {
  const options = parseSimulateOptions(["--seeds", "300", "--from", "7"], "/");
  const tasks = tasksOf(options);
  const together = await runTasks(tasks, 2, () => undefined);
  const alone = tasks.map(runTask);

  expect(tasks).toHaveLength(2);
  expect(reportOf(options, together, 1_000)).toEqual(reportOf(options, alone, 1_000));
});

test("a violation fails the run and names the command that plays it again", () => {
  const options = parseSimulateOptions(["--seeds", "1", "--from", "9"], "/");
  const report = {
    ...reportOf(options, tasksOf(options).map(runTask), 1_000),
    violations: [{ seed: 9, invariant: "2 units were oversold" }],
  };

  expect(isFailed(report)).toBe(true);
  expect(reportLines(options, report).join("\n")).toContain("SEED=balanced:9 npm run sim:replay");
});

test("a planted bug that is not found fails the run", () => {
  const options = parseSimulateOptions(["--seeds", "1", "--planted-bugs", "--json"], "/");
  const missed = { kind: "planted-bug", name: "a bug", firstSeed: null } as const;
  const report = reportOf(options, [missed], 1_000);

  expect(options.json).toBe("stdout");
  expect(report.plantedBugs).toEqual({ "a bug": null });
  expect(isFailed(report)).toBe(true);
});

test.for([
  [["--seeds", "many"], /--seeds must be a whole number/],
  [["--scenario", "picnic"], /--scenario must be one of race/],
  [["--sedes", "3"], /--sedes/],
] as const)("a mistake in the command line is told: %s", ([args, sentence]) => {
  expect(() => parseSimulateOptions(args, "/")).toThrow(SimulateOptionsError);
  expect(() => parseSimulateOptions(args, "/")).toThrow(sentence);
});

test("no oversell in n worlds proves a rate below 3 in n", () => {
  expect(rateBelow(10_000)).toBeCloseTo(0.0003, 10);
});
