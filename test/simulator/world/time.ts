/** Milliseconds since 1970, finer than a millisecond, and never going back. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** How Shopify tells a time: whole seconds. */
export function toIsoSeconds(atMs: number): string {
  return new Date(Math.floor(atMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
