/**
 * The second process, `npm run worker`: the net below web. It carries on what a web process received
 * and did not finish, settles drains and reads the stores' levels. Run as many as you like; they share
 * only PostgreSQL and Redis, and one is enough.
 */
import { readSettings } from "./env.server.ts";
import { startNet } from "./loop/net.ts";
import { createRuntime } from "./runtime.server.ts";
import { startOrExplain } from "./start.server.ts";

await startOrExplain("worker", async () => {
  const runtime = await createRuntime(readSettings(), { processName: "worker" });
  const stopNet = startNet(runtime, { sweepIntervalMs: runtime.settings.sweepIntervalMs });

  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    void stopNet()
      .then(() => runtime.close())
      .then(() => process.exit(0));
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, stop);
  runtime.log.info({ lock: runtime.lockStatus() }, "worker works");
  process.stdout.write("worker is ready\n");
});
