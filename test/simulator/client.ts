import { Agent, request as startRequest } from "node:http";

import { controlInputs } from "./control/inputs.ts";
import type { ControlArgument, ControlName } from "./control/inputs.ts";
import type { ControlOutputs } from "./control/outputs.ts";

export type { Measurement } from "./control/measure.ts";
export type { ShopperProgress } from "./storefront/shoppers.ts";

/** Those that need to be told nothing may be called with nothing. */
type Arguments<Name extends ControlName> =
  Record<string, never> extends ControlArgument<Name>
    ? [argument?: ControlArgument<Name>]
    : [argument: ControlArgument<Name>];

/** The control API, a function each; control/inputs.ts tells what each takes and means. */
export type SimulatorClient = {
  readonly [Name in ControlName]: (...args: Arguments<Name>) => Promise<ControlOutputs[Name]>;
} & { readonly url: string; readonly close: () => void };

/**
 * Speaks to a simulator. A request that the simulator refuses rejects with its sentence; waiting ones
 * (`purchase`, `quiet`, `waitForShoppers`) take as long as they take.
 */
export function createSimulatorClient(url: string): SimulatorClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const calls = Object.fromEntries(
    Object.keys(controlInputs).map((name) => [
      name,
      (argument: object = {}) => post(new URL(`/_control/${name}`, url), argument, agent),
    ]),
  );
  const close = (): void => {
    agent.destroy();
  };
  // The names and types are those of controlInputs and ControlOutputs, which the compiler cannot see here.
  return { ...calls, url, close } as unknown as SimulatorClient;
}

function post(url: URL, argument: object, agent: Agent): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const body = Buffer.from(JSON.stringify(argument));
    const outgoing = startRequest(url, {
      method: "POST",
      agent,
      headers: { "content-type": "application/json", "content-length": body.byteLength },
    });
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
          readonly result?: unknown;
          readonly error?: string;
        };
        if (answer.error === undefined) resolve(answer.result);
        else reject(new Error(`${url.pathname}: ${answer.error}`));
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
