import { runProgram } from "./run-program.ts";
import { stepFailed, stepPassed } from "./step-result.ts";
import type { StepResult } from "./step-result.ts";

const scriptWithinMs = 5 * 60_000;

/** Runs a script of package.json; it counts as one. */
export async function runScript(projectRoot: string, script: string): Promise<StepResult> {
  const trouble = await runProgram({
    command: ["npm", "run", "--silent", script],
    cwd: projectRoot,
    withinMs: scriptWithinMs,
  });
  return trouble === null ? stepPassed : stepFailed(`\`npm run ${script}\` ${trouble}`);
}
