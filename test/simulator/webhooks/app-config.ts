import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { z } from "zod";

/** One line of what the app wants to hear of. */
export type ConfiguredSubscription = {
  /** As in `inventory_levels/update`. */
  readonly topic: string;
  /** A path, which is the app's own, or a whole address. */
  readonly uri: string;
  readonly includeFields: readonly string[];
  readonly name: string | null;
};

export type AppConfig = {
  readonly scopes: readonly string[];
  readonly webhookApiVersion: string;
  readonly subscriptions: readonly ConfiguredSubscription[];
};

const AppToml = z.object({
  access_scopes: z.object({ scopes: z.string().default("") }).optional(),
  webhooks: z
    .object({
      api_version: z.string(),
      subscriptions: z
        .array(
          z.object({
            topics: z.array(z.string()).default([]),
            compliance_topics: z.array(z.string()).default([]),
            uri: z.string(),
            include_fields: z.array(z.string()).default([]),
            name: z.string().optional(),
          }),
        )
        .default([]),
    })
    .optional(),
});

/** The version that the simulator speaks, which is what an app without a configuration gets. */
export const apiVersion = "2026-10";

/** An app that has told nothing: it may do everything and is told of nothing. */
export const emptyAppConfig: AppConfig = {
  scopes: [],
  webhookApiVersion: apiVersion,
  subscriptions: [],
};

/** Reads `shopify.app.toml` as `shopify app deploy` would. Throws for a file that is not one. */
export function readAppConfig(path: string): AppConfig {
  const toml = AppToml.parse(parse(readFileSync(path, "utf8")));
  return {
    scopes: (toml.access_scopes?.scopes ?? "")
      .split(",")
      .map((scope) => scope.trim())
      .filter((scope) => scope !== ""),
    webhookApiVersion: toml.webhooks?.api_version ?? apiVersion,
    subscriptions: (toml.webhooks?.subscriptions ?? []).flatMap((subscription) =>
      [...subscription.topics, ...subscription.compliance_topics].map((topic) => ({
        topic,
        uri: subscription.uri,
        includeFields: subscription.include_fields,
        name: subscription.name ?? null,
      })),
    ),
  };
}
