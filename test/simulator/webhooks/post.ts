import { Agent, request as startRequest } from "node:http";
import { Agent as TlsAgent, request as startTlsRequest } from "node:https";
import type { Socket } from "node:net";

/** Shopify gives up on a connection after one second, and on an answer after five. */
const connectTimeoutMs = 1_000;
const answerTimeoutMs = 5_000;
/** A store's burst may not take every connection that the machine has. */
const connectionsMax = 128;

export type PostOutcome = {
  readonly outcome: "answered" | "timed-out" | "not-connected";
  /** Null unless answered. */
  readonly status: number | null;
};

/** Posts a body to a path of the app, or to a whole address. Never throws. */
export type Post = (
  uri: string,
  request: { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> },
) => Promise<PostOutcome>;

/**
 * Posts to the processes of the app as a load balancer would: to each in turn, and to the next one when
 * a process takes no connections.
 */
export function createPost(appUrls: readonly string[]): {
  readonly post: Post;
  readonly close: () => void;
} {
  const agents = {
    "http:": new Agent({ keepAlive: true, maxSockets: connectionsMax }),
    "https:": new TlsAgent({
      keepAlive: true,
      maxSockets: connectionsMax,
      rejectUnauthorized: false,
    }),
  };
  let turn = 0;

  const post: Post = async (uri, request) => {
    if (/^https?:/.test(uri)) return postOnce(new URL(uri), request, agents);
    const first = turn;
    turn += 1;
    let result: PostOutcome = { outcome: "not-connected", status: null };
    for (let offset = 0; offset < appUrls.length; offset += 1) {
      const base = appUrls[(first + offset) % appUrls.length]!;
      result = await postOnce(new URL(uri, base), request, agents);
      if (result.outcome !== "not-connected") return result;
    }
    return result;
  };

  return {
    post,
    close: () => {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

function postOnce(
  url: URL,
  { body, headers }: Parameters<Post>[1],
  agents: { readonly "http:": Agent; readonly "https:": TlsAgent },
): Promise<PostOutcome> {
  return new Promise((resolve) => {
    const isTls = url.protocol === "https:";
    const outgoing = (isTls ? startTlsRequest : startRequest)(url, {
      method: "POST",
      agent: isTls ? agents["https:"] : agents["http:"],
      headers: { ...headers, "content-length": body.byteLength },
    });
    const end = (result: PostOutcome): void => {
      clearTimeout(connectTimer);
      clearTimeout(answerTimer);
      resolve(result);
    };
    const fail = (outcome: "timed-out" | "not-connected"): void => {
      end({ outcome, status: null });
      outgoing.destroy();
    };
    let connectTimer: NodeJS.Timeout | undefined;
    const answerTimer = setTimeout(() => {
      fail("timed-out");
    }, answerTimeoutMs);

    outgoing.on("socket", (socket: Socket) => {
      if (!socket.connecting) return;
      connectTimer = setTimeout(() => {
        fail("not-connected");
      }, connectTimeoutMs);
      socket.once("connect", () => {
        clearTimeout(connectTimer);
      });
    });
    outgoing.on("response", (response) => {
      response.resume();
      // Until the body is read the connection cannot be used again.
      response.on("close", () => {
        end({ outcome: "answered", status: response.statusCode ?? 0 });
      });
    });
    outgoing.on("error", () => {
      // An idle connection may be closed by the app at the moment when it is used again.
      if (outgoing.reusedSocket) void postOnce(url, { body, headers }, agents).then(end);
      else fail("not-connected");
    });
    outgoing.end(body);
  });
}
