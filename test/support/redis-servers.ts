import { createConnection } from "node:net";

import { findFreePort } from "#app/adapters/free-port.server.ts";

import { startProcess } from "./child-process.ts";
import type { StartedProcess } from "./child-process.ts";
import { ensureRedisServer } from "./machine-tools.ts";

export type RedisServer = StartedProcess & { readonly url: string; readonly port: number };

/** Starts real, independent Redis nodes that keep nothing on disk, each on a free port. */
export function startRedisServers(count: number): Promise<readonly RedisServer[]> {
  return Promise.all(Array.from({ length: count }, () => startRedisServer()));
}

/** @param wantedPort where a node that was killed comes back; a free one without it. */
export async function startRedisServer(wantedPort?: number): Promise<RedisServer> {
  const port = wantedPort ?? (await findFreePort());
  const server = await startProcess({
    name: `redis-server on ${port}`,
    command: [
      ensureRedisServer(),
      ...["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    ],
    isReady: () => answersPing(port),
  });
  return { ...server, port, url: `redis://127.0.0.1:${port}` };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = createConnection({ host: "127.0.0.1", port }, () => socket.write("PING\r\n"));
    const finish = (answer: boolean) => {
      socket.destroy();
      settle(answer);
    };
    socket.once("data", (bytes) => {
      finish(bytes.toString().startsWith("+PONG"));
    });
    socket.once("error", () => {
      finish(false);
    });
  });
}
