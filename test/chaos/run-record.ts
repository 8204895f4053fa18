import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

import { protections } from "#app/domain/pool/protection.ts";
import type { Protection } from "#app/domain/pool/protection.ts";
import type { FinishedRace } from "#test/demo/report.ts";

import type { CourseKind } from "./course.ts";

/** Which run it is: the same again is the same scenario, chances and disruptions, but not the same scheduling. */
export type RunId = { readonly protection: Protection; readonly seed: number };

/** A run as it is kept, a line each. */
export type RunRecord = RunId & {
  readonly commit: string;
  readonly scenario: string;
  readonly isSlow: boolean;
  readonly course: CourseKind | null;
  /** Null: it could not be played to its end, and `trouble` tells why. */
  readonly race: FinishedRace | null;
  readonly trouble: string | null;
};

const count = z.number().int();
const milliseconds = z.array(z.number());

const Race = z.object({
  contest: z.object({ protection: z.enum(protections) }),
  storeCount: count,
  stockUnits: count,
  purchaseAttempts: count,
  soldUnits: count,
  refusedUnits: count,
  failedPayments: count,
  returnedUnits: count,
  oversoldUnits: count,
  maxExposureUnits: count,
  conserved: z.boolean(),
  converged: z.boolean(),
  mistakes: z.array(z.string()),
  timings: z.object({
    propagationMs: milliseconds,
    fanOutMs: milliseconds,
    lockWaitMs: milliseconds,
    accountingMs: milliseconds,
    writeCount: count,
  }),
  faults: z.record(z.string(), count),
  raceMs: z.number(),
  convergenceMs: z.number(),
}) satisfies z.ZodType<FinishedRace>;

const Line = z.object({
  protection: z.enum(protections),
  seed: count,
  commit: z.string(),
  scenario: z.string(),
  isSlow: z.boolean(),
  course: z.enum(["at-once", "rush"]).nullable(),
  race: Race.nullable(),
  trouble: z.string().nullable(),
}) satisfies z.ZodType<RunRecord>;

/** A file holds something else than runs; the message says where. */
export class ResultsFileError extends Error {
  override readonly name = "ResultsFileError";
}

/** Written at once, so that whatever happens next this run is not lost. */
export function appendRecord(file: string, record: RunRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(record, roundMilliseconds)}\n`);
}

/**
 * The runs that a file holds, the last word on each.
 *
 * @param belongs which of them are asked for.
 * @throws ResultsFileError if it holds something else. A last line that was cut off is no run.
 */
export function readRecords(
  file: string,
  belongs: (record: RunRecord) => boolean,
): readonly RunRecord[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  const records = new Map<string, RunRecord>();
  for (const [index, line] of lines.entries()) {
    const record = parseLine(line, `${file}:${index + 1}`);
    if (belongs(record)) records.set(`${record.protection} ${record.seed}`, record);
  }
  return [...records.values()];
}

function parseLine(line: string, place: string): RunRecord {
  try {
    return Line.parse(JSON.parse(line));
  } catch (cause) {
    const advice = "Begin another file, or leave out --resume.";
    throw new ResultsFileError(`${place} is no chaos run as they are kept now. ${advice}`, {
      cause,
    });
  }
}

/** Begins a file anew, and keeps what an earlier call has left there beside it. */
export function setAside(file: string): void {
  if (existsSync(file)) renameSync(file, `${file}.previous`);
}

/** A tenth is finer than what is measured; and a file of ten thousand runs stays small. */
function roundMilliseconds(_: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  return Math.round(value * 10) / 10;
}
