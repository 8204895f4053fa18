import type { BrowserContext } from "playwright";

/**
 * Stands in for Shopify's script in a page that no admin embeds: as much of `window.shopify` as the app's
 * own components touch. Nothing else is fetched from Shopify.
 */
export async function standInForAppBridge(visitor: BrowserContext): Promise<void> {
  await visitor.route("https://cdn.shopify.com/**", (route) =>
    route.request().url().endsWith("/app-bridge.js")
      ? route.fulfill({ contentType: "text/javascript", body: script })
      : route.fulfill({ contentType: "text/css", body: "" }),
  );
}

const script = `
  // In the admin, the menu is drawn outside the page.
  document.head.insertAdjacentHTML("beforeend", "<style>ui-nav-menu { display: none }</style>");
  const nothing = () => undefined;
  window.shopify = {
    config: { apiKey: document.currentScript.dataset.apiKey },
    environment: { mobile: false, embedded: true },
    ready: Promise.resolve(),
    idToken: () => Promise.resolve(""),
    loading: nothing,
    toast: { show: nothing, hide: nothing },
    modal: { show: nothing, hide: nothing },
    saveBar: { show: nothing, hide: nothing, leaveConfirmation: () => Promise.resolve() },
  };
`;
