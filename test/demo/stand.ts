import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";
import { parse } from "smol-toml";
import { z } from "zod";

import { findFreePort } from "#app/adapters/free-port.server.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";
import { createSimulatorClient } from "#test/simulator/client.ts";
import type { SimulatorClient } from "#test/simulator/client.ts";
import { startWeb, startWorker } from "#test/support/app-process.ts";
import type { WebProcess } from "#test/support/app-process.ts";
import { startProcess } from "#test/support/child-process.ts";
import type { StartedProcess } from "#test/support/child-process.ts";

import type { Cleanups } from "./cleanups.ts";
import { createOwnDatabase } from "./demo-database.ts";
import { runProgram } from "./run-program.ts";

/** Everything a race needs, running: a database, the simulated stores, and the app as it is deployed. */
export type Stand = {
  readonly simulator: SimulatorClient;
  readonly simulatorUrl: string;
  readonly databaseUrl: string;
  readonly database: pg.Pool;
  readonly redisUrls: readonly string[];
  /** The settings of every process of the app. */
  readonly env: Readonly<Record<string, string>>;
  /** Those that run now; one that was killed is gone from here. */
  readonly webs: () => readonly WebProcess[];
  readonly workers: () => readonly StartedProcess[];
  readonly startWorker: () => Promise<StartedProcess>;
  readonly startWeb: (port: number) => Promise<WebProcess>;
  /** Everything the app's processes have printed. */
  readonly output: () => string;
};

export type StandOptions = {
  readonly scenario: Scenario;
  /** A PostgreSQL server on which a database of the stand's own may be made. */
  readonly databaseServerUrl: string;
  readonly databaseName: string;
  /** Empty: locks are taken in PostgreSQL. */
  readonly redisUrls: readonly string[];
  readonly webCount: number;
  readonly workerCount: number;
  /** How often levels are read, which is how soon a lost webhook is made good. */
  readonly sweepIntervalMs?: number;
  /** Where the app's processes find the stand's database, if not where it is: something stands between. */
  readonly openWayTo?: (databaseUrl: string) => Promise<string>;
  readonly say?: (sentence: string) => void;
};

/** Known to whoever reads this: they open nothing but stores that exist on this machine only. */
const appIdentity = { apiKey: "location-groups-demo", apiSecret: "not-a-secret-of-any-real-store" };
/** As often as the app allows it: the stores' budgets are ample, and nobody likes to wait. */
const sweepStandardMs = 1_000;
const simulatorReadyWithinMs = 30_000;
const appConfigFile = "shopify.app.toml";
const projectRoot = resolve(import.meta.dirname, "../..");

/**
 * Builds a stand. Whatever of it has started is ended by `cleanups`, also when it never gets complete.
 *
 * @throws when something does not start or the scenario cannot be applied, with what it printed.
 */
export async function startStand(options: StandOptions, cleanups: Cleanups): Promise<Stand> {
  const say = options.say ?? (() => undefined);
  const own = await createOwnDatabase(options.databaseServerUrl, options.databaseName);
  cleanups.add(own.release);
  await runProgram("migrations", ["prisma/migrate.ts"], { DATABASE_URL: own.url });

  const webPorts = await Promise.all(
    Array.from({ length: Math.max(1, options.webCount) }, findFreePort),
  );
  const appUrl = localUrl(webPorts[0]!);
  const simulator = await startSimulatorProcess(webPorts, cleanups);
  await simulator.client.loadScenario({ scenario: options.scenario });
  say(`${options.scenario.shops.length} simulated stores answer at ${simulator.url}.`);

  const appDatabaseUrl = (await options.openWayTo?.(own.url)) ?? own.url;
  const env = appEnvironment(options, {
    database: appDatabaseUrl,
    simulator: simulator.url,
    appUrl,
  });
  const app = openProcesses(env, cleanups);
  await Promise.all([
    Promise.all(webPorts.slice(0, options.webCount).map((port) => app.startWeb(port))),
    Promise.all(Array.from({ length: options.workerCount }, () => app.startWorker())),
    applyScenarioFile(options.scenario, env),
  ]);
  say(`The app: ${options.webCount} web processes, ${options.workerCount} workers.`);

  const database = new pg.Pool({ connectionString: own.url, max: 4, application_name: "stand" });
  // The next query on a connection that broke fails, and is told; unheard, the event would end everything.
  database.on("error", () => undefined);
  database.on("connect", (client) => client.on("error", () => undefined));
  cleanups.add(() => database.end());
  return {
    ...app,
    simulator: simulator.client,
    simulatorUrl: simulator.url,
    databaseUrl: own.url,
    database,
    redisUrls: options.redisUrls,
    env,
  };
}

