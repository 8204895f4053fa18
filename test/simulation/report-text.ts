import { kindOf } from "./config.ts";
import type { SimulateOptions } from "./options.ts";
import { contenders } from "./race.ts";
import { replayLine } from "./replay-line.ts";
import type { SimulateReport } from "./report.ts";
import { rateBelow, soldThrough } from "./tally.ts";

const violationsShownMax = 10;

/** What a run found, in sentences. */
export function reportLines(options: SimulateOptions, report: SimulateReport): readonly string[] {
  return [
    ...(options.mode === "exhaustive" ? explorationLines(report) : []),
    ...(options.scenario === null ? [] : raceLines(report)),
    ...(options.mode === "worlds" && options.scenario === null ? worldLines(report) : []),
    ...bugLines(report),
    ...violationLines(options, report),
  ];
}

function worldLines(report: SimulateReport): readonly string[] {
  const { seeds, seedsFrom, seedsPerMinute, eventsPerSeed, oversoldRuns } = report;
  const never = Object.entries(report.coverage).filter(([, count]) => count === 0);
  return [
    `${seeds} worlds (seeds ${seedsFrom} to ${seedsFrom + seeds - 1}), ` +
      `${eventsPerSeed} events each, ${seedsPerMinute} worlds a minute.`,
    `Oversold: strict ${oversoldRuns.strict ?? 0}, balanced ${oversoldRuns.balanced ?? 0}, ` +
      `mirror ${oversoldRuns.mirror ?? 0}.`,
    never.length === 0
      ? `All ${Object.keys(report.coverage).length} rare things happened.`
      : `Never happened: ${never.map(([what]) => what).join("; ")}.`,
  ];
}

function raceLines(report: SimulateReport): readonly string[] {
  const rows = contenders.flatMap((name) => {
    const tally = report.contenders?.[name];
    if (!tally) return [];
    const { worldCount, oversoldRuns, oversoldUnits, soldUnits, writeCount } = tally;
    const proved =
      oversoldRuns === 0 ? `rate below ${(100 * rateBelow(worldCount)).toPrecision(2)} %` : "";
    return [
      [
        name,
        `${oversoldRuns} of ${worldCount}`,
        String(oversoldUnits),
        `${(100 * soldThrough(tally)).toFixed(1)} %`,
        (writeCount / Math.max(1, soldUnits)).toFixed(2),
        proved,
      ],
    ];
  });
  const head = ["", "oversold runs", "units", "sold of stock", "writes/sale", "proved at 95 %"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function explorationLines({ explorations = [] }: SimulateReport): readonly string[] {
  return explorations.flatMap(({ name, stateCount, moveCount, isComplete, violation }) => [
    name,
    `  ${stateCount} states, ${moveCount} moves, ${isComplete ? "all of them" : "not all"}: ` +
      (violation?.invariant ?? "nothing wrong"),
    ...(violation?.story.map((line) => `    ${line}`) ?? []),
  ]);
}

function bugLines({ plantedBugs = {} }: SimulateReport): readonly string[] {
  return Object.entries(plantedBugs).map(([name, seed]) =>
    seed === null ? `NOT FOUND: ${name}` : `found by seed ${String(seed).padStart(3)}: ${name}`,
  );
}

function violationLines(
  { mode, scenario }: SimulateOptions,
  { violations }: SimulateReport,
): readonly string[] {
  if (violations.length === 0) return ["Nothing was wrong."];
  const isReplayable = mode === "worlds" && scenario === null;
  return [
    `${violations.length} wrong:`,
    ...violations
      .slice(0, violationsShownMax)
      .map(
        ({ seed, invariant }) =>
          `  ${invariant}  ${isReplayable ? replayLine(seed, kindOf(seed)) : `seed ${seed}`}`,
      ),
  ];
}
