import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

import { waitFor } from "./wait-for.ts";

export type StartedProcess = {
  readonly name: string;
  readonly pid: number;
  /** Everything it has printed so far, both streams. */
  readonly output: () => string;
  readonly isRunning: () => boolean;
  /** Asks it to end, and insists after a while. */
  readonly stop: () => Promise<void>;
  /** kill -9: no handler runs, nothing is given back. */
  readonly kill: () => Promise<void>;
  /** SIGSTOP: alive, connected, and not moving, like a machine that swaps. */
  readonly pause: () => void;
  readonly resume: () => void;
};

const stopWithinMs = 10_000;

/**
 * Starts a program and waits until `isReady` yields something; a program that ends before that fails
 * with what it printed. Whoever starts it stops it: `onTestFinished(process.stop)`.
 */
export async function startProcess(options: {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly isReady: (output: string) => unknown;
  readonly readyWithinMs?: number;
}): Promise<StartedProcess> {
  const [program, ...args] = options.command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const started = describe(options.name, child);
  try {
    await waitFor(
      `${options.name} to be ready`,
      () =>
        !started.isRunning() || Promise.resolve(options.isReady(started.output())).then(Boolean),
      { withinMs: options.readyWithinMs ?? 30_000 },
    );
    if (!started.isRunning()) throw new Error(`${options.name} ended instead of getting ready.`);
  } catch (cause) {
    await started.kill();
    throw new Error(`${options.name} did not start. It printed:\n${started.output()}`, { cause });
  }
  return started;
}

function describe(name: string, child: ChildProcess): StartedProcess {
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => chunks.push(text));
  }
  child.once("error", (error) => chunks.push(error.message));
  const closed = once(child, "close").catch(() => undefined);
  const isRunning = () =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;

  const end = async (signal: NodeJS.Signals) => {
    if (isRunning()) child.kill(signal);
    const insist = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
    await closed;
    clearTimeout(insist);
  };
  return {
    name,
    pid: child.pid ?? 0,
    output: () => chunks.join(""),
    isRunning,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
  };
}
