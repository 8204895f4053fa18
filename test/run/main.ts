/**
 * `npm test`: everything that must hold before a change is accepted, on a machine with Node and npm.
 *
 * Checks and tiers run one after the other, so that their output can be read and timings mean
 * something. It ends with one line, `N passed, N failed`, and exit code 1 if anything failed.
 *
 * `npm test -- unit check:lint` runs only the steps that are named.
 */
import { readdirSync } from "node:fs";
import { resolve } from "node:path";

import { runScript } from "./script-step.ts";
import type { StepResult } from "./step-result.ts";
import { runTier } from "./tier-step.ts";
import { checkTools } from "./tools-step.ts";

type Step = { readonly name: string; readonly run: () => Promise<StepResult> };

const projectRoot = resolve(import.meta.dirname, "../..");
/** In the order of their cost: what fails fast says so first. */
const tiers = ["unit", "property", "simulation", "integration", "chaos", "e2e"];
const checks = [
  "check:format",
  "check:types",
  "check:lint",
  "check:layers",
  "check:unused",
  "build",
];

const steps: readonly Step[] = [
  { name: "tools", run: () => Promise.resolve(checkTools()) },
  ...checks.map((name) => ({ name, run: () => runScript(projectRoot, name) })),
  ...tiers.map((name) => ({ name, run: () => runTier(projectRoot, name) })),
];

process.exitCode = await main(process.argv.slice(2));

async function main(wanted: readonly string[]): Promise<number> {
  refuseUnknown(wanted);
  const chosen = wanted.length > 0 ? steps.filter(({ name }) => wanted.includes(name)) : steps;

  const results: { name: string; result: StepResult }[] = [];
  for (const [index, { name, run }] of chosen.entries()) {
    console.log(`\n── ${index + 1}/${chosen.length} ${name} ──`);
    const startedAt = performance.now();
    const result = await run();
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`── ${name}: ${summary(result)} in ${seconds} s`);
    results.push({ name, result });
  }

  const total = (key: "passed" | "failed") =>
    results.reduce((sum, { result }) => sum + result[key], 0);
  const troubles = results.flatMap(({ name, result }) =>
    result.failures.map((failure) => `  ✗ ${name}: ${failure}`),
  );
  if (troubles.length > 0) console.log(`\nFailed:\n${troubles.join("\n")}`);
  console.log(`\n${total("passed")} passed, ${total("failed")} failed`);
  return total("failed") > 0 ? 1 : 0;
}

function summary({ passed, failed }: StepResult): string {
  return failed === 0 ? `ok (${passed})` : `${failed} FAILED, ${passed} ok`;
}

/** A tier's folder that no step runs, or a step that does not exist, would be skipped in silence. */
function refuseUnknown(wanted: readonly string[]): void {
  const known = new Set(steps.map(({ name }) => name));
  const unknown = wanted.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(`No such step: ${unknown.join(", ")}. There are: ${[...known].join(", ")}.`);
  }
  const hasTests = (folder: string) =>
    readdirSync(resolve(projectRoot, "test", folder), { recursive: true, encoding: "utf8" }).some(
      (file) => /[.]test[.]tsx?$/.test(file),
    );
  const forgotten = readdirSync(resolve(projectRoot, "test"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !tiers.includes(entry.name))
    .map((entry) => entry.name)
    .filter(hasTests);
  if (forgotten.length > 0) {
    throw new Error(`test/${forgotten.join(", test/")} has tests, but is no tier: they never run.`);
  }
}
