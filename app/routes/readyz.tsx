import { answer } from "#app/http.server.ts";
import { isReady, processRuntime } from "#app/runtime.server.ts";

/** Whether requests may be sent here: not while the process stops, nor without its database. */
export async function loader() {
  return (await isReady(await processRuntime())) ? answer(200, "ready") : answer(503, "not ready");
}
