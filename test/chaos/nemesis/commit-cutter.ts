import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

import type { CommitCut } from "./plan.ts";

/** Stands between the app and PostgreSQL, and breaks connections at the worst moment there is. */
export type CommitCutter = {
  /** The database as the app is to know it. */
  readonly url: string;
  /** The next commits are cut, one for each given, in whatever connection they come. */
  readonly cut: (cuts: readonly CommitCut[]) => void;
  /** Those that are still waiting for a commit are given up. */
  readonly stopCutting: () => void;
  /** How many commits were cut so far, by how. */
  readonly counts: () => Readonly<Record<CommitCut, number>>;
  readonly close: () => Promise<void>;
};

/**
 * As the app's driver sends it, in a message of its own: the text ends with a zero, which no text that is
 * kept in PostgreSQL can contain.
 */
const commitText = Buffer.from("COMMIT\0");

/** Passes everything on, byte for byte, but for the commits that are cut. */
export async function openCommitCutter(databaseUrl: string): Promise<CommitCutter> {
  const target = new URL(databaseUrl);
  const waiting: CommitCut[] = [];
  const counts = { lost: 0, "answer-lost": 0 };
  const sockets = new Set<Socket>();

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = createConnection({
      host: target.hostname,
      port: Number(target.port),
      noDelay: true,
    });
    let isAnswerLost = false;
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined); // followed by "close"
      socket.once("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk) => {
      const cut = chunk.includes(commitText) ? waiting.shift() : undefined;
      if (cut) counts[cut] += 1;
      if (cut === "lost") {
        client.destroy();
        return;
      }
      isAnswerLost ||= cut === "answer-lost";
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (isAnswerLost) client.destroy();
      else client.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url: url.href,
    cut: (cuts) => void waiting.push(...cuts),
    stopCutting: () => void waiting.splice(0),
    counts: () => ({ ...counts }),
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
