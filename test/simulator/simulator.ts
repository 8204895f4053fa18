import type { AddressInfo } from "node:net";

import { Scenario } from "#test/scenarios/scenario.ts";
import { createControl } from "./control/control.ts";
import { createHttpServer } from "./http-server.ts";
import { createInstallations } from "./identity/installations.ts";
import type { Installations } from "./identity/installations.ts";
import { createSimulation } from "./simulation.ts";
import type { SimulatedApp, Simulation } from "./simulation.ts";
import { emptyAppConfig, readAppConfig } from "./webhooks/app-config.ts";
import type { AppConfig } from "./webhooks/app-config.ts";
import { createPost } from "./webhooks/post.ts";

export type SimulatorOptions = {
  /** 0, which is standard: any that is free. */
  readonly port?: number;
  /** Where webhooks go: to each in turn, and to the next when one takes no connections. */
  readonly appUrls: readonly string[];
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The app's shopify.app.toml, or what stands in it; without it the app may do everything and is told of nothing. */
  readonly config?: string | AppConfig;
  /** Without it, one shop with one product. */
  readonly scenario?: Scenario;
  /** How long an expiring access token is good for. Shopify: one hour. */
  readonly accessTokenSeconds?: number;
};

export type RunningSimulator = {
  readonly url: string;
  readonly port: number;
  /** Nothing is sent, listened to or waited for any more. */
  readonly stop: () => Promise<void>;
};

const hourSeconds = 3_600;

/** A world to begin with, until a scenario is loaded. */
const firstScenario = Scenario.parse({
  name: "one-shop",
  shops: [{ domain: "store-1.myshopify.com" }],
  products: [{ sku: "SKU-1", stock: { "store-1.myshopify.com": 10 } }],
});

/** Starts a Shopify on loopback. */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const { apiKey, apiSecret, config = emptyAppConfig } = options;
  const app: SimulatedApp = {
    apiKey,
    apiSecret,
    config: typeof config === "string" ? readAppConfig(config) : config,
  };
  const accessTokenSeconds = options.accessTokenSeconds ?? hourSeconds;
  const { post, close } = createPost(options.appUrls);

  const begin = (scenario: Scenario, installations: Installations): Simulation =>
    createSimulation({ scenario, app, installations, post });
  let current = begin(
    options.scenario ?? firstScenario,
    createInstallations({ accessTokenSeconds }),
  );
  const load = (
    scenario: Scenario,
    { keepInstallations }: { keepInstallations: boolean },
  ): void => {
    current.world.timers.clear();
    const installations = keepInstallations
      ? current.installations
      : createInstallations({ accessTokenSeconds });
    current = begin(scenario, installations);
  };

  const control = createControl({ app, current: () => current, load });
  const server = createHttpServer({ app, control, current: () => current });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stop: async () => {
      current.world.timers.clear();
      close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
