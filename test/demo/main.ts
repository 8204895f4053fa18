/** `npm run demo`: the whole app on this machine, with stores, shoppers and everything that goes wrong. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { joinSharedPostgres } from "#app/adapters/shared-postgres.server.ts";
import { ScenarioError, readScenario } from "#test/scenarios/read-scenario.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";
import type { ShopperProgress } from "#test/simulator/client.ts";

import { buildApp, isBuildStale } from "./build-app.ts";
import { createCleanups } from "./cleanups.ts";
import { composeWorld } from "./composed-world.ts";
import type { Contest } from "./composed-world.ts";
import { OwnDatabaseError } from "./demo-database.ts";
import { startExplorer } from "./explorer/explorer.ts";
import { followLevels } from "./follow-levels.ts";
import { whatToTry } from "./next-steps.ts";
import { DemoOptionsError, parseDemoOptions } from "./options.ts";
import type { DemoOptions } from "./options.ts";
import { playRace } from "./race.ts";
import type { RaceResult } from "./race.ts";
import { viewRace } from "./race-view.ts";
import { countLockScripts, openRedis } from "./redis.ts";
import type { RedisNodes } from "./redis.ts";
import { describeReport } from "./report-text.ts";
import { findBrokenPromises, summarizeRaces } from "./report.ts";
import { startStand } from "./stand.ts";
import type { Stand } from "./stand.ts";
import { tellStory } from "./stories.ts";
import { openTerminal } from "./terminal.ts";

const databaseName = "location_groups_demo";
const storyFiles = ["two-stores-last-unit.json", "two-stores-two-units.json"];
/** Stock to shop for once the races are over. */
const exploreFile = "explore.json";
const processCounts = { webCount: 2, workerCount: 2 };

/** What whoever started the demo can mend: told without a stack. */
const explained = [DemoOptionsError, ScenarioError, OwnDatabaseError];
/** What the app's processes printed, for whoever wonders why. */
const logFile = resolve(".data", "demo.log");

const terminal = openTerminal(process.stdout);
const cleanups = createCleanups();
const interrupted = new Promise<never>((_, interrupt) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      interrupt(new Interruption());
    });
  }
});
// Without anybody waiting for it, an interruption in between is no unheard failure.
interrupted.catch(() => undefined);

class Interruption extends Error {
  override readonly name = "Interruption";
}

try {
  await Promise.race([
    interrupted,
    runDemo(parseDemoOptions(process.argv.slice(2), callerFolder())),
  ]);
} catch (error) {
  if (!(error instanceof Interruption)) {
    const isExplained = explained.some((kind) => error instanceof kind);
    console.error(isExplained ? (error as Error).message : error);
    process.exitCode = 1;
  }
}
terminal.settle();
await cleanups.run();
process.exit();

async function runDemo(options: DemoOptions): Promise<void> {
  const race = readScenario(options.scenarioFile);
  const seed = options.seed ?? race.seed;
  const world = composeWorld(race, {
    protections: options.protections,
    seed,
    runs: options.runs,
    stories: storyFiles.map(readOwnScenario),
    others: options.exit ? [] : [readOwnScenario(exploreFile)],
  });
  if (isBuildStale()) {
    terminal.say("Building the app …");
    await buildApp();
  }
  const redis = await openRedis(process.env.REDIS_URLS);
  cleanups.add(redis.stop);
  const stand = await openStand(world.scenario, redis);
  cleanups.add(() => {
    writeFileSync(logFile, stand.output());
  });

  const brokenStories: string[] = [];
  for (const story of world.stories) {
    const { sentence, isAsItShouldBe } = await tellStory(stand, story);
    terminal.say(sentence);
    if (!isAsItShouldBe) brokenStories.push(sentence);
  }
  const results: RaceResult[] = [];
  for (const contest of world.contests) {
    results.push(await playVisibleRace(stand, contest, { ...options, faults: race.faults }));
  }

  const report = {
    ...summarizeRaces(results, { seed, runs: options.runs }),
    lock: await nameLock(redis),
  };
  for (const line of ["", ...describeReport(report), "", `  lock: ${report.lock}`])
    terminal.say(line);
  if (options.jsonFile !== null) {
    writeFileSync(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    terminal.say(`  report: ${options.jsonFile}`);
  }
  const broken = [...brokenStories, ...findBrokenPromises(report)];
  for (const sentence of broken) terminal.say(`  BROKEN: ${sentence}`);
  if (broken.length > 0) {
    process.exitCode = 1;
    terminal.say(`  What the app printed will be in ${logFile}.`);
  }
  if (options.exit) return;

  const explorer = await startExplorer(stand);
  cleanups.add(explorer.stop);
  for (const line of ["", ...whatToTry(stand, explorer.url)]) terminal.say(line);
  await interrupted;
}

function readOwnScenario(file: string): Scenario {
  return readScenario(resolve(import.meta.dirname, "../scenarios", file));
}

async function openStand(scenario: Scenario, redis: RedisNodes): Promise<Stand> {
  const given = process.env.DATABASE_URL;
  const isGiven = given !== undefined && given !== "";
  const own = isGiven
    ? null
    : await joinSharedPostgres({ directory: resolve(".data", "postgres") });
  if (own) cleanups.add(own.leave);
  terminal.say(
    `PostgreSQL: ${isGiven ? "the server of DATABASE_URL" : "embedded"}, database ${databaseName}. ` +
      `Lock: ${redis.description}.`,
  );
  const servers = { databaseServerUrl: own?.url ?? given ?? "", redisUrls: redis.urls };
  const { say } = terminal;
  return startStand({ ...processCounts, ...servers, scenario, databaseName, say }, cleanups);
}

async function playVisibleRace(
  stand: Stand,
  contest: Contest,
  options: { readonly faults: Scenario["faults"]; readonly killWorker: boolean },
): Promise<RaceResult> {
  terminal.say(`The race, protection ${contest.protection}: waiting until the stores are ready …`);
  const levels = followLevels(stand, contest);
  const killOneWorker = async () => {
    const [worker] = stand.workers();
    await worker?.kill();
  };
  const startAnotherWorker = async () => {
    await stand.startWorker();
  };
  const shown: { progress?: ShopperProgress } = {};
  try {
    const result = await playRace(stand, contest, {
      faults: options.faults,
      onProgress: (progress) => {
        shown.progress = progress;
        terminal.show(viewRace(contest, progress, levels.current()));
      },
      ...(options.killWorker && { inTheMiddle: killOneWorker, afterShoppers: startAnotherWorker }),
    });
    await levels.lookAgain();
    if (shown.progress) terminal.show(viewRace(contest, shown.progress, levels.current()));
    terminal.settle();
    if (options.killWorker) {
      terminal.say("A worker was killed (kill -9) in the middle of it; another one has started.");
    }
    for (const mistake of result.mistakes) terminal.say(`  ${mistake}`);
    return result;
  } finally {
    levels.stop();
  }
}

async function nameLock(redis: RedisNodes): Promise<string> {
  if (redis.urls.length === 0) return redis.description;
  const scripts = await countLockScripts(redis.urls);
  if (scripts > 0) return `${redis.description}; they ran ${scripts} lock scripts`;
  return `PostgreSQL: ${redis.description} did not serve`;
}

/** npm runs this in the project's folder; files are named from where npm was called. */
function callerFolder(): string {
  return process.env.INIT_CWD ?? process.cwd();
}
