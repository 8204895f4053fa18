import type { TraceEntry } from "./trace.ts";

/** How a thing that happened is told; `details` are the numbers noted with it. */
type Telling = (...details: readonly (number | undefined)[]) => string;

const store = (index: number | undefined): string => `Store ${(index ?? 0) + 1}`;
const units = (count: number | undefined): string =>
  count === 1 ? "1 unit" : `${count ?? 0} units`;
const process = (index: number | undefined): string => `Process ${(index ?? 0) + 1}`;

/** What a reader wants to know, in words; what is not here is told by the name it is counted under. */
const tellings: Readonly<Record<string, Telling>> = {
  "payment starts": (_, at, count) => `${store(at)}: a shopper begins to pay for ${units(count)}.`,
  "payment fails": (_, at, count) => `${store(at)}: the payment for ${units(count)} fails.`,
  "refused at checkout": (at) => `${store(at)}: a shopper is told that it is sold out.`,
  sold: (_, at, count) => `${store(at)}: ${units(count)} sold.`,
  "sold below the level": () => "  The store showed fewer: a take came while it was being paid.",
  "sold unguarded": (_, at, count) =>
    `${store(at)}: ${units(count)} sold without asking the stock.`,
  refunded: (_, at, count) => `${store(at)}: ${units(count)} given back.`,
  restocked: (_, at, count) => `${store(at)}: ${units(count)} came in.`,
  dispatched: (_, at, number) => `The app sends operation ${number ?? 0} to ${store(at)}.`,
  applied: (_, at, number, delta) =>
    `${store(at)}: operation ${number ?? 0} changes the level by ${delta ?? 0}.`,
  "request lost": () => "  The request is lost on its way.",
  "request late": () => "  The request is late: it arrives after its sender has given up.",
  "answer lost": () => "  Its answer will be lost.",
  "error after the effect": () => "  The store answers with an error, and has done it.",
  replayed: () => "  The store knows the key, and answers as it did before.",
  crash: (at) => `${process(at)} crashes.`,
  start: (at) => `${process(at)} starts.`,
  stall: (at) => `${process(at)} is stopped for a while.`,
  "dispatch taken over": () => "Another process takes a dispatch over and sends it again.",
  "item disconnected": (at) => `${store(at)}: the item is taken off the location.`,
  "item connected": (at) => `${store(at)}: the item is back at the location.`,
  "store closes": (at) => `${store(at)} closes to the app, and goes on selling.`,
  "store opens": (at) => `${store(at)} opens to the app again.`,
  paused: () => "The merchant pauses the pool.",
  quiet: () => "From here on nothing fails and nobody comes.",
  rests: () => "Nothing is left to do.",
  step: (_, free, ledger, ...expected) =>
    `The app steps: of ${units(ledger)} ${free ?? 0} are free, stores show ${expected.join(", ")}.`,
};

/** Said after every event of a pool that promises: a reader knows it from the steps. */
const untold = new Set(["guaranteed", "webhook dropped", "webhook doubled", "webhook known"]);

/** What happened, as it would be told: who bought what where, and what the app did. */
export function storyOf(entries: readonly TraceEntry[]): readonly string[] {
  return entries
    .filter(({ what }) => !untold.has(what))
    .map(({ atMs, what, details }) => {
      const told = tellings[what]?.(...details) ?? `${what} ${details.join(" ")}`.trimEnd();
      return `${(atMs / 1_000).toFixed(2).padStart(7)} s  ${told}`;
    });
}
