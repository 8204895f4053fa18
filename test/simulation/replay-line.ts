import type { WorldKind } from "./config.ts";

/** The command that plays one world again and prints what happened in it. */
export function replayLine(seed: number, kind: WorldKind): string {
  return `SEED=${kind}:${seed} npm run sim:replay`;
}
