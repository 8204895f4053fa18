/** `npm run simulate`: the pool's rules in many worlds, or in all courses of small ones. */
import { writeFileSync } from "node:fs";

import { openTerminal } from "#test/demo/terminal.ts";

import { parseSimulateOptions, simulateUsage, SimulateOptionsError } from "./options.ts";
import type { SimulateOptions } from "./options.ts";
import { isFailed, reportOf } from "./report.ts";
import { reportLines } from "./report-text.ts";
import { tasksOf } from "./tasks.ts";
import { runTasks } from "./worker-pool.ts";

const barWidth = 40;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(simulateUsage);
    return 0;
  }
  try {
    return await simulate(parseSimulateOptions(args, process.cwd()));
  } catch (error) {
    if (!(error instanceof SimulateOptionsError)) throw error;
    console.error(error.message);
    return 2;
  }
}

/** Sentences go to standard error when standard output has the JSON. */
async function simulate(options: SimulateOptions): Promise<number> {
  const stream = options.json === "stdout" ? process.stderr : process.stdout;
  const terminal = openTerminal(stream);
  const tasks = tasksOf(options);
  const startedAt = performance.now();
  const results = await runTasks(tasks, options.workerCount, (doneCount) => {
    const full = Math.round((doneCount / tasks.length) * barWidth);
    const bar = "█".repeat(full) + "░".repeat(barWidth - full);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    terminal.show([`${bar} ${doneCount}/${tasks.length} parts, ${seconds} s`]);
  });
  terminal.settle();
  const report = reportOf(options, results, performance.now() - startedAt);
  for (const line of reportLines(options, report)) terminal.say(line);
  const json = `${JSON.stringify(report, null, 2)}\n`;
  if (options.json === "stdout") process.stdout.write(json);
  else if (options.json) writeFileSync(options.json.file, json);
  return isFailed(report) ? 1 : 0;
}
