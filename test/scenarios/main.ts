/** `npm run scenario -- check FILE` and `npm run scenario -- apply FILE`: see README.md beside this file. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { SettingsError, loadEnvironmentFile, readSettings } from "#app/env.server.ts";
import { createRuntime } from "#app/runtime.server.ts";

import { ApplyError } from "./apply/apply-error.ts";
import { applyScenario } from "./apply/apply-scenario.ts";
import { ScenarioError, readScenario } from "./read-scenario.ts";

const usage = `Usage: npm run scenario -- check FILE
       npm run scenario -- apply FILE [--app-url URL]`;

/** The tool is short-lived and is not reached by anybody; what it needs of a setting is only that it is set. */
const appUrlStandard = "http://127.0.0.1:3000";

try {
  loadEnvironmentFile();
  await runCommand(process.argv.slice(2));
} catch (error) {
  const isExplained =
    error instanceof ScenarioError || error instanceof ApplyError || error instanceof SettingsError;
  console.error(isExplained ? error.message : error);
  process.exitCode = 1;
}

async function runCommand(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseCommandLine(args);
  const [command, file, ...rest] = positionals;
  if ((command !== "check" && command !== "apply") || file === undefined || rest.length > 0) {
    throw new ApplyError(usage);
  }
  // npm runs this in the project's folder; a file is named from where npm was called.
  const scenario = readScenario(resolve(process.env.INIT_CWD ?? ".", file));
  if (command === "check") {
    console.log(`The scenario "${scenario.name}" has no mistake.`);
    return;
  }
  const appUrl = values["app-url"] ?? process.env.SHOPIFY_APP_URL;
  const settings = readSettings({
    LOG_LEVEL: "warn",
    ...process.env,
    SHOPIFY_APP_URL: appUrl === undefined || appUrl === "" ? appUrlStandard : appUrl,
  });
  const runtime = await createRuntime(settings, { processName: "scenario" });
  try {
    await applyScenario(runtime, scenario, (sentence) => {
      console.log(sentence);
    });
  } finally {
    await runtime.close();
  }
}

function parseCommandLine(args: readonly string[]) {
  try {
    const options = { "app-url": { type: "string" } } as const;
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (cause) {
    throw new ApplyError(`${(cause as Error).message}\n${usage}`, { cause });
  }
}
