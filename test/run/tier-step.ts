import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

import { runProgram } from "./run-program.ts";
import { stepFailed } from "./step-result.ts";
import type { StepResult } from "./step-result.ts";

/** Several times what the longest tier takes on two cores. */
const tierWithinMs = 15 * 60_000;

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});
type Report = z.infer<typeof Report>;

/**
 * Runs one tier with Vitest and counts its tests. A skipped test counts as failed, and so does a tier
 * without tests: what did not run has not passed.
 */
export async function runTier(projectRoot: string, tier: string): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), "location-groups-report-"));
  const reportFile = join(folder, "report.json");
  try {
    const trouble = await runProgram({
      command: [
        process.execPath,
        join(projectRoot, "node_modules/vitest/vitest.mjs"),
        ...["run", "--project", tier, "--reporter=default", "--reporter=json"],
        ...[`--outputFile.json=${reportFile}`],
      ],
      cwd: projectRoot,
      withinMs: tierWithinMs,
    });
    const counted = countTests(readReport(reportFile));
    if (counted.passed + counted.failed === 0) {
      return stepFailed(trouble ? `ran no test and ${trouble}` : "ran no test");
    }
    if (trouble !== null && counted.failed === 0) {
      return { ...counted, failed: 1, failures: [`every test passed, but the run ${trouble}`] };
    }
    return counted;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): Report {
  try {
    return Report.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { testResults: [] };
    throw error;
  }
}

function countTests({ testResults }: Report): StepResult {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const unsuccessful = tests.filter(({ status }) => status !== "passed");
  // A file that cannot be loaded, or whose tear-down fails, has no failed test to show for it.
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status !== "passed" && assertionResults.every((test) => test.status === "passed"),
  );
  return {
    passed: tests.length - unsuccessful.length,
    failed: unsuccessful.length + brokenFiles.length,
    failures: [
      ...unsuccessful.map(({ fullName, status }) => `${fullName} (${status})`),
      ...brokenFiles.map(({ name, message }) => `${name}: ${message ?? "broken"}`),
    ],
  };
}
