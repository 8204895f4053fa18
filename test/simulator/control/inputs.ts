import { z } from "zod";

import { Scenario } from "#test/scenarios/scenario.ts";

const shop = z.string();
const sku = z.string();
const location = z.string().optional();
const orderId = z.number();
/** Fewer than a thousand days. */
const withinMs = z.number().min(0).max(86_400_000).default(30_000);

/**
 * What the control API takes, by the name of the request. `shop` is a domain; `location` a name, without
 * which the shop's first location is meant.
 */
export const controlInputs = {
  /**
   * Replaces the world. The app is installed nowhere then, unless `keepInstallations`: the tokens that it
   * has go on working, in shops of the same domains.
   */
  loadScenario: z.strictObject({
    scenario: Scenario,
    keepInstallations: z.boolean().default(false),
  }),
  /** From here on chance is that of a world with this seed: several runs of their own in one world. */
  reseed: z.strictObject({ seed: z.number().int().min(0) }),
  setFaults: z.strictObject({ faults: Scenario.shape.faults }),
  shops: z.strictObject({}),
  stats: z.strictObject({}),
  history: z.strictObject({
    shop: shop.optional(),
    sku: sku.optional(),
    kinds: z
      .array(z.enum(["level", "order", "order-cancelled", "refund", "refused", "webhook", "api"]))
      .optional(),
    sinceSeq: z.number().optional(),
    /** So many at most: the newest, in the order in which they happened. */
    limit: z.number().int().min(1).optional(),
  }),
  /** Whether nothing is pending; waits for it at most so long. */
  quiet: z.strictObject({ withinMs }),

  level: z.strictObject({ shop, sku, location }),
  /** The merchant types a number. `countsAsReceived`: the goods in the building changed by as much. */
  setStock: z.strictObject({
    shop,
    sku,
    location,
    units: z.number().int(),
    countsAsReceived: z.boolean().default(true),
  }),
  adjust: z.strictObject({
    shop,
    sku,
    location,
    deltaUnits: z.number().int(),
    countsAsReceived: z.boolean().default(true),
  }),
  setVariant: z.strictObject({
    shop,
    sku,
    policy: z.enum(["deny", "continue"]).optional(),
    tracked: z.boolean().optional(),
  }),
  setLocationActive: z.strictObject({ shop, location: z.string(), isActive: z.boolean() }),
  deleteLocation: z.strictObject({ shop, location: z.string() }),
  connect: z.strictObject({ shop, sku, location: z.string(), units: z.number().int().default(0) }),
  disconnect: z.strictObject({ shop, sku, location: z.string() }),
  deleteProduct: z.strictObject({ shop, sku }),

  purchase: z.strictObject({
    shop,
    sku,
    quantity: z.number().int().min(1).default(1),
    paymentMs: z.number().min(0).default(0),
    outcome: z.enum(["pay", "fail", "abandon"]).default("pay"),
  }),
  posSale: z.strictObject({ shop, sku, location, quantity: z.number().int().min(1).default(1) }),
  cancelOrder: z.strictObject({ shop, orderId, restock: z.boolean().default(true) }),
  /** Adds units to the order, or takes units off it. */
  editOrder: z.strictObject({
    shop,
    orderId,
    deltaUnits: z.number().int(),
    restock: z.boolean().default(true),
  }),
  refund: z.strictObject({
    shop,
    orderId,
    quantity: z.number().int().min(1).default(1),
    restock: z.boolean(),
  }),
  /** Without a list, the scenario's own. */
  startShoppers: z.strictObject({ shoppers: Scenario.shape.shoppers.unwrap().optional() }),
  shopperProgress: z.strictObject({}),
  waitForShoppers: z.strictObject({ withinMs }),

  measure: z.strictObject({
    name: z.string(),
    sku,
    initialUnits: z.number().int(),
    members: z.array(z.strictObject({ shop, location })).min(1),
  }),
  measurement: z.strictObject({ name: z.string() }),
  stopMeasure: z.strictObject({ name: z.string() }),

  /** What App Bridge gives a page in the admin of the shop: good for one minute. */
  sessionToken: z.strictObject({ shop, userId: z.string().default("1") }),
  /** Installs the app and hands out tokens, as the first token exchange does. */
  install: z.strictObject({ shop, isExpiring: z.boolean().default(true) }),
  uninstall: z.strictObject({ shop }),
  /** All access and refresh tokens stop working; the app stays installed. */
  revokeTokens: z.strictObject({ shop }),
  /** The access tokens are over; refreshing still works. */
  expireTokens: z.strictObject({ shop }),
  /** A message that no change in the world causes, such as `shop/redact`. */
  sendWebhook: z.strictObject({
    shop,
    topic: z.string(),
    payload: z.record(z.string(), z.unknown()),
  }),
} as const;

export type ControlName = keyof typeof controlInputs;
export type ControlInput<Name extends ControlName> = z.infer<(typeof controlInputs)[Name]>;
export type ControlArgument<Name extends ControlName> = z.input<(typeof controlInputs)[Name]>;
