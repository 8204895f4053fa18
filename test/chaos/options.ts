import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { protections } from "#app/domain/pool/protection.ts";
import type { Protection } from "#app/domain/pool/protection.ts";

export type ChaosOptions = {
  /** How many seeds are played, each under every protection. */
  readonly runs: number;
  /** The first of them; the others follow by ones. */
  readonly seed: number;
  readonly protections: readonly Protection[];
  readonly scenarioFile: string;
  /** How many stands play side by side. */
  readonly stands: number;
  /** Also what takes half a minute each. */
  readonly isSlow: boolean;
  /** Go on where an earlier call stopped. */
  readonly isResumed: boolean;
  /** A line for each run. */
  readonly resultsFile: string;
  readonly jsonFile: string | null;
  readonly htmlFile: string | null;
};

export const chaosUsage = `Usage: npm run chaos -- [options]
  --runs N         how many runs, each under every protection (10)
  --seed S         the first run's seed; the others follow (1)
  --protection P   strict, balanced or mirror; may be given several times (strict, balanced)
  --json FILE      write the report as JSON
  --html FILE      write the report as a page with plots
  --resume         go on where an earlier call of the same commit stopped
  --results FILE   where each run is kept as it ends (.data/chaos/runs.jsonl)
  --scenario FILE  another race than test/scenarios/race.json
  --stands N       how many runs are played side by side (1)
  --slow-faults    also freeze a worker for longer than its lock lives: half a minute each
With DATABASE_URL or REDIS_URLS set those servers are used, and are not killed.`;

const protectionsStandard: readonly Protection[] = ["strict", "balanced"];
const runsStandard = 10;
const runsMax = 1_000_000;
/** Each is some eight processes. */
const standsMax = 16;

/** A mistake in the command line; the message says which, and how it is used. */
export class ChaosOptionsError extends Error {
  override readonly name = "ChaosOptionsError";
}

/**
 * @param workingFolder where the files that are named are.
 * @throws ChaosOptionsError
 */
export function parseChaosOptions(args: readonly string[], workingFolder: string): ChaosOptions {
  const values = parseValues(args);
  const file = (name: string) => resolve(workingFolder, name);
  return {
    runs: readWhole("runs", values.runs, { standard: runsStandard, min: 1, max: runsMax }),
    seed: readWhole("seed", values.seed, { standard: 1, min: 0, max: 999_999_999 }),
    protections: values.protection?.map(readProtection) ?? protectionsStandard,
    scenarioFile: values.scenario
      ? file(values.scenario)
      : resolve(import.meta.dirname, "../scenarios/race.json"),
    stands: readWhole("stands", values.stands, { standard: 1, min: 1, max: standsMax }),
    isSlow: values["slow-faults"] ?? false,
    isResumed: values.resume ?? false,
    resultsFile: values.results ? file(values.results) : resolve(".data/chaos/runs.jsonl"),
    jsonFile: values.json ? file(values.json) : null,
    htmlFile: values.html ? file(values.html) : null,
  };
}

function readWhole(
  name: string,
  value: string | undefined,
  range: { readonly standard: number; readonly min: number; readonly max: number },
): number {
  if (value === undefined) return range.standard;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < range.min || number > range.max) {
    throw new ChaosOptionsError(
      `--${name} must be a whole number from ${range.min} to ${range.max}.\n${chaosUsage}`,
    );
  }
  return number;
}

function readProtection(name: string): Protection {
  const found = protections.find((known) => known === name);
  if (found) return found;
  throw new ChaosOptionsError(
    `--protection must be one of ${protections.join(", ")}.\n${chaosUsage}`,
  );
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        runs: { type: "string" },
        seed: { type: "string" },
        protection: { type: "string", multiple: true },
        json: { type: "string" },
        html: { type: "string" },
        resume: { type: "boolean" },
        results: { type: "string" },
        scenario: { type: "string" },
        stands: { type: "string" },
        "slow-faults": { type: "boolean" },
      },
    }).values;
  } catch (cause) {
    throw new ChaosOptionsError(`${(cause as Error).message}\n${chaosUsage}`, { cause });
  }
}
