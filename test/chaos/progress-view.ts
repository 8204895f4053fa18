import type { RunRecord } from "./run-record.ts";

const barWidth = 30;

/** How far the runs have come, on one line. */
export function viewProgress(
  records: readonly RunRecord[],
  progress: {
    readonly wantedRuns: number;
    /** Of the records, those that were played before this call. */
    readonly resumedRuns: number;
    readonly elapsedMs: number;
  },
): readonly string[] {
  const { wantedRuns, resumedRuns, elapsedMs } = progress;
  const doneRuns = records.length;
  const full = Math.min(barWidth, Math.round((doneRuns / wantedRuns) * barWidth));
  const bar = "█".repeat(full) + "░".repeat(barWidth - full);
  const perRunMs = elapsedMs / Math.max(1, doneRuns - resumedRuns);
  const leftMs = perRunMs * Math.max(0, wantedRuns - doneRuns);
  const purchases = records.reduce((sum, { race }) => sum + (race?.purchaseAttempts ?? 0), 0);
  const oversoldRuns = records.filter(({ race }) => race !== null && race.oversoldUnits > 0).length;
  return [
    `${bar} ${doneRuns}/${wantedRuns} runs · ${purchases} purchases · ` +
      `${oversoldRuns} runs sold a unit twice · ${(perRunMs / 1000).toFixed(1)} s a run · ` +
      `${describeDuration(leftMs)} to go`,
  ];
}

function describeDuration(durationMs: number): string {
  const minutes = Math.ceil(durationMs / 60_000);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
