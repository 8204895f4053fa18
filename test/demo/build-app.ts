import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const projectRoot = resolve(import.meta.dirname, "../..");
const bundle = "build/server/index.js";
/** What the bundle is made of; whatever is newer than the bundle makes it stale. */
const sources = ["app", "public", "vite.config.ts", "package.json", "package-lock.json"];

/** Whether the production build is missing, or older than what it is made of. */
export function isBuildStale(): boolean {
  const built = join(projectRoot, bundle);
  return !existsSync(built) || newestMs(sources) > statSync(built).mtimeMs;
}

/** Runs `npm run build`. @throws with what it printed when it fails. */
export async function buildApp(): Promise<void> {
  const child = spawn("npm", ["run", "build"], {
    cwd: projectRoot,
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  if (exitCode !== 0) throw new Error(`npm run build failed:\n${output.trim()}`);
}

function newestMs(names: readonly string[]): number {
  let newest = 0;
  for (const name of names) {
    const path = join(projectRoot, name);
    if (!existsSync(path)) continue;
    newest = Math.max(newest, statSync(path).mtimeMs);
    if (!statSync(path).isDirectory()) continue;
    for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
      newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
    }
  }
  return newest;
}
