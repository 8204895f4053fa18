/** `npm run chaos`: the race of the demo, as often as asked, while parts of the app are killed. */
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { buildApp, isBuildStale } from "#test/demo/build-app.ts";
import { createCleanups } from "#test/demo/cleanups.ts";
import { OwnDatabaseError } from "#test/demo/demo-database.ts";
import { describeReport } from "#test/demo/report-text.ts";
import { findBrokenPromises, findCommit, summarizeRaces } from "#test/demo/report.ts";
import { openTerminal } from "#test/demo/terminal.ts";
import { ScenarioError, readScenario } from "#test/scenarios/read-scenario.ts";

import { ChaosOptionsError, parseChaosOptions } from "./options.ts";
import type { ChaosOptions } from "./options.ts";
import { listRuns, playRuns } from "./play-runs.ts";
import { viewProgress } from "./progress-view.ts";
import { repeatCommand } from "./repeat-command.ts";
import { summarizeRuns, tellProof } from "./report/chaos-report.ts";
import { drawReport } from "./report/page.ts";
import { ResultsFileError, appendRecord, readRecords, setAside } from "./run-record.ts";
import type { RunId, RunRecord } from "./run-record.ts";

/** What whoever started it can mend: told without a stack. */
const explained = [ChaosOptionsError, ResultsFileError, ScenarioError, OwnDatabaseError];

const terminal = openTerminal(process.stdout);
const cleanups = createCleanups();
const stopping = new AbortController();
const interrupted = once(stopping.signal, "abort").then(() => "interrupted" as const);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stopping.abort();
  });
}

try {
  // npm runs this in the project's folder; files are named from where npm was called.
  await runChaos(parseChaosOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd()));
} catch (error) {
  const isExplained = explained.some((kind) => error instanceof kind);
  console.error(isExplained ? (error as Error).message : error);
  process.exitCode = 1;
}
terminal.settle();
await cleanups.run();
process.exit();

async function runChaos(options: ChaosOptions): Promise<void> {
  const scenario = readScenario(options.scenarioFile);
  const kept = { commit: findCommit(), scenario: scenario.name, isSlow: options.isSlow };
  if (!options.isResumed) setAside(options.resultsFile);
  const wanted = new Set(listRuns(options, []).map(nameRun));
  const records = [
    ...readRecords(
      options.resultsFile,
      (record) =>
        record.commit === kept.commit &&
        record.scenario === kept.scenario &&
        record.isSlow === kept.isSlow &&
        record.race !== null &&
        wanted.has(nameRun(record)),
    ),
  ];
  const resumedRuns = records.length;
  const missing = listRuns(options, records);
  if (options.isResumed) terminal.say(`${resumedRuns} runs are played, ${missing.length} are not.`);
  if (missing.length > 0 && isBuildStale()) {
    terminal.say("Building the app …");
    await buildApp();
  }

  const startedAt = performance.now();
  const keep = (record: RunRecord, output: () => string) => {
    records.push(record);
    appendRecord(options.resultsFile, record);
    const broken = findBroken(record);
    if (broken.length > 0) tellBroken(record, broken, output, options);
    const elapsedMs = performance.now() - startedAt;
    terminal.show(viewProgress(records, { wantedRuns: wanted.size, resumedRuns, elapsedMs }));
  };
  const ending = await Promise.race([
    interrupted,
    playRuns(
      missing,
      {
        scenario,
        isSlow: options.isSlow,
        stopping: stopping.signal,
        stands: options.stands,
        databaseUrl: process.env.DATABASE_URL,
        redisUrls: (process.env.REDIS_URLS ?? "").split(",").filter((url) => url.trim() !== ""),
      },
      {
        onPlayed: (run, played, output) => {
          keep({ ...run, ...kept, ...played, trouble: null }, output);
        },
        onTrouble: (run, error, output) => {
          keep({ ...run, ...kept, course: null, race: null, trouble: explain(error) }, output);
        },
      },
      cleanups,
    ).then(() => "played" as const),
  ]);
  terminal.settle();
  if (ending === "interrupted") {
    terminal.say(`Stopped. The same command with --resume plays the rest.`);
  }
  if (records.length > 0) tellReport(records, options);
}

/** What was promised and not kept in one run, a sentence each. */
function findBroken({ race, trouble, seed }: RunRecord): readonly string[] {
  if (race === null) return [trouble ?? "It could not be played."];
  return findBrokenPromises(summarizeRaces([race], { seed, runs: 1 }));
}

function tellBroken(
  record: RunRecord,
  broken: readonly string[],
  output: () => string,
  options: ChaosOptions,
): void {
  process.exitCode = 1;
  const logFile = join(dirname(options.resultsFile), `${record.protection}-${record.seed}.log`);
  mkdirSync(dirname(logFile), { recursive: true });
  writeFileSync(logFile, output());
  for (const sentence of broken) terminal.say(`BROKEN, seed ${record.seed}: ${sentence}`);
  const isStandard = record.scenario === "race";
  const command = repeatCommand(record, {
    isSlow: record.isSlow,
    scenarioFile: isStandard ? null : options.scenarioFile,
  });
  terminal.say(`  again: ${command}`);
  terminal.say(`  what the app printed: ${relative(process.cwd(), logFile)}`);
}

function tellReport(records: readonly RunRecord[], options: ChaosOptions): void {
  const report = summarizeRuns(records);
  const seeds = `seeds ${report.seed} to ${report.lastSeed}`;
  terminal.say(`\n  ${records.length} runs, ${seeds}, commit ${report.commit}\n`);
  for (const line of describeReport(report)) terminal.say(line);
  terminal.say("");
  for (const level of report.levels) terminal.say(`  ${level.protection}: ${tellProof(level)}`);
  for (const trouble of report.troubles) terminal.say(`  not played to its end: ${trouble}`);
  const { jsonFile, htmlFile } = options;
  if (jsonFile) writeFileSync(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  if (htmlFile) writeFileSync(htmlFile, drawReport(report, records));
  for (const file of [jsonFile, htmlFile]) if (file) terminal.say(`  report: ${file}`);
}

function nameRun({ protection, seed }: RunId): string {
  return `${protection} ${seed}`;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} ${error.cause.message}` : error.message;
}
