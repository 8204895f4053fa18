/** `npm run bench`: how long things take, each beside what is physically possible in the same run. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { joinSharedPostgres } from "#app/adapters/shared-postgres.server.ts";
import { buildApp, isBuildStale } from "#test/demo/build-app.ts";
import { createCleanups } from "#test/demo/cleanups.ts";
import { startStand } from "#test/demo/stand.ts";

import type { Figure } from "./figure.ts";
import { measurePropagation, propagationScenario } from "./propagation.ts";

const usage = "Usage: npm run bench -- [--quick] [--json FILE]";
/** The first sales pay for compiling and planning: they are not counted. */
const warmUpPairs = 10;
const pairCounts = { full: 300, quick: 30 };

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, json: { type: "string" }, help: { type: "boolean" } },
});
if (values.help) console.log(usage);
else await bench();
process.exit();

async function bench(): Promise<void> {
  const cleanups = createCleanups();
  process.once("SIGINT", () => void cleanups.run().then(() => process.exit(130)));
  try {
    if (isBuildStale()) await buildApp();
    const postgres = await joinSharedPostgres({ directory: resolve(".data", "postgres") });
    cleanups.add(postgres.leave);
    const stand = await startStand(
      {
        scenario: propagationScenario,
        databaseServerUrl: process.env.DATABASE_URL ?? postgres.url,
        databaseName: "location_groups_bench",
        redisUrls: process.env.REDIS_URLS?.split(",").filter(Boolean) ?? [],
        webCount: 1,
        workerCount: 1,
        // Nothing else is to happen while the clock runs.
        sweepIntervalMs: 3_600_000,
      },
      cleanups,
    );
    const count = values.quick ? pairCounts.quick : pairCounts.full;
    await measurePropagation(stand, warmUpPairs, () => undefined);
    const figure = await measurePropagation(stand, count, (done) => {
      if (process.stdout.isTTY) process.stdout.write(`\rpropagation ${done}/${count} `);
    });
    tell([figure]);
  } finally {
    await cleanups.run();
  }
}

function tell(figures: readonly Figure[]): void {
  for (const { name, ours, yardstick, ratio, goal, met, pairs, unit } of figures) {
    console.log(`\n${name}, ${pairs} pairs, in turn`);
    console.log(`  ours       p50 ${ours.p50} ${unit}   p99 ${ours.p99} ${unit}`);
    console.log(
      `  yardstick  p50 ${yardstick.p50} ${unit}   p99 ${yardstick.p99} ${unit}   ${yardstick.name}`,
    );
    console.log(
      `  ratio      p50 ${ratio.p50}   p99 ${ratio.p99}   goal ${goal}: ${met ? "met" : "MISSED"}`,
    );
  }
  if (values.json === undefined) return;
  const commit = execFileSync("git", ["rev-parse", "HEAD"]).toString().trim();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
  writeFileSync(values.json, `${JSON.stringify({ commit, machine, figures }, null, 2)}\n`);
}
