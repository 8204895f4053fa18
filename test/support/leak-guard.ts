/**
 * Runs around every test file: a test fails when it leaves a process, a server, a connection or a timer
 * behind, or prints an error that it did not expect. A test that expects one replaces console.error.
 */
import { readFileSync, readdirSync } from "node:fs";
import { afterAll, afterEach, beforeEach } from "vitest";

import { waitFor } from "./wait-for.ts";

/** What a finished test may not hold. File and pipe handles are the test runner's own. */
const guardedResources = new Set([
  "Timeout",
  "Immediate",
  "TCPServerWrap",
  "TCPSocketWrap",
  "TLSWrap",
  "ProcessWrap",
]);

/** Sockets close and killed processes are reaped a moment after they were told to; on a busy machine, later. */
const settleWithinMs = 15_000;

const before = { resources: countResources(), children: childProcesses() };
let unexpectedErrors: string[] = [];

beforeEach(() => {
  unexpectedErrors = [];
  const print = console.error;
  console.error = (...args: unknown[]) => {
    unexpectedErrors.push(args.map(String).join(" "));
    print(...args);
  };
  return () => {
    console.error = print;
  };
});

afterEach(() => {
  if (unexpectedErrors.length > 0) {
    throw new Error(`The test logged an unexpected error: ${unexpectedErrors.join("\n")}`);
  }
});

afterAll(async () => {
  await waitFor("nothing to be left behind", () => findLeaks().length === 0, {
    withinMs: settleWithinMs,
  }).catch(() => {
    throw new Error(`The tests of this file left behind: ${findLeaks().join(", ")}.`);
  });
});

function findLeaks(): readonly string[] {
  const resources = [...countResources()].flatMap(([type, count]) => {
    const leaked = count - (before.resources.get(type) ?? 0);
    return leaked > 0 ? [`${leaked} × ${type}`] : [];
  });
  const known = new Set(before.children.map(({ pid }) => pid));
  const children = childProcesses().filter(({ pid }) => !known.has(pid));
  return [...resources, ...children.map(({ pid, name }) => `process ${name} (${pid})`)];
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) {
    if (guardedResources.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}

/** Also those that were unreferenced and so keep nothing alive. Linux only: it has /proc. */
function childProcesses(): readonly { readonly pid: number; readonly name: string }[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      const stat = readStat(entry);
      // "pid (name) state parent …"; a name may hold spaces and brackets.
      const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
      const parent = Number(rest?.split(" ")[1]);
      return parent === process.pid && name ? [{ pid: Number(entry), name }] : [];
    });
}

function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return ""; // it ended while the list was read
  }
}
