import { packPlanned, sendPacked } from "./app-dispatching.ts";
import { databaseMs, drawCommit, goOn, isCurrent } from "./app-process.ts";
import { noteTarget } from "./balanced.ts";
import { tell } from "./world.ts";
import type { AppProcess, World } from "./world.ts";

/**
 * Load, step, commit, until nothing waits: as many processes as like may do it at once, because a commit
 * names the version it read.
 */
export function processPool(world: World, process: AppProcess, poolIndex: number): void {
  const running = process.processing.get(poolIndex);
  if (running) {
    running.isWantedAgain = true;
    return;
  }
  process.processing.set(poolIndex, { isWantedAgain: false });
  loadAndStep(world, process, poolIndex);
}

function loadAndStep(world: World, process: AppProcess, poolIndex: number): void {
  goOn(world, process, databaseMs(world), () => {
    const row = world.books.pools[poolIndex]!;
    const { pool, version } = row;
    const events = [...row.waiting];
    if (events.length === 0) {
      finish(world, process, poolIndex);
      return;
    }
    if (events.length > 1) tell(world, "events stepped together");
    const result = world.rules.step(pool, events, world.nowMs);
    goOn(world, process, databaseMs(world), () => {
      const commit = drawCommit(world);
      if (commit !== "lost" && isCurrent(world, version, row.version)) {
        noteTarget(world, row.pool, result.pool);
        row.pool = result.pool;
        row.version += 1;
        for (const { units } of result.ledger) row.ledgerUnits += units;
        row.waiting = row.waiting.filter((waiting) => !events.includes(waiting));
        world.pools[poolIndex]!.isTouched = true;
        noteStep(world, poolIndex, result);
        // The dispatches are part of the commit, unless a store's API budget is used up.
        const rows = world.chances.processes.isHit(0.8) ? packPlanned(world) : [];
        if (commit === "committed") {
          sendPacked(world, process, rows);
          world.app.dispatch(world, process);
          world.app.watch(world, process, poolIndex);
        }
      }
      loadAndStep(world, process, poolIndex);
    });
  });
}

function finish(world: World, process: AppProcess, poolIndex: number): void {
  const isWantedAgain = process.processing.get(poolIndex)?.isWantedAgain ?? false;
  process.processing.delete(poolIndex);
  if (isWantedAgain) processPool(world, process, poolIndex);
}

function noteStep(
  world: World,
  poolIndex: number,
  { pool, ended, incidents }: ReturnType<World["rules"]["step"]>,
): void {
  tell(
    world,
    "step",
    poolIndex,
    pool.freeUnits,
    pool.ledgerUnits,
    ...pool.listings.map(({ expectedUnits }) => expectedUnits),
  );
  for (const { state, kind, number, repairUnits } of ended) {
    tell(world, `${kind} ${state}`, number);
    if (kind === "grant" && state === "done" && repairUnits > 0) tell(world, "repair done");
  }
  for (const { kind } of incidents) tell(world, `incident: ${kind}`);
  if (pool.switching === "reading") tell(world, "switch reads");
}
