import type { EntryContext } from "@remix-run/node";
import { createReadableStreamFromReadable } from "@remix-run/node";
import { RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { PassThrough } from "node:stream";
import { renderToPipeableStream } from "react-dom/server";

import { processRuntime } from "./runtime.server.ts";
import { addDocumentResponseHeaders } from "./shopify.server.ts";

/** A page needs milliseconds; one that hangs is ended rather than kept for ever. */
const renderWithinMs = 5_000;

/** Renders a page. Only the admin of the shop that asks may frame it; without a shop, nobody may. */
export default async function handleRequest(
  request: Request,
  responseStatusCode: number,
  responseHeaders: Headers,
  remixContext: EntryContext,
): Promise<Response> {
  const { log } = await processRuntime();
  addDocumentResponseHeaders(request, responseHeaders);
  if (!responseHeaders.has("Content-Security-Policy")) {
    responseHeaders.set("Content-Security-Policy", "frame-ancestors 'none';");
  }
  responseHeaders.set("Content-Type", "text/html");
  responseHeaders.set("X-Content-Type-Options", "nosniff");
  responseHeaders.set("Referrer-Policy", "strict-origin-when-cross-origin");

  // A robot gets the whole page at once.
  const readyEvent = isbot(request.headers.get("user-agent") ?? "") ? "onAllReady" : "onShellReady";
  return new Promise((settle, fail) => {
    let status = responseStatusCode;
    const { pipe, abort } = renderToPipeableStream(
      <RemixServer context={remixContext} url={request.url} abortDelay={renderWithinMs} />,
      {
        [readyEvent]: () => {
          clearTimeout(timeout);
          const body = new PassThrough();
          settle(
            new Response(createReadableStreamFromReadable(body), {
              headers: responseHeaders,
              status,
            }),
          );
          pipe(body);
        },
        onShellError: (error) => {
          clearTimeout(timeout);
          fail(error instanceof Error ? error : new Error(String(error)));
        },
        onError: (error) => {
          status = 500;
          log.error({ error }, "a page could not be rendered");
        },
      },
    );
    const timeout = setTimeout(abort, renderWithinMs + 1_000);
  });
}

/** What a loader or an action threw and nobody expected. */
export async function handleError(error: unknown, { request }: { readonly request: Request }) {
  if (request.signal.aborted) return;
  const { log } = await processRuntime();
  log.error({ error, path: new URL(request.url).pathname }, "a request failed");
}
