import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { findFreePort } from "#app/adapters/free-port.server.ts";

import { startProcess } from "./child-process.ts";
import type { StartedProcess } from "./child-process.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
export type WebProcess = StartedProcess & { readonly url: string; readonly port: number };

const projectRoot = resolve(import.meta.dirname, "../..");
/** Migrations run first; on a busy two-core machine that and the start take a few seconds. */
const readyWithinMs = 60_000;
const answerWithinMs = 2_000;

/**
 * Starts the built web process as `npm run start` does, on a free port unless `PORT` is given, and
 * waits until it answers HTTP. Nothing is mocked in it: what it needs it gets by its settings.
 */
export async function startWeb(env: Environment): Promise<WebProcess> {
  if (!existsSync(resolve(projectRoot, "build/server/index.js"))) {
    throw new Error("The app is not built: run `npm run build` first.");
  }
  const port = Number(env.PORT ?? (await findFreePort()));
  const url = `http://127.0.0.1:${port}`;
  const web = await startProcess({
    name: `web on ${port}`,
    command: [process.execPath, "app/web.server.ts"],
    cwd: projectRoot,
    env: { SHOPIFY_APP_URL: url, ...env, NODE_ENV: "production", PORT: String(port) },
    isReady: () => answersHttp(url),
    readyWithinMs,
  });
  return { ...web, port, url };
}

/** Starts a worker as `npm run worker` does, and waits until it says that it is ready. */
export function startWorker(env: Environment): Promise<StartedProcess> {
  return startProcess({
    name: "worker",
    command: [process.execPath, "app/worker.server.ts"],
    cwd: projectRoot,
    env: { ...env, NODE_ENV: "production" },
    isReady: (output) => /worker is ready/i.test(output),
    readyWithinMs,
  });
}

/** Any answer will do: that of a page without a session is an error, and says that the app is up. */
async function answersHttp(url: string): Promise<boolean> {
  const response = await fetch(url, {
    redirect: "manual",
    signal: AbortSignal.timeout(answerWithinMs),
  });
  await response.body?.cancel();
  return true;
}
