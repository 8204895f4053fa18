import type { Scenario } from "#test/scenarios/scenario.ts";
import { createAdminEndpoint } from "./admin/endpoint.ts";
import type { AdminEndpoint } from "./admin/endpoint.ts";
import { loadAdminSchema } from "./admin/schema.ts";
import { createMeasures } from "./control/measure.ts";
import type { Measures } from "./control/measure.ts";
import { createHistory } from "./history.ts";
import type { History } from "./history.ts";
import type { Installations } from "./identity/installations.ts";
import { createShoppers } from "./storefront/shoppers.ts";
import type { Shoppers } from "./storefront/shoppers.ts";
import type { AppConfig } from "./webhooks/app-config.ts";
import { messagesOf } from "./webhooks/messages.ts";
import type { Post } from "./webhooks/post.ts";
import { createWebhookSender } from "./webhooks/sender.ts";
import type { WebhookSender } from "./webhooks/sender.ts";
import { createSubscriptions } from "./webhooks/subscriptions.ts";
import { createWorld } from "./world/world.ts";
import type { World } from "./world/world.ts";

export type SimulatedApp = {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly config: AppConfig;
};

/** One world and everything that goes on in it. Another scenario is another simulation. */
export type Simulation = {
  readonly world: World;
  readonly history: History;
  readonly installations: Installations;
  readonly admin: AdminEndpoint;
  readonly webhooks: WebhookSender;
  readonly shoppers: Shoppers;
  readonly measures: Measures;
  /** Payments in progress that are no scenario shopper's. */
  purchasesInPayment: number;
};

export function createSimulation({
  scenario,
  app,
  installations,
  post,
}: {
  readonly scenario: Scenario;
  readonly app: SimulatedApp;
  readonly installations: Installations;
  readonly post: Post;
}): Simulation {
  const world = createWorld(scenario);
  const history = createHistory(world);
  // Before the webhooks: who is told of a change finds the judge knowing it.
  const measures = createMeasures(world);
  const subscriptions = createSubscriptions(app.config.subscriptions);
  const webhooks = createWebhookSender({
    world,
    history,
    subscriptions,
    post,
    apiSecret: app.apiSecret,
    apiVersion: app.config.webhookApiVersion,
  });
  world.observers.push((event) => {
    const isTold = event.kind === "app-uninstalled" || installations.isInstalled(event.shop.domain);
    if (isTold) messagesOf(event).forEach(webhooks.send);
  });
  return {
    world,
    history,
    installations,
    measures,
    webhooks,
    shoppers: createShoppers(world),
    admin: createAdminEndpoint({
      world,
      history,
      schema: loadAdminSchema(),
      installations,
      subscriptions,
      apiKey: app.apiKey,
    }),
    purchasesInPayment: 0,
  };
}

/** Whether nobody shops, pays, or waits for a message any more. */
export function isQuiet({ shoppers, webhooks, purchasesInPayment }: Simulation): boolean {
  return shoppers.isDone() && purchasesInPayment === 0 && webhooks.pendingCount() === 0;
}
