import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

import type { CatalogReply } from "../services/ports.ts";

import type { GraphqlReply, ShopifyGraphql } from "./shopify-graphql.server.ts";

/** A shop with more locations than Shopify sells plans for would be a loop of ours. */
const pagesMax = 40;
/** A merchant waits for these reads; a shop that fails this often in a row has a problem of its own. */
const attemptsMax = 6;
const firstPauseMs = 200;
const longestPauseMs = 3_000;

export const PageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });

type Page<Node> = {
  readonly nodes: readonly Node[];
  readonly pageInfo: z.infer<typeof PageInfo>;
};
type GraphqlRequest = {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
};

/**
 * Reads a whole connection, page by page. Reads are tried again when the shop is busy or does not
 * answer; never throws for an outside failure.
 *
 * @param requestAfter the request of the page after a cursor; null for the first one.
 */
export async function readPages<Node>(
  graphql: ShopifyGraphql,
  shopDomain: string,
  schema: z.ZodType<Page<Node>>,
  requestAfter: (after: string | null) => GraphqlRequest,
): Promise<CatalogReply<Node>> {
  const found: Node[] = [];
  let after: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const read: Page<Node> | string = await readPage(
      graphql,
      shopDomain,
      schema,
      requestAfter(after),
    );
    if (typeof read === "string") return { kind: "unreachable", reason: read };
    found.push(...read.nodes);
    after = read.pageInfo.endCursor;
    if (!read.pageInfo.hasNextPage || after === null) return { kind: "read", found };
  }
  return { kind: "unreachable", reason: `${shopDomain} has more than ${pagesMax} pages of these.` };
}

/** @returns a page, or a sentence that says why there is none. */
async function readPage<Node>(
  graphql: ShopifyGraphql,
  shopDomain: string,
  schema: z.ZodType<Page<Node>>,
  request: GraphqlRequest,
): Promise<Page<Node> | string> {
  let problem = "";
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    if (attempt > 0) {
      await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** attempt));
    }
    const judged = judge(shopDomain, await graphql.post(shopDomain, request), schema);
    if (judged.kind === "page") return judged.page;
    if (judged.kind === "refused") return judged.reason;
    problem = judged.reason;
  }
  return problem;
}

type Judgement<Node> =
  | { readonly kind: "page"; readonly page: Page<Node> }
  | { readonly kind: "refused" | "try-again"; readonly reason: string };

const Errors = z.object({
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ code: z.string().optional() }).optional(),
      }),
    )
    .optional(),
  data: z.unknown().optional(),
});

function judge<Node>(
  shopDomain: string,
  reply: GraphqlReply,
  schema: z.ZodType<Page<Node>>,
): Judgement<Node> {
  switch (reply.kind) {
    case "no-token":
      return { kind: "refused", reason: `${shopDomain} has not installed the app.` };
    case "not-sent":
      return { kind: "try-again", reason: `The access token of ${shopDomain} could not be read.` };
    case "no-answer":
      return { kind: "try-again", reason: `${shopDomain} does not answer.` };
    case "answered":
      break;
  }
  if (reply.status >= 400) {
    const isPassing = reply.status === 429 || reply.status >= 500;
    const reason = `${shopDomain} answered with HTTP status ${reply.status}.`;
    return { kind: isPassing ? "try-again" : "refused", reason };
  }
  const body = Errors.safeParse(reply.body);
  if (!body.success) {
    return { kind: "try-again", reason: `${shopDomain} answered with something unreadable.` };
  }
  const [error] = body.data.errors ?? [];
  if (error) {
    const code = error.extensions?.code;
    const isPassing = code === "THROTTLED" || code === "INTERNAL_SERVER_ERROR";
    const reason = `${shopDomain} refused the read: ${error.message}`;
    return { kind: isPassing ? "try-again" : "refused", reason };
  }
  const page = schema.safeParse(body.data.data);
  if (page.success) return { kind: "page", page: page.data };
  return { kind: "try-again", reason: `${shopDomain} answered with something unexpected.` };
}
