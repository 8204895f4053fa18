import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { protections } from "#app/domain/pool/protection.ts";
import type { Protection } from "#app/domain/pool/protection.ts";

export type DemoOptions = {
  /** End after the races; otherwise everything stays up until Ctrl-C. */
  readonly exit: boolean;
  /** Where the report goes as JSON. */
  readonly jsonFile: string | null;
  readonly scenarioFile: string;
  /** Null: the scenario's own. */
  readonly seed: number | null;
  /** How often each race is played; the report adds up. */
  readonly runs: number;
  /** The levels to race under, in this order. */
  readonly protections: readonly Protection[];
  /** Kill a worker in the middle of each race, and start another afterwards. */
  readonly killWorker: boolean;
};

export const demoUsage = `Usage: npm run demo -- [options]
  --exit           end after the races instead of staying up
  --json FILE      write the report as JSON
  --scenario FILE  the race to play (test/scenarios/race.json)
  --seed N         another course of the same race
  --runs N         play each race N times, and add up
  --protection P   only strict, balanced or mirror; may be given several times
  --kill-worker    kill -9 a worker in the middle of each race
With DATABASE_URL or REDIS_URLS set, those servers are used.`;

/** All runs live in one world, each with products of its own; a bigger world would be slow to open. */
const runsMax = 50;

/** A mistake in the command line; the message says which, and how it is used. */
export class DemoOptionsError extends Error {
  override readonly name = "DemoOptionsError";
}

/** @throws DemoOptionsError */
export function parseDemoOptions(args: readonly string[], workingFolder: string): DemoOptions {
  const values = parseValues(args);
  const { seed } = values;
  if (seed !== undefined && !/^\d{1,9}$/.test(seed)) {
    throw new DemoOptionsError(`--seed must be a whole number, at least 0.\n${demoUsage}`);
  }
  const runs = Number(values.runs ?? "1");
  if (!Number.isInteger(runs) || runs < 1 || runs > runsMax) {
    throw new DemoOptionsError(`--runs must be a whole number from 1 to ${runsMax}.\n${demoUsage}`);
  }
  const wanted = values.protection ?? protections;
  const unknown = wanted.find((name) => !isProtection(name));
  if (unknown !== undefined) {
    const known = protections.join(", ");
    throw new DemoOptionsError(`--protection must be one of ${known}.\n${demoUsage}`);
  }
  return {
    protections: wanted.filter(isProtection),
    runs,
    exit: values.exit ?? false,
    jsonFile: values.json === undefined ? null : resolve(workingFolder, values.json),
    scenarioFile:
      values.scenario === undefined
        ? resolve(import.meta.dirname, "../scenarios/race.json")
        : resolve(workingFolder, values.scenario),
    seed: seed === undefined ? null : Number(seed),
    killWorker: values["kill-worker"] ?? false,
  };
}

function isProtection(name: string): name is Protection {
  return protections.some((known) => known === name);
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        exit: { type: "boolean" },
        json: { type: "string" },
        scenario: { type: "string" },
        seed: { type: "string" },
        runs: { type: "string" },
        protection: { type: "string", multiple: true },
        "kill-worker": { type: "boolean" },
      },
    }).values;
  } catch (cause) {
    throw new DemoOptionsError(`${(cause as Error).message}\n${demoUsage}`, { cause });
  }
}
