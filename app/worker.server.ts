/**
 * The second process: the net below web. It carries on what a web process received and did not finish,
 * settles drains and reads the stores' levels. Run as many as you like; they share only PostgreSQL and
 * Redis, and one is enough.
 */
import { readSettings } from "./env.server.ts";
import { startNet } from "./loop/net.ts";
import { createRuntime } from "./runtime.server.ts";

const runtime = await createRuntime(readSettings(), { processName: "worker" });
const stopNet = startNet(runtime, { sweepIntervalMs: runtime.settings.sweepIntervalMs });
runtime.log.info({ lock: runtime.lockStatus() }, "worker is ready");

let isStopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (isStopping) return;
    isStopping = true;
    void stopNet()
      .then(() => runtime.close())
      .then(() => process.exit(0));
  });
}
