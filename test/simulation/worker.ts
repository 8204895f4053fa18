/** One core of `npm run simulate`: does the tasks it is sent, and answers each with its result. */
import { parentPort } from "node:worker_threads";

import { runTask } from "./task.ts";
import type { Task } from "./task.ts";

parentPort?.on("message", (task: Task) => {
  parentPort?.postMessage(runTask(task));
});
