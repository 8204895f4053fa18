import type { LevelReport, RaceReport } from "./report.ts";

type Row = readonly [label: string, valueOf: (level: LevelReport) => string];

/** What is told of each level, line by line. */
export const reportRows: readonly Row[] = [
  ["stores", (level) => String(level.storeCount)],
  ["stock", (level) => `${level.stockUnits} units`],
  ["purchases tried", (level) => String(level.purchaseAttempts)],
  ["sold", (level) => `${level.soldUnits} units (${share(level.soldUnits, level.stockUnits)})`],
  ["payments failed", (level) => String(level.failedPayments)],
  ["told sold out", (level) => `${level.refusedUnits} units`],
  ["sold twice", (level) => (level.oversoldUnits === 0 ? "none" : `${level.oversoldUnits} units`)],
  ["highest exposure", (level) => `${level.maxExposureUnits} units`],
  ["propagation", (level) => spread(level.propagationMs)],
  ["fan-out", (level) => spread(level.fanOutMs)],
  ["lock wait", (level) => spread({ ...level.lockWaitMs, p95: undefined })],
  ["writes per sale", (level) => String(level.writesPerSale)],
  ["books", (level) => (level.conserved ? "add up exactly" : "DO NOT ADD UP")],
  ["stores and app agree", (level) => (level.converged ? "yes" : "NO")],
  ["agreed after", (level) => `${(level.convergenceMs / level.runs / 1000).toFixed(1)} s`],
];

/** The report as a table, and what its words mean. */
export function describeReport(report: RaceReport): readonly string[] {
  const { levels } = report;
  const labelWidth = Math.max(...reportRows.map(([label]) => label.length));
  const cells = reportRows.map(([label, valueOf]) => [label, ...levels.map(valueOf)] as const);
  const widths = levels.map(({ protection }, column) =>
    Math.max(protection.length, ...cells.map((row) => row[column + 1]?.length ?? 0)),
  );
  const line = (label: string, values: readonly string[]) =>
    `  ${label.padEnd(labelWidth)}  ${values.map((value, column) => value.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd();
  return [
    line(
      "",
      levels.map(({ protection }) => protection),
    ),
    ...cells.map(([label, ...values]) => line(label, values)),
    "",
    ...levels.map(({ protection, faults }) => `  faults, ${protection}: ${listFaults(faults)}`),
    "",
    "  propagation: webhook received → every store has acknowledged, p50 / p95 / p99.",
    "  highest exposure: units the stores offered or were being paid for beyond what was left, at the",
    "  worst moment, by the stores' own records. 0 or less: no unit could have been sold twice.",
  ];
}

function share(part: number, whole: number): string {
  return whole > 0 ? `${Math.round((part / whole) * 100)} %` : "–";
}

function spread(
  values: Readonly<Record<"p50" | "p95" | "p99", number | null | undefined>>,
): string {
  const { p50 } = values;
  if (p50 === null || p50 === undefined) return "nothing to write";
  const known = [p50, values.p95, values.p99].filter((value) => value !== undefined);
  return `${known.map((value) => String(value ?? "–")).join(" / ")} ms`;
}

function listFaults(faults: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
  return kinds.length > 0 ? kinds.join(", ") : "none";
}
