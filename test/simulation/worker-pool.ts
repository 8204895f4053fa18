import { Worker } from "node:worker_threads";

import type { Task, TaskResult } from "./task.ts";

/**
 * Does the tasks on so many cores. Which core does which has no part in the results.
 *
 * @param onDone called after each task, with how many are done.
 * @returns the results in the order of the tasks.
 * @throws whatever a task threw; the others are given up then.
 */
export async function runTasks(
  tasks: readonly Task[],
  workerCount: number,
  onDone: (doneCount: number) => void,
): Promise<readonly TaskResult[]> {
  const results: TaskResult[] = [];
  let nextIndex = 0;
  let doneCount = 0;
  const workers = Array.from(
    { length: Math.min(workerCount, tasks.length) },
    () => new Worker(new URL("./worker.ts", import.meta.url)),
  );
  const work = (worker: Worker): Promise<void> =>
    new Promise((resolve, reject) => {
      let index = -1;
      const goOn = (): void => {
        index = nextIndex;
        nextIndex += 1;
        const task = tasks[index];
        if (task) worker.postMessage(task);
        else resolve();
      };
      worker.on("message", (result: TaskResult) => {
        results[index] = result;
        doneCount += 1;
        onDone(doneCount);
        goOn();
      });
      worker.on("error", reject);
      worker.on("exit", () => {
        reject(new Error("A core ended before its work was done."));
      });
      goOn();
    });
  try {
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}
