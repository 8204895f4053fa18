import { expect, onTestFinished, test } from "vitest";

import { playRace } from "#test/demo/race.ts";
import {
  expectBooksInOrder,
  expectNothingSoldTwice,
  startRaceStand,
} from "#test/support/race-stand.ts";

/**
 * Within a second on a quiet machine. A lock that nobody gives back would be waited for up to its TTL of
 * 30 s if anybody waited for it.
 */
const carriedOnWithinMs = 10_000;

test("a Redis node that dies in the middle of the race changes nothing", async () => {
  const { stand, redisServers, contests, faults } = await startRaceStand(["strict", "mirror"]);
  const [strict, mirror] = contests;

  const strictResult = await playRace(stand, strict!, {
    faults,
    inTheMiddle: () => redisServers[0]!.kill(),
  });
  const mirrorResult = await playRace(stand, mirror!, { faults });

  expectNothingSoldTwice(strictResult);
  expectBooksInOrder(mirrorResult);
});

test("web and worker killed in the middle of the race lose nothing and do nothing twice", async () => {
  const { stand, contests, faults } = await startRaceStand(["strict", "mirror"]);
  for (const contest of contests) {
    const [web] = stand.webs();
    const [worker] = stand.workers();

    const result = await playRace(stand, contest, {
      faults,
      inTheMiddle: async () => {
        await Promise.all([web!.kill(), worker!.kill()]);
      },
      afterShoppers: async () => {
        await Promise.all([stand.startWeb(web!.port), stand.startWorker()]);
      },
    });

    expect(Math.max(...result.timings.accountingMs)).toBeLessThan(carriedOnWithinMs);
    if (contest.protection === "strict") expectNothingSoldTwice(result);
    else expectBooksInOrder(result);
  }
});

test("without any Redis left PostgreSQL hands out the locks", async () => {
  const { stand, redisServers, contests, faults } = await startRaceStand(["strict", "mirror"]);
  for (const contest of contests) {
    const result = await playRace(stand, contest, {
      faults,
      inTheMiddle: async () => {
        await Promise.all(redisServers.map((server) => server.kill()));
      },
    });

    if (contest.protection === "strict") expectNothingSoldTwice(result);
    else expectBooksInOrder(result);
  }
});

test("a web process and a worker that freeze in the middle of the race hold nobody up", async () => {
  const { stand, contests, faults } = await startRaceStand(["strict", "mirror"]);
  const frozen = [stand.webs()[0]!, stand.workers()[0]!];
  onTestFinished(() => {
    for (const process of frozen) process.resume();
  });
  for (const contest of contests) {
    const result = await playRace(stand, contest, {
      faults,
      inTheMiddle: () => {
        for (const process of frozen) process.pause();
        return Promise.resolve();
      },
      afterShoppers: () => {
        for (const process of frozen) process.resume();
        return Promise.resolve();
      },
    });

    if (contest.protection === "strict") expectNothingSoldTwice(result);
    else expectBooksInOrder(result);
  }
});

test("under strict nothing is sold twice when every webhook is lost", async () => {
  const { stand, contests, faults } = await startRaceStand(["strict"]);

  const result = await playRace(stand, contests[0]!, {
    faults: { ...faults, webhooks: { ...faults.webhooks, drop: 1 } },
  });

  expectNothingSoldTwice(result);
  expect(result.faults["webhook-dropped"]).toBeGreaterThan(0);
});

test("under strict nothing is sold twice while no worker runs for the whole race", async () => {
  const { stand, contests, faults } = await startRaceStand(["strict"]);

  const result = await playRace(stand, contests[0]!, {
    faults,
    beforeShoppers: async () => {
      await Promise.all(stand.workers().map((worker) => worker.kill()));
    },
    afterShoppers: async () => {
      await stand.startWorker();
    },
  });

  expectNothingSoldTwice(result);
});

test("under strict nothing is sold twice when the app is gone for the whole race", async () => {
  const { stand, contests, faults } = await startRaceStand(["strict"]);
  const webs = stand.webs();

  const result = await playRace(stand, contests[0]!, {
    faults,
    beforeShoppers: async () => {
      await Promise.all([...webs, ...stand.workers()].map((process) => process.kill()));
    },
    afterShoppers: async () => {
      await Promise.all([...webs.map(({ port }) => stand.startWeb(port)), stand.startWorker()]);
    },
  });

  expectNothingSoldTwice(result);
});
