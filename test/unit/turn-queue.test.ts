import { expect, test } from "vitest";

import { createTurnQueue } from "#app/adapters/turn-queue.ts";

/** Long enough never to pass in these tests. */
const patientlyMs = 60_000;

test("turns at one key come one at a time, in the order of asking; another key is free", async () => {
  const turns = createTurnQueue();
  const order: string[] = [];
  const endFirst = await turns.take("pool", patientlyMs);

  const later = ["second", "third"].map(async (name) => {
    const end = await turns.take("pool", patientlyMs);
    order.push(name);
    end?.();
  });
  const endOther = await turns.take("other pool", patientlyMs);
  order.push("first");
  endFirst?.();
  await Promise.all(later);

  expect(endOther).not.toBeNull();
  expect(order).toEqual(["first", "second", "third"]);
});

test("whoever waited long enough goes without a turn, and is not waited for", async () => {
  const turns = createTurnQueue();
  const end = await turns.take("pool", patientlyMs);

  const impatient = await turns.take("pool", 1);
  const patient = turns.take("pool", patientlyMs);
  end?.();

  expect(impatient).toBeNull();
  expect(await patient).not.toBeNull();
});

test("ending a turn twice takes nothing from the next", async () => {
  const turns = createTurnQueue();
  const endFirst = await turns.take("pool", patientlyMs);
  const second = turns.take("pool", patientlyMs);
  endFirst?.();
  const endSecond = await second;

  endFirst?.();

  expect(await turns.take("pool", 1)).toBeNull();
  endSecond?.();
  expect(await turns.take("pool", 1)).not.toBeNull();
});
