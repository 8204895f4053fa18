/**
 * The web process: `npm run start` serves the build, `npm run dev` serves the sources as they change.
 */
import { createRequestHandler } from "@remix-run/express";
import type { RequestHandler } from "@remix-run/express";
import type { ServerBuild } from "@remix-run/node";
import express from "express";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { isLoopback } from "./env.server.ts";
import { watchDispatches } from "./loop/net.ts";
import { processRuntime } from "./runtime.server.ts";
import type { AppRuntime } from "./runtime.server.ts";
import { startOrExplain } from "./start.server.ts";

const projectRoot = resolve(import.meta.dirname, "..");

/** An orchestrator kills ten seconds after it asks; the work under way has its own limit within them. */
const stopWithinMs = 10_000;

/** Shopify gives a webhook five seconds; a sender that trickles for longer holds a connection for nothing. */
const requestWithinMs = 30_000;

await startOrExplain("web", async () => {
  await serve(await processRuntime());
});

async function serve(runtime: AppRuntime): Promise<void> {
  const { settings, log } = runtime;
  const app = express();
  const server = createServer({ requestTimeout: requestWithinMs }, app);
  app.disable("x-powered-by");
  // Behind a tunnel or a load balancer: what the visitor asked for is in the forwarded headers.
  app.set("trust proxy", true);
  if (settings.isProduction) await serveBuild(app);
  else await serveSources(app, server);

  const stopWatching = watchDispatches(runtime);
  // An app of this machine alone is not offered to the network.
  const host = isLoopback(new URL(settings.appUrl)) ? "127.0.0.1" : "0.0.0.0";
  server.listen(settings.port, host);
  await once(server, "listening"); // rejects where the port is taken
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void stopWatching().then(() => stop(runtime, server, signal)));
  }
  log.info({ port: settings.port, host, appUrl: settings.appUrl }, "web listens");
  process.stdout.write(`web is ready on http://127.0.0.1:${settings.port}\n`);
}

async function serveBuild(app: express.Express): Promise<void> {
  const buildFile = resolve(projectRoot, "build/server/index.js");
  if (!existsSync(buildFile)) throw new Error("The app is not built: run `npm run build` first.");

  // The names of built assets change with their content.
  app.use(
    "/assets",
    express.static(resolve(projectRoot, "build/client/assets"), { immutable: true, maxAge: "1y" }),
  );
  app.use(express.static(resolve(projectRoot, "build/client"), { maxAge: "1h" }));
  const build = (await import(pathToFileURL(buildFile).href)) as ServerBuild;
  serveRequests(app, createRequestHandler({ build, mode: "production" }));
}

/** Vite serves what changes, and reloads it in the browser; this process's runtime stays. */
async function serveSources(app: express.Express, server: Server): Promise<void> {
  const { createServer: createVite } = await import("vite");
  const vite = await createVite({
    root: projectRoot,
    server: { middlewareMode: true, hmr: { server }, allowedHosts: true },
  });
  app.use(vite.middlewares);
  const build = () => vite.ssrLoadModule("virtual:remix/server-build") as Promise<ServerBuild>;
  serveRequests(app, createRequestHandler({ build, mode: "development" }));
}

/** The handler passes on what fails; nothing is left to wait for. */
function serveRequests(app: express.Express, handler: RequestHandler): void {
  app.all("*", (request, response, next) => void handler(request, response, next));
}

/** Takes no more requests, finishes those under way and what they set going, and ends. */
async function stop(runtime: AppRuntime, server: Server, signal: string): Promise<void> {
  const { log, state } = runtime;
  log.info({ signal }, "web stops");
  state.isStopping = true; // readiness says no from here on
  setTimeout(() => process.exit(1), stopWithinMs).unref();
  const closed = once(server, "close");
  server.close();
  await closed;
  await runtime.close();
  process.exit(0);
}
