import { reportRows } from "#test/demo/report-text.ts";

import type { RunRecord } from "../run-record.ts";

import { tellProof } from "./chaos-report.ts";
import type { ChaosLevelReport, ChaosReport } from "./chaos-report.ts";
import { escapeText } from "./markup.ts";
import { drawBars, drawCounts, drawDurations } from "./plots.ts";
import type { Series } from "./plots.ts";

type Race = NonNullable<RunRecord["race"]>;

/** The report as one page that needs nothing else: no script, no font, no network. */
export function drawReport(report: ChaosReport, records: readonly RunRecord[]): string {
  const races = records.flatMap(({ race }) => race ?? []);
  const seriesOf = (valuesOf: (race: Race) => readonly number[]): readonly Series[] =>
    report.levels.map(({ protection }) => ({
      name: protection,
      style: protection,
      values: races.filter(({ contest }) => contest.protection === protection).flatMap(valuesOf),
    }));
  const plots = [
    drawCounts(
      "Highest exposure of each run, in units: above 0 a unit could have been sold twice",
      seriesOf((race) => [race.maxExposureUnits]),
    ),
    drawCounts(
      "Units that were sold and did not exist, in each run",
      seriesOf((race) => [race.oversoldUnits]),
    ),
    drawDurations(
      "Lock wait of each event: share that waited no longer",
      seriesOf(({ timings }) => timings.lockWaitMs),
    ),
    drawDurations(
      "Propagation: webhook received to every store acknowledged",
      seriesOf(({ timings }) => timings.propagationMs),
    ),
    drawDurations(
      "Event received to accounted for, whoever had been killed meanwhile",
      seriesOf(({ timings }) => timings.accountingMs),
    ),
    drawDurations(
      "Last shopper gone to all stores and books in agreement",
      seriesOf((race) => [race.convergenceMs]),
    ),
    drawBars("What went wrong, all runs together", addUp(report)),
  ];
  const title = `Chaos: ${records.length} runs of the ${escapeText(report.scenario)} scenario`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
<main>
<h1>${title}</h1>
<p>Seeds ${report.seed} to ${report.lastSeed}, commit <code>${escapeText(report.commit.slice(0, 12))}</code>.
Real PostgreSQL, Redis, web and worker processes; what was sold is counted by the simulated stores, and
the app has no part in it.</p>
${report.levels.map(drawVerdict).join("\n")}
${report.troubles.map((trouble) => `<p class="verdict bad">${escapeText(trouble)}</p>`).join("\n")}
${drawTable(report)}
<section class="plots">${plots.join("\n")}</section>
</main>
</html>
`;
}

function drawVerdict(level: ChaosLevelReport): string {
  const isKept = level.protection === "mirror" || level.oversoldRuns === 0;
  return (
    `<p class="verdict ${isKept ? "good" : "bad"}"><b class="key ${level.protection}">` +
    `${level.protection}</b> ${escapeText(tellProof(level))}</p>`
  );
}

function drawTable({ levels }: ChaosReport): string {
  const head = levels.map(({ protection }) => `<th scope="col">${protection}</th>`).join("");
  const rows = reportRows.map(([label, valueOf]) => {
    const cells = levels.map((level) => `<td>${escapeText(valueOf(level))}</td>`).join("");
    return `<tr><th scope="row">${escapeText(label)}</th>${cells}</tr>`;
  });
  return `<table><tr><th></th>${head}</tr>\n${rows.join("\n")}\n</table>`;
}

function addUp({ levels }: ChaosReport): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [kind, count] of levels.flatMap(({ faults }) => Object.entries(faults))) {
    total[kind] = (total[kind] ?? 0) + count;
  }
  return total;
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #444); --soft: light-dark(#666, #aaa);
  --strict: light-dark(#0a6b4f, #4fd1a5); --balanced: light-dark(#1f5fbf, #7db3ff);
  --mirror: light-dark(#b3541e, #ffab70); }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 16px; }
h1 { font-size: 1.4rem; line-height: 1.25; }
table { border-collapse: collapse; width: 100%; max-width: 760px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 8px 4px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
@media (max-width: 480px) { table { font-size: 12px; } }
th[scope=row] { font-weight: 400; color: var(--soft); }
.verdict { border-left: 4px solid; padding-left: 10px; margin: 8px 0; }
.good { border-color: var(--strict); } .bad { border-color: #c00; }
.plots { display: grid; gap: 24px 32px; margin-top: 24px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); align-items: start; }
figure { margin: 0; } figcaption { margin-bottom: 6px; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 10px; fill: var(--soft); } .grid { stroke: var(--line); stroke-width: 1; }
.curve { fill: none; stroke-width: 1.8; } .bar.plain { fill: var(--balanced); }
.curve.strict { stroke: var(--strict); } .bar.strict { fill: var(--strict); }
.curve.balanced { stroke: var(--balanced); } .bar.balanced { fill: var(--balanced); }
.curve.mirror { stroke: var(--mirror); } .bar.mirror { fill: var(--mirror); }
.key { font-weight: 600; white-space: nowrap; margin-right: 6px; }
.key.strict { color: var(--strict); } .key.balanced { color: var(--balanced); }
.key.mirror { color: var(--mirror); }
`;
