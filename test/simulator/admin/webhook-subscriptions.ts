import { apiVersion } from "../webhooks/app-config.ts";
import type { ApiSubscription } from "../webhooks/subscriptions.ts";
import { parseGid, toGid } from "../world/gid.ts";
import { nowMs, toIsoSeconds } from "../world/time.ts";
import { toEnum } from "./query-root.ts";
import type { AdminContext, TypeResolvers } from "./resolver.ts";

type SubscriptionInput = {
  readonly uri?: string | null;
  readonly callbackUrl?: string | null;
  readonly includeFields?: readonly string[] | null;
  readonly name?: string | null;
  readonly filter?: string | null;
};

const firstSubscriptionId = 1_500_000_000_001;

/** Topics whose names have more than one slash's worth of underscores: those that this simulator sends. */
const knownTopics = [
  "app/uninstalled",
  "inventory_items/update",
  "inventory_levels/connect",
  "inventory_levels/disconnect",
  "inventory_levels/update",
  "locations/update",
  "orders/cancelled",
  "orders/create",
  "orders/paid",
  "orders/updated",
  "products/delete",
  "products/update",
  "refunds/create",
];

export const webhookMutations: TypeResolvers = {
  webhookSubscriptionCreate: (
    _root: unknown,
    args: { readonly topic: string; readonly webhookSubscription: SubscriptionInput },
    { shop, subscriptions, world }: AdminContext,
  ) => {
    const { webhookSubscription: input } = args;
    const topic = toTopic(args.topic);
    const uri = input.uri ?? input.callbackUrl ?? "";
    const problem = addressProblem(uri);
    if (problem !== null) return refuse(problem);
    const isTaken = subscriptions
      .listOfShop(shop.domain)
      .some((one) => one.topic === topic && one.uri === uri);
    if (isTaken) return refuse("Address for this topic has already been taken");
    const subscription: ApiSubscription = {
      kind: "WebhookSubscription",
      id: firstSubscriptionId + world.nextNumber("subscription"),
      topic,
      uri,
      includeFields: input.includeFields ?? [],
      name: input.name ?? null,
      createdAtMs: nowMs(),
      failuresInARow: 0,
    };
    subscriptions.add(shop.domain, subscription);
    return { webhookSubscription: subscription, userErrors: [] };
  },
  webhookSubscriptionDelete: (
    _root: unknown,
    { id }: { readonly id: string },
    { shop, subscriptions }: AdminContext,
  ) => {
    const number = parseGid("WebhookSubscription", id) ?? -1;
    return subscriptions.remove(shop.domain, number)
      ? { deletedWebhookSubscriptionId: id, userErrors: [] }
      : {
          deletedWebhookSubscriptionId: null,
          userErrors: [{ field: ["id"], message: "Webhook subscription does not exist" }],
        };
  },
};

export const webhookSubscriptionResolvers: TypeResolvers = {
  id: ({ id }: ApiSubscription) => toGid("WebhookSubscription", id),
  legacyResourceId: ({ id }: ApiSubscription) => String(id),
  topic: ({ topic }: ApiSubscription) => toEnum(topic),
  uri: ({ uri }: ApiSubscription) => uri,
  callbackUrl: ({ uri }: ApiSubscription) => uri,
  endpoint: ({ uri }: ApiSubscription) => ({ kind: "WebhookHttpEndpoint", callbackUrl: uri }),
  includeFields: ({ includeFields }: ApiSubscription) => includeFields,
  name: ({ name }: ApiSubscription) => name,
  filter: () => null,
  format: () => "JSON",
  apiVersion: () => ({ handle: apiVersion, displayName: apiVersion, supported: true }),
  createdAt: ({ createdAtMs }: ApiSubscription) => toIsoSeconds(createdAtMs),
};

/** Shopify takes https only; the app under test answers on loopback, which is let through. */
function addressProblem(uri: string): string | null {
  if (uri === "") return "Address can't be blank";
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (!url) return "Address is invalid";
  if (url.protocol === "https:" || ["127.0.0.1", "localhost"].includes(url.hostname)) return null;
  return `Address protocol ${url.protocol}// is not supported`;
}

function toTopic(topic: string): string {
  const known = knownTopics.find((candidate) => toEnum(candidate) === topic);
  return known ?? topic.toLowerCase().replace(/_([a-z]+)$/, "/$1");
}

function refuse(message: string): object {
  return {
    webhookSubscription: null,
    userErrors: [{ field: ["webhookSubscription", "callbackUrl"], message }],
  };
}
