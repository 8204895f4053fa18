/** Answers and readings of HTTP that routes share. */

/** Shopify's largest webhooks, orders of hundreds of lines, stay far below. */
export const bodyBytesMax = 1024 * 1024;

/**
 * Reads a body, and stops as soon as it is larger than allowed: no more than that is ever held.
 * @returns null when it is too large.
 */
export async function readBody(
  request: Request,
  bytesMax: number = bodyBytesMax,
): Promise<Uint8Array | null> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) return null;
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = (await reader.read()) as ReadableStreamReadResult<Uint8Array>;
    if (done) break;
    byteCount += value.byteLength;
    if (byteCount > bytesMax) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks, byteCount);
}

/** A plain answer: a status and a sentence for whoever reads the sender's log. */
export function answer(status: number, sentence: string): Response {
  return new Response(`${sentence}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}
