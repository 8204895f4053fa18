import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Runs a program with its output on ours and no input, so that nothing can wait for an answer.
 *
 * @returns null when it succeeded, else what went wrong.
 */
export async function runProgram(options: {
  readonly command: readonly [program: string, ...args: string[]];
  readonly cwd: string;
  readonly withinMs: number;
}): Promise<string | null> {
  const [program, ...args] = options.command;
  // A group of its own, so that a step that hangs ends together with what it started.
  const child = spawn(program, args, {
    cwd: options.cwd,
    stdio: ["ignore", "inherit", "inherit"],
    detached: true,
  });
  const endGroup = () => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const interrupted = () => {
    endGroup();
    process.exit(130);
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  const overdue = AbortSignal.timeout(options.withinMs);
  overdue.addEventListener("abort", endGroup);
  try {
    const [exitCode, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (overdue.aborted) return `was ended after ${options.withinMs / 60_000} min`;
    return exitCode === 0 ? null : `ended with ${signal ?? `exit code ${exitCode}`}`;
  } catch (error) {
    return `could not be started: ${String(error)}`;
  } finally {
    overdue.removeEventListener("abort", endGroup);
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}
