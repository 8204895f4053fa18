/** Answers and readings of HTTP that routes share. */

/** Shopify's largest webhooks, orders of hundreds of lines, stay far below. */
export const bodyBytesMax = 1024 * 1024;

/**
 * A sender whose connection is cut while it sends never reads why. This much more is read and thrown away
 * before that happens.
 */
const discardedBytesMax = 4 * bodyBytesMax;

/**
 * Reads a body, of which no more than what is allowed is ever held.
 * @returns null when it is too large; the connection cannot be used again then.
 */
export async function readBody(
  request: Request,
  bytesMax: number = bodyBytesMax,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  const reader = request.body?.getReader();
  while (reader && byteCount <= bytesMax + discardedBytesMax) {
    const { done, value } = (await reader.read()) as ReadableStreamReadResult<Uint8Array>;
    if (done) break;
    byteCount += value.byteLength;
    if (byteCount <= bytesMax) chunks.push(value);
    else chunks.length = 0;
  }
  return byteCount > bytesMax ? null : Buffer.concat(chunks, byteCount);
}

/** A plain answer: a status and a sentence for whoever reads the sender's log. */
export function answer(status: number, sentence: string): Response {
  const headers = new Headers({
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
  });
  // What is still on its way would be taken for the next request.
  if (status === 413) headers.set("connection", "close");
  return new Response(`${sentence}\n`, { status, headers });
}
