import { SettingsError } from "./env.server.ts";

/**
 * Starts a process of the app, or says why it did not: a mistake in the settings is the reader's to
 * mend, so it is a sentence, not a stack.
 */
export async function startOrExplain(
  processName: "web" | "worker",
  start: () => Promise<void>,
): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${processName} did not start: ${explain(error)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code === "EADDRINUSE"
    ? `${error.message}. Set PORT to a free one.`
    : (error.stack ?? error.message);
}
