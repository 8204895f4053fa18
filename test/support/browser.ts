import { chromium } from "playwright";
import type { Browser, BrowserContext } from "playwright";

import { ensureChromium } from "./machine-tools.ts";

/** Shopify's library answers 410 to what calls itself HeadlessChrome, as it does to other robots. */
const ordinaryUserAgent =
  "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/** Nothing may be fetched behind the test's back; and Chromium's sandbox cannot run as root. */
const flags = [
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/**
 * A real Chromium, found or installed on this machine; Playwright's own is never downloaded.
 *
 * @param options.hosts host names that the browser is to find on a port of this machine.
 */
export function launchBrowser(
  options: { readonly hosts?: Readonly<Record<string, number>> } = {},
): Promise<Browser> {
  const rules = Object.entries(options.hosts ?? {}).map(
    ([host, port]) => `MAP ${host} 127.0.0.1:${port}`,
  );
  return chromium.launch({
    executablePath: ensureChromium(),
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...flags, ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(", ")}`] : [])],
  });
}

/** A visitor with an ordinary browser, who accepts the simulator's certificates. */
export function newVisitor(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ userAgent: ordinaryUserAgent, ignoreHTTPSErrors: true });
}