/** The app's processes, which come and go. */
function openProcesses(env: Readonly<Record<string, string>>, cleanups: Cleanups) {
  const started: StartedProcess[] = [];
  const webs: WebProcess[] = [];
  const keep = async <Process extends StartedProcess>(
    starting: Promise<Process>,
  ): Promise<Process> => {
    // Before it is ready: whoever ends everything meanwhile waits for it, and ends it.
    cleanups.add(() => starting.then((process) => process.stop()).catch(() => undefined));
    const process = await starting;
    started.push(process);
    return process;
  };
  return {
    async startWeb(port: number) {
      const web = await keep(startWeb({ ...env, PORT: String(port) }));
      webs.push(web);
      return web;
    },
    webs: () => webs.filter(({ isRunning }) => isRunning()),
    startWorker: () => keep(startWorker(env)),
    workers: () => started.filter(({ name, isRunning }) => name === "worker" && isRunning()),
    output: () => started.map(({ name, output }) => `--- ${name}\n${output()}`).join("\n"),
  };
}

async function startSimulatorProcess(webPorts: readonly number[], cleanups: Cleanups) {
  const port = await findFreePort();
  const url = localUrl(port);
  const starting = startProcess({
    name: "simulator",
    command: [
      process.execPath,
      "test/simulator/main.ts",
      ...["--port", String(port), "--config", appConfigFile],
      ...["--api-key", appIdentity.apiKey, "--api-secret", appIdentity.apiSecret],
      ...webPorts.flatMap((webPort) => ["--app-url", localUrl(webPort)]),
    ],
    cwd: projectRoot,
    isReady: (output) => /simulator is ready/i.test(output),
    readyWithinMs: simulatorReadyWithinMs,
  });
  cleanups.add(() => starting.then((simulator) => simulator.stop()).catch(() => undefined));
  await starting;
  const client = createSimulatorClient(url);
  cleanups.add(client.close);
  return { client, url };
}

/** The public command, so that what the demo shows is what a reader can run. */
async function applyScenarioFile(
  scenario: Scenario,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "location-groups-scenario-"));
  try {
    const file = join(directory, `${scenario.name}.json`);
    writeFileSync(file, JSON.stringify(scenario));
    await runProgram("scenario", ["test/scenarios/main.ts", "apply", file], env);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function appEnvironment(
  options: StandOptions,
  urls: { readonly database: string; readonly simulator: string; readonly appUrl: string },
): Readonly<Record<string, string>> {
  return {
    SHOPIFY_API_KEY: appIdentity.apiKey,
    SHOPIFY_API_SECRET: appIdentity.apiSecret,
    SHOPIFY_SIM_URL: urls.simulator,
    // One address for all web processes, as behind a load balancer.
    SHOPIFY_APP_URL: urls.appUrl,
    SCOPES: readScopes(),
    DATABASE_URL: urls.database,
    REDIS_URLS: options.redisUrls.join(","),
    TOKEN_KEYS: randomBytes(32).toString("base64"),
    SWEEP_INTERVAL_MS: String(options.sweepIntervalMs ?? sweepStandardMs),
    // The worker says that it is ready at this level.
    LOG_LEVEL: "info",
  };
}

/** What the app asks its merchants for. */
function readScopes(): string {
  const config = parse(readFileSync(join(projectRoot, appConfigFile), "utf8"));
  return AppConfig.parse(config).access_scopes.scopes;
}

const AppConfig = z.object({ access_scopes: z.object({ scopes: z.string() }) });

function localUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}
