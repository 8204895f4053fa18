import type { RunId } from "./run-record.ts";

/** Plays a run again, alone. */
export function repeatCommand(
  { protection, seed }: RunId,
  options: { readonly isSlow: boolean; readonly scenarioFile: string | null },
): string {
  const words = [
    ...["npm", "run", "chaos", "--", "--runs", "1", "--seed", String(seed)],
    ...["--protection", protection],
    ...(options.isSlow ? ["--slow-faults"] : []),
    ...(options.scenarioFile ? ["--scenario", options.scenarioFile] : []),
  ];
  return words.join(" ");
}
