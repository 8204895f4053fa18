import type { Scenario } from "#test/scenarios/scenario.ts";
import { signSessionToken } from "../identity/session-token.ts";
import { isQuiet } from "../simulation.ts";
import type { SimulatedApp, Simulation } from "../simulation.ts";
import { nowMs } from "../world/time.ts";
import { newAction, tellObservers } from "../world/world.ts";
import type { Control } from "./contract.ts";
import { getShop, summarizeShop } from "./find.ts";
import { stockControl } from "./stock-control.ts";
import { storefrontControl } from "./storefront-control.ts";

export type ControlHost = {
  readonly app: SimulatedApp;
  /** The one that runs now. */
  readonly current: () => Simulation;
  readonly load: (scenario: Scenario, options: { readonly keepInstallations: boolean }) => void;
};

/** How often a wait looks again. */
const pollMs = 5;

/** Everything that a test, a demo or a benchmark does to the world, or reads of it. */
export function createControl(host: ControlHost): Control {
  const { app, current } = host;
  const waitUntil = async (isDone: () => boolean, withinMs: number): Promise<boolean> => {
    const deadlineMs = nowMs() + withinMs;
    while (!isDone()) {
      if (nowMs() >= deadlineMs) return false;
      await current().world.timers.pause(pollMs);
    }
    return true;
  };
  const install = (shop: string): void => {
    getShop(current().world, shop);
    current().installations.install(shop, app.config.scopes);
  };

  return {
    ...stockControl(current),
    ...storefrontControl(current, waitUntil),
    loadScenario: ({ scenario, keepInstallations }) => {
      host.load(scenario, { keepInstallations });
      return null;
    },
    reseed: ({ seed }) => {
      current().world.reseed(seed);
      return null;
    },
    setFaults: ({ faults }) => {
      current().world.faults = faults;
      return null;
    },
    shops: () => [...current().world.shops.values()].map((shop) => summarizeShop(current(), shop)),
    stats: () => current().history.stats(),
    history: (query) => current().history.find(query),
    quiet: async ({ withinMs }) => ({
      isQuiet: await waitUntil(() => isQuiet(current()), withinMs),
    }),
    measure: (request) => current().measures.start(request),
    measurement: ({ name }) => found(current().measures.find(name), name),
    stopMeasure: ({ name }) => found(current().measures.stop(name), name),
    sessionToken: ({ shop, userId }) => {
      getShop(current().world, shop);
      const token = signSessionToken({ shop, ...app, userId, nowSeconds: nowMs() / 1000 });
      return { token };
    },
    install: ({ shop, isExpiring }) => {
      install(shop);
      const { scopes } = app.config;
      return current().installations.grantOffline({ shop, scopes, isExpiring });
    },
    uninstall: ({ shop: domain }) => {
      const { world, installations } = current();
      const shop = getShop(world, domain);
      installations.uninstall(domain);
      tellObservers(world, { kind: "app-uninstalled", shop, action: newAction() });
      return null;
    },
    revokeTokens: ({ shop }) => {
      current().installations.revokeTokens(shop);
      return null;
    },
    expireTokens: ({ shop }) => {
      current().installations.expireTokens(shop);
      return null;
    },
    sendWebhook: ({ shop: domain, topic, payload }) => {
      const { world, webhooks } = current();
      const shop = getShop(world, domain);
      webhooks.send({ topic, shop, sku: null, action: newAction(), assemble: () => payload });
      return null;
    },
  };
}

function found<Value>(value: Value | null, name: string): Value {
  if (value === null) throw new Error(`There is no measurement "${name}".`);
  return value;
}
