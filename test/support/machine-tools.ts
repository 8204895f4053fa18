/**
 * Programs that npm cannot bring: redis-server and Chromium. Present: used. Debian and root: installed.
 * Otherwise one sentence says what to do, because a test that is silently skipped proves nothing.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

type Tool = {
  readonly name: string;
  readonly programs: readonly string[];
  readonly debianPackages: readonly string[];
};

const redisServer: Tool = {
  name: "redis-server",
  programs: ["redis-server", "valkey-server"],
  debianPackages: ["redis-server"],
};

const chromium: Tool = {
  name: "Chromium",
  programs: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
  // Without a font, text has no width, and Playwright takes it for invisible.
  debianPackages: ["chromium", "fonts-liberation"],
};

const installWithinMs = 10 * 60_000;

export function findRedisServer(): string | null {
  return findProgram(redisServer);
}

/** @throws with the sentence to read when the machine has none and none can be installed. */
export function ensureRedisServer(): string {
  return ensureTool(redisServer, "install Redis 7 or newer, so that `redis-server` is on the PATH");
}

/** @throws with the sentence to read when the machine has none and none can be installed. */
export function ensureChromium(): string {
  const given = process.env.PLAYWRIGHT_CHROMIUM_PATH;
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`PLAYWRIGHT_CHROMIUM_PATH names ${given}, which does not exist.`);
  }
  return ensureTool(chromium, "install Chromium, or set PLAYWRIGHT_CHROMIUM_PATH to its program");
}

function ensureTool(tool: Tool, advice: string): string {
  const found = findProgram(tool);
  if (found) return found;
  if (!isDebian() || process.getuid?.() !== 0) {
    throw new Error(`${tool.name} is missing: ${advice}.`);
  }
  installDebianPackages(tool);
  const installed = findProgram(tool);
  if (!installed) throw new Error(`${tool.name} is missing after its installation: ${advice}.`);
  return installed;
}

function findProgram(tool: Tool): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];
  const paths = tool.programs.flatMap((program) => folders.map((folder) => join(folder, program)));
  return paths.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isDebian(): boolean {
  return existsSync("/etc/debian_version") && spawnSync("apt-get", ["--version"]).status === 0;
}

function installDebianPackages({ name, debianPackages }: Tool): void {
  console.log(`Installing ${debianPackages.join(" and ")} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const aptGet = (...args: string[]) =>
    execFileSync("apt-get", args, {
      env,
      stdio: ["ignore", "ignore", "pipe"],
      timeout: installWithinMs,
    });
  try {
    aptGet("update");
    aptGet("install", "-y", "--no-install-recommends", ...debianPackages);
  } catch (cause) {
    throw new Error(`${name} is missing, and apt-get could not install it.`, { cause });
  }
}
