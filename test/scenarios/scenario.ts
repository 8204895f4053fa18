import { z } from "zod";

/**
 * One file format for the demo, the chaos runs, the end-to-end tests and the benchmarks: a small world of
 * shops, their stock, the location groups over them, the shoppers that come, and what goes wrong.
 *
 * The simulator reads shops, products, shoppers, latency and faults. `npm run scenario -- apply` reads
 * shops and groups and speaks only Shopify's public protocol, so that any stand-in (or real development
 * stores) holding the same shops and SKUs will do.
 *
 * Units: `…Ms` milliseconds, `…Units` whole units of stock, `…Points` Admin API cost points,
 * probabilities from 0 to 1.
 */

const shopDomain = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/, "must look like store-1.myshopify.com");
const probability = z.number().min(0).max(1);
const units = z.number().int().min(-1_000_000).max(1_000_000);
const durationMs = z.number().min(0).max(86_400_000);

/** A duration that is the same every time, or lognormal through the two given percentiles. */
const duration = z.union([
  durationMs,
  z.strictObject({ p50Ms: durationMs.min(0.1), p99Ms: durationMs.min(0.1) }),
]);

const shop = z.strictObject({
  domain: shopDomain,
  name: z.string().min(1).optional(),
  /** Sets the Admin API bucket: 100, 200, 1000 or 2000 points a second. */
  plan: z.enum(["standard", "advanced", "plus", "enterprise"]).default("standard"),
  /** Overrides the plan's restore rate; the bucket holds 20 seconds of it unless `bucketPoints` says otherwise. */
  pointsPerSecond: z.number().positive().optional(),
  bucketPoints: z.number().positive().optional(),
  /** Location names; the first is where online orders are taken from first. */
  locations: z.array(z.string().min(1)).min(1).default(["Warehouse"]),
});

const product = z.strictObject({
  sku: z.string().min(1),
  title: z.string().min(1).optional(),
  barcode: z.string().optional(),
  tracked: z.boolean().default(true),
  /** Shopify's inventory policy: `continue` sells below zero. */
  policy: z.enum(["deny", "continue"]).default("deny"),
  /** `available` per shop: one number for its first location, or a number per location name. */
  stock: z.record(shopDomain, z.union([units, z.record(z.string(), units)])),
});

const group = z.strictObject({
  name: z.string().min(1),
  protection: z.enum(["strict", "balanced", "mirror"]),
  members: z.array(
    z.strictObject({ shop: shopDomain, location: z.string().min(1).default("Warehouse") }),
  ),
  skus: z.array(z.string().min(1)).min(1),
  /** What the pool holds when the group opens: the stores' sum, their minimum, one store that is right, or a typed number. */
  openingCount: z
    .discriminatedUnion(
      "kind",
      [
        z.strictObject({ kind: z.literal("sum") }),
        z.strictObject({ kind: z.literal("minimum") }),
        z.strictObject({ kind: z.literal("store"), shop: shopDomain }),
        z.strictObject({ kind: z.literal("typed"), units: units.min(0) }),
      ],
      'must be "sum", "minimum", "store" or "typed"',
    )
    .default({ kind: "minimum" }),
  /** The wait before taken units are free; must be longer than the longest payment in progress. */
  drainMs: durationMs.default(600_000),
  /** What a balanced pool decides by, where it is not as usual. */
  balance: z
    .strictObject({
      /** The probability of an oversell that is accepted each time the stock ends. */
      oversellRisk: z.number().gt(0).lt(1),
      /** How long quotas stay at least, and for how long sales must have been watched. */
      quotasAtLeastMs: durationMs,
      historyAtLeastMs: durationMs,
      /** How old what is known of a store may be in a mirror. */
      confirmWithinMs: durationMs,
      plannedUnitsPerHour: z.number().min(0),
    })
    .partial()
    .default({}),
});

const purchase = {
  sku: z.string().min(1),
  quantity: z.number().int().min(1).max(1000).default(1),
  /** How long the payment is in progress: the store holds the units, `available` does not show it. */
  paymentMs: duration.default(0),
  /** Share of payments that fail, and of shoppers who leave while paying (the hold then ends by itself). */
  failShare: probability.default(0),
  abandonShare: probability.default(0),
};

const shoppers = z.discriminatedUnion(
  "kind",
  [
    /** One shopper, at one store, at one moment. */
    z.strictObject({
      kind: z.literal("one"),
      atMs: durationMs.default(0),
      shop: shopDomain,
      ...purchase,
    }),
    /** `count` shoppers spread evenly at random over `overMs`, round robin over the shops (0: all at once). */
    z.strictObject({
      kind: z.literal("burst"),
      atMs: durationMs.default(0),
      overMs: durationMs.default(0),
      count: z.number().int().min(1).max(100_000),
      shops: z.array(shopDomain).min(1).optional(),
      ...purchase,
    }),
    /** Poisson arrivals at `perHour` over all the shops for `forMs`. */
    z.strictObject({
      kind: z.literal("stream"),
      atMs: durationMs.default(0),
      forMs: durationMs,
      perHour: z.number().positive(),
      shops: z.array(shopDomain).min(1).optional(),
      ...purchase,
    }),
  ],
  'must be "one", "burst" or "stream"',
);

const faults = z.strictObject({
  webhooks: z
    .strictObject({
      drop: probability.default(0),
      duplicate: probability.default(0),
      /** Late deliveries: with this probability a delivery waits `lateMs` more; later ones overtake it. */
      late: probability.default(0),
      lateMs: duration.default(2_000),
    })
    .prefault({}),
  api: z
    .strictObject({
      /** The request never arrives; the caller sees a reset connection. */
      requestLost: probability.default(0),
      /** The mutation is applied, and its answer never comes: the caller times out or sees a reset. */
      answerLost: probability.default(0),
      /** 500 before anything was applied, 502 after it was. */
      errorBefore: probability.default(0),
      errorAfter: probability.default(0),
      /** THROTTLED although the bucket has points. */
      throttled: probability.default(0),
      /** The request is held and takes effect only after the caller has given up. */
      appliedLate: probability.default(0),
      appliedLateMs: duration.default(8_000),
    })
    .prefault({}),
});

export const Scenario = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  latency: z
    .strictObject({
      /** Round trip of an Admin API call. */
      apiMs: duration.default(0),
      /** From a change in a store to the delivery of its webhook. */
      webhookMs: duration.default(0),
    })
    .prefault({}),
  shops: z.array(shop).min(1).max(1_000),
  products: z.array(product).min(1),
  groups: z.array(group).default([]),
  shoppers: z.array(shoppers).default([]),
  faults: faults.prefault({}),
});

export type Scenario = z.infer<typeof Scenario>;
export type ScenarioFaults = Scenario["faults"];
export type ScenarioDuration = z.infer<typeof duration>;
