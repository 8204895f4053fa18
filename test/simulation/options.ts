import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { plantedBugs } from "./planted-bugs.ts";
import { scenarioNames } from "./race.ts";
import type { ScenarioName } from "./race.ts";

export type SimulateOptions = {
  readonly mode: "worlds" | "exhaustive";
  /** Null: worlds of all kinds. */
  readonly scenario: ScenarioName | null;
  readonly firstSeed: number;
  readonly seedCount: number;
  readonly workerCount: number;
  /** Whether each planted bug is looked for as well. */
  readonly plantedBugs: boolean;
  /** Where the JSON goes: a file, or `stdout`; null for nowhere. */
  readonly json: { readonly file: string } | "stdout" | null;
};

export const simulateUsage = `Usage: npm run simulate -- [options]
  --seeds N        how many worlds, each from a seed of its own (2000)
  --from S         the first seed (1)
  --scenario NAME  the same worlds for every contender: ${scenarioNames.join(", ")}
  --exhaustive     every interleaving of small worlds instead of worlds from seeds
  --planted-bugs   look for each of the ${plantedBugs.length} bugs that are planted on purpose as well
  --workers N      how many cores work (2)
  --json [FILE]    write what was found as JSON, to standard output without a file`;

/** A mistake in the command line; the message says which, and how it is used. */
export class SimulateOptionsError extends Error {
  override readonly name = "SimulateOptionsError";
}

/** @throws SimulateOptionsError */
export function parseSimulateOptions(
  args: readonly string[],
  workingFolder: string,
): SimulateOptions {
  const values = parseValues(withJsonValue(args));
  const scenario = scenarioNames.find((name) => name === values.scenario) ?? null;
  if (values.scenario !== undefined && scenario === null) {
    throw mistake(`--scenario must be one of ${scenarioNames.join(", ")}.`);
  }
  return {
    mode: values.exhaustive ? "exhaustive" : "worlds",
    scenario,
    firstSeed: wholeNumber("--from", values.from, 1, 0),
    seedCount: wholeNumber("--seeds", values.seeds, 2_000, 1),
    workerCount: wholeNumber("--workers", values.workers, 2, 1),
    plantedBugs: values["planted-bugs"] ?? false,
    json:
      values.json === undefined
        ? null
        : values.json === ""
          ? "stdout"
          : { file: resolve(workingFolder, values.json) },
  };
}

/** `--json` may stand alone; then its value is empty. */
function withJsonValue(args: readonly string[]): readonly string[] {
  return args.flatMap((argument, index) => {
    const next = args[index + 1];
    const isAlone = argument === "--json" && (next === undefined || next.startsWith("--"));
    return isAlone ? ["--json="] : [argument];
  });
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: "string" },
        from: { type: "string" },
        scenario: { type: "string" },
        exhaustive: { type: "boolean" },
        "planted-bugs": { type: "boolean" },
        workers: { type: "string" },
        json: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw mistake(error instanceof Error ? error.message : String(error));
  }
}

/** Seeds are told apart by their decimal text; nobody needs more than nine digits. */
function wholeNumber(
  name: string,
  text: string | undefined,
  otherwise: number,
  least: number,
): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) {
    throw mistake(`${name} must be a whole number, at least ${least}.`);
  }
  return Number(text);
}

function mistake(what: string): SimulateOptionsError {
  return new SimulateOptionsError(`${what}\n${simulateUsage}`);
}
