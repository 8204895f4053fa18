import { resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { launchBrowser, newVisitor } from "#test/support/browser.ts";
import { startProcess } from "#test/support/child-process.ts";
import { waitFor } from "#test/support/wait-for.ts";

/** Build, processes, a story or two and one race, on a busy machine. */
const readyWithinMs = 100_000;

test("the demo ends on a page where a purchase in one store is seen in the others", async () => {
  const demo = await startProcess({
    name: "demo",
    command: [process.execPath, "test/demo/main.ts", "--protection", "strict"],
    cwd: resolve(import.meta.dirname, "../.."),
    env: { ...process.env, DATABASE_URL: "", REDIS_URLS: "" },
    isReady: (output) => output.includes("Everything stays up"),
    readyWithinMs,
  });
  onTestFinished(demo.stop);
  const [, url] = /watch every unit: (\S+)/.exec(demo.output()) ?? [];
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await (await newVisitor(browser)).newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));

  await page.goto(url!);
  await page.getByRole("combobox", { name: "Pool" }).selectOption({ label: mirrorLabel });
  await page.getByRole("button", { name: "Buy one in Outdoor 1" }).click();

  const levels = () => page.locator(".store b").allTextContents();
  await waitFor("all five stores to show 19", async () =>
    (await levels()).every((level) => level === "19"),
  );
  await page.getByRole("button", { name: /Ten more arrive/ }).click();
  await waitFor("the delivery to be seen everywhere", async () =>
    (await levels()).every((level) => level === "29"),
  );
  expect(errors).toEqual([]);

  await demo.stop();
  expect(demo.isRunning()).toBe(false);
});

const mirrorLabel = "Water bottle · mirror · Outdoor, mirror";
