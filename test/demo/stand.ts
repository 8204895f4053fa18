import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";

import { findFreePort } from "#app/adapters/free-port.server.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";
import { createSimulatorClient } from "#test/simulator/client.ts";
import type { SimulatorClient } from "#test/simulator/client.ts";
import { startWeb, startWorker } from "#test/support/app-process.ts";
import type { WebProcess } from "#test/support/app-process.ts";
import { startProcess } from "#test/support/child-process.ts";
import type { StartedProcess } from "#test/support/child-process.ts";

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
  readonly webs: readonly WebProcess[];
  /** Those that run now; one that was killed is gone from here. */
  readonly workers: () => readonly StartedProcess[];
  readonly startWorker: () => Promise<StartedProcess>;
  readonly startWeb: (port: number) => Promise<WebProcess>;
  /** Everything the app's processes have printed. */
  readonly output: () => string;
  /** Ends all that the stand has started. Safe to call twice, and while it is being built. */
  readonly stop: () => Promise<void>;
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
  readonly say?: (sentence: string) => void;
};

/** Known to whoever reads this: they open nothing but stores that exist on this machine only. */
const appIdentity = { apiKey: "location-groups-demo", apiSecret: "not-a-secret-of-any-real-store" };
const scopes = "read_inventory,write_inventory,read_locations,read_products,read_orders";
/** As often as the app allows it: the stores' budgets are ample, and nobody likes to wait. */
const sweepStandardMs = 1_000;
const simulatorReadyWithinMs = 30_000;
const projectRoot = resolve(import.meta.dirname, "../..");

/**
 * Builds a stand: what it starts is stopped by `stop`, also when building it fails half-way.
 *
 * @throws when something does not start or the scenario cannot be applied, with what it printed.
 */
export async function startStand(options: StandOptions): Promise<Stand> {
  const say = options.say ?? (() => undefined);
  const cleanups: (() => Promise<void>)[] = [];
  const stop = async () => {
    // In parallel first: each process takes a moment to end, and they do not need each other.
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return await buildStand(options, say, cleanups, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function buildStand(
  options: StandOptions,
  say: (sentence: string) => void,
  cleanups: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Stand> {
  const own = await createOwnDatabase(options.databaseServerUrl, options.databaseName);
  cleanups.push(own.release);
  await runProgram("migrations", ["prisma/migrate.ts"], { DATABASE_URL: own.url });

  const webPorts = await Promise.all(Array.from({ length: options.webCount }, findFreePort));
  const simulator = await startSimulatorProcess(webPorts);
  cleanups.push(simulator.stop);
  const client = createSimulatorClient(simulator.url);
  cleanups.push(() => {
    client.close();
    return Promise.resolve();
  });
  await client.loadScenario({ scenario: options.scenario });
  say(`${options.scenario.shops.length} simulated stores answer at ${simulator.url}.`);

  const env = appEnvironment(options, own.url, simulator.url);
  const started: StartedProcess[] = [];
  const keep = <Process extends StartedProcess>(process: Process): Process => {
    started.push(process);
    return process;
  };
  cleanups.push(async () => {
    await Promise.all(started.map((process) => process.stop()));
  });
  const openWeb = async (port: number) => keep(await startWeb({ ...env, PORT: String(port) }));
  const openWorker = async () => keep(await startWorker(env));
  const [webs] = await Promise.all([
    Promise.all(webPorts.map(openWeb)),
    Promise.all(Array.from({ length: options.workerCount }, openWorker)),
    applyScenarioFile(options.scenario, { ...env, SHOPIFY_APP_URL: localUrl(webPorts[0] ?? 3000) }),
  ]);
  say(`${webs.length} web processes and ${options.workerCount} workers serve them.`);

  const database = new pg.Pool({ connectionString: own.url, max: 4, application_name: "stand" });
  database.on("error", () => undefined); // the next query on it fails, and is told
  cleanups.push(() => database.end());
  return {
    simulator: client,
    simulatorUrl: simulator.url,
    databaseUrl: own.url,
    database,
    redisUrls: options.redisUrls,
    env,
    webs,
    workers: () => started.filter(({ name, isRunning }) => name === "worker" && isRunning()),
    startWorker: openWorker,
    startWeb: openWeb,
    output: () => started.map(({ name, output }) => `--- ${name}\n${output()}`).join("\n"),
    stop,
  };
}

async function startSimulatorProcess(webPorts: readonly number[]) {
  const port = await findFreePort();
  const url = localUrl(port);
  const simulator = await startProcess({
    name: "simulator",
    command: [
      process.execPath,
      "test/simulator/main.ts",
      ...["--port", String(port), "--config", "shopify.app.toml"],
      ...["--api-key", appIdentity.apiKey, "--api-secret", appIdentity.apiSecret],
      ...webPorts.flatMap((webPort) => ["--app-url", localUrl(webPort)]),
    ],
    cwd: projectRoot,
    isReady: (output) => /simulator is ready/i.test(output),
    readyWithinMs: simulatorReadyWithinMs,
  });
  return { ...simulator, url };
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

function appEnvironment(options: StandOptions, databaseUrl: string, simulatorUrl: string) {
  return {
    SHOPIFY_API_KEY: appIdentity.apiKey,
    SHOPIFY_API_SECRET: appIdentity.apiSecret,
    SHOPIFY_SIM_URL: simulatorUrl,
    SCOPES: scopes,
    DATABASE_URL: databaseUrl,
    REDIS_URLS: options.redisUrls.join(","),
    TOKEN_KEYS: randomBytes(32).toString("base64"),
    SWEEP_INTERVAL_MS: String(options.sweepIntervalMs ?? sweepStandardMs),
    LOG_LEVEL: "warn",
    // Of its own processes the demo says itself what they are; an inherited address would mislead.
    HOST: "",
    APP_URL: "",
  };
}

function localUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}
