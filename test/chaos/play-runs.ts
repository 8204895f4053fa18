import { createCleanups } from "#test/demo/cleanups.ts";
import type { Cleanups } from "#test/demo/cleanups.ts";
import type { Protection } from "#app/domain/pool/protection.ts";

import { openChaosPostgres } from "./chaos-stand.ts";
import { playBlock } from "./play-block.ts";
import type { Block, BlockListener, BlockSettings } from "./play-block.ts";
import type { RunId } from "./run-record.ts";

/** Enough to make the start of a stand cheap; few enough that its world stays small. */
const blockRunsMax = 40;

/** All runs that are asked for and not among `played`, seed by seed. */
export function listRuns(
  wanted: {
    readonly runs: number;
    readonly seed: number;
    readonly protections: readonly Protection[];
  },
  played: readonly RunId[],
): readonly RunId[] {
  const known = new Set(played.map(({ protection, seed }) => `${protection} ${seed}`));
  return Array.from({ length: wanted.runs }, (_, index) => wanted.seed + index).flatMap((seed) =>
    wanted.protections
      .map((protection) => ({ protection, seed }))
      .filter(({ protection }) => !known.has(`${protection} ${seed}`)),
  );
}

/** Blocks of the same size, at least one for each stand if there are runs enough. */
export function cutIntoBlocks(runs: readonly RunId[], stands: number): readonly Block[] {
  const size = Math.max(1, Math.min(blockRunsMax, Math.ceil(runs.length / stands)));
  return Array.from({ length: Math.ceil(runs.length / size) }, (_, index) => ({
    runs: runs.slice(index * size, (index + 1) * size),
  }));
}

/** Plays runs on so many stands side by side, each with a PostgreSQL and Redis nodes of its own. */
export async function playRuns(
  runs: readonly RunId[],
  settings: Omit<BlockSettings, "postgres"> & {
    readonly stands: number;
    readonly databaseUrl: string | undefined;
  },
  listener: BlockListener,
  outside: Cleanups,
): Promise<void> {
  const blocks = [...cutIntoBlocks(runs, settings.stands)];
  const playBlocks = async () => {
    const own = createCleanups();
    outside.add(own.run);
    try {
      const postgres = await openChaosPostgres(settings.databaseUrl, own);
      for (let block = blocks.shift(); block; block = blocks.shift()) {
        await playBlock(block, { ...settings, postgres }, listener, outside);
        if (settings.stopping.aborted) return;
      }
    } finally {
      await own.run();
    }
  };
  await Promise.all(Array.from({ length: settings.stands }, playBlocks));
}
