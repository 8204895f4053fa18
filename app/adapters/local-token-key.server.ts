import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * The key of this checkout's own for tokens at rest, made when it is first asked for. For an app that
 * only this machine reaches: one that others reach is told its keys, and keeps none beside its database.
 *
 * Several processes may ask at once: the first to write wins, and all read what it wrote.
 */
export function ensureLocalTokenKey(file: string): string {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, randomBytes(32).toString("base64"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return readFileSync(file, "utf8").trim();
}
