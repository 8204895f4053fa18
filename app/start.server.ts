import { SettingsError, loadEnvironmentFile } from "./env.server.ts";

/**
 * Nobody listens, the host is not known or does not answer; PostgreSQL's own: no such database, a wrong
 * password, starting up. Only the database is connected to before a process is ready.
 */
const databaseCodes = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "ETIMEDOUT",
  "3D000",
  "28P01",
  "28000",
  "57P03",
];

/**
 * Starts a process of the app, or says why it did not: a mistake in the settings is the reader's to
 * mend, so it is a sentence, not a stack.
 */
export async function startOrExplain(
  processName: "web" | "worker",
  start: () => Promise<void>,
): Promise<void> {
  try {
    loadEnvironmentFile();
    await start();
  } catch (error) {
    process.stderr.write(`${processName} did not start: ${explain(error)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE") return `${error.message}. Set PORT to a free one.`;
  if (databaseCodes.includes(code)) {
    return `the database of DATABASE_URL cannot be used: ${error.message || code}.`;
  }
  return error.stack ?? error.message;
}
