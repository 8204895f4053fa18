/**
 * A Shopify on this machine, as a process of its own; README.md tells what it is.
 *
 * node test/simulator/main.ts --port 4010 --app-url http://127.0.0.1:3000 --api-key KEY --api-secret SECRET
 *   [--app-url ANOTHER] [--scenario FILE] [--config shopify.app.toml] [--access-token-seconds 3600]
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";

import { readScenario } from "#test/scenarios/read-scenario.ts";
import { startSimulator } from "./simulator.ts";

const usage = `Usage: npm run simulator -- --api-key KEY --api-secret SECRET [options]
  --app-url URL               where the app answers (http://127.0.0.1:3000); may be given several times
  --port N                    where to listen (4010)
  --scenario FILE             the stores to begin with
  --config FILE               the app's shopify.app.toml (./shopify.app.toml, if there is one)
  --access-token-seconds N    how long access tokens live (3600)`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "4010" },
    "app-url": { type: "string", multiple: true, default: ["http://127.0.0.1:3000"] },
    "api-key": { type: "string" },
    "api-secret": { type: "string" },
    scenario: { type: "string" },
    config: { type: "string" },
    "access-token-seconds": { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const apiKey = values["api-key"];
const apiSecret = values["api-secret"];
if (!apiKey || !apiSecret) {
  console.error("The simulator needs --api-key and --api-secret: those of the app.");
  process.exit(1);
}
const configStandard = "shopify.app.toml";
const config = values.config ?? (existsSync(configStandard) ? configStandard : undefined);
const seconds = values["access-token-seconds"];

const simulator = await startSimulator({
  port: Number(values.port),
  appUrls: values["app-url"],
  apiKey,
  apiSecret,
  ...(config === undefined ? {} : { config }),
  ...(values.scenario === undefined ? {} : { scenario: readScenario(values.scenario) }),
  ...(seconds === undefined ? {} : { accessTokenSeconds: Number(seconds) }),
});
console.log(`simulator is ready on ${simulator.url}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void simulator.stop().then(() => process.exit(0));
  });
}
