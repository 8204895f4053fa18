/**
 * The one switch by which the app can talk to a stand-in for Shopify on this machine. What is sent to
 * `{shop}.myshopify.com` goes to the stand-in instead, with the shop's name in a header; the rest of
 * the app does not know. env.server.ts refuses it for an app that others can reach, so that a
 * production build can be tested without an account at Shopify.
 */
export const simHostHeader = "x-shopify-sim-host";

/** @param simUrl base address of the stand-in; null for Shopify itself. */
export function createShopifyFetch(simUrl: string | null): typeof fetch {
  if (simUrl === null) return fetch;

  return (input, init) => {
    const request = input instanceof Request ? input : null;
    const url = new URL(input instanceof Request ? input.url : input);
    if (!url.hostname.endsWith(".myshopify.com")) return fetch(input, init);

    const headers = new Headers(init?.headers ?? request?.headers);
    headers.set(simHostHeader, url.hostname); // fetch may not set Host
    const address = new URL(url.pathname + url.search, simUrl);
    return request
      ? fetch(new Request(address, request), { ...init, headers })
      : fetch(address, { ...init, headers });
  };
}
