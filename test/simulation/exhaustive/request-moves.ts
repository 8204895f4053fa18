import type { DispatchAnswer } from "#app/domain/dispatch/answer.ts";
import type { DispatchAnswered } from "#app/domain/pool/event.ts";

import type { Rules } from "../world.ts";
import { stepWith } from "./app-moves.ts";
import { firstRequest, levelOf, spend, withAt, withUnits } from "./small-world.ts";
import type { Move, Request, SmallDispatch, SmallWorld } from "./small-world.ts";

/** Each dispatch is sent by its first process, and by one more that takes it over. */
const sendersMax = 2;

/** What may happen to requests on their way, and to those who wait for their answers. */
export function requestMoves(world: SmallWorld, rules: Rules): readonly Move[] {
  return world.dispatches.flatMap((dispatch, index): readonly Move[] => {
    const moves = dispatch.requests.flatMap((request, requestIndex): readonly Move[] =>
      request.answer === null
        ? [arrive(world, index, requestIndex, rules), ...giveUp(world, index, requestIndex, rules)]
        : [
            answer(world, index, requestIndex, request.answer, rules),
            ...giveUp(world, index, requestIndex, rules),
          ],
    );
    return [...moves, ...takeOver(world, index, rules)];
  });
}

/** The store's side: applied once for each key, or refused as a whole. */
function arrive(world: SmallWorld, index: number, requestIndex: number, rules: Rules): Move {
  const dispatch = world.dispatches[index]!;
  const request = dispatch.requests[requestIndex]!;
  const { operationNumber, storeIndex, deltaUnits } = dispatch;
  const isRepeat =
    world.applied.includes(operationNumber) && !rules.departures.has("new-key-on-retry");
  const isRefused = !isRepeat && !world.stores[storeIndex]!.isStocked;
  const changed =
    isRepeat || isRefused
      ? world
      : {
          ...withUnits(world, storeIndex, deltaUnits),
          applied: [...world.applied, operationNumber].sort((one, other) => one - other),
        };
  const answered: Request = isRefused
    ? { ...request, answer: { kind: "refused-lines", lines: [0] } }
    : { ...request, answer: { kind: "applied" }, level: levelOf(changed.stores[storeIndex]!) };
  // Nobody waits for it: what it tells does not matter.
  const left = request.senderIndex === null ? null : answered;
  const how = isRefused ? "is refused" : isRepeat ? "is known already" : "is applied";
  return {
    what: `the request of operation ${operationNumber} arrives and ${how}`,
    world: withDispatch(changed, index, {
      ...dispatch,
      requests: withAt(dispatch.requests, requestIndex, left),
    }),
  };
}

/** No answer comes in time: the request may arrive all the same, and it is sent again. */
function giveUp(
  world: SmallWorld,
  index: number,
  requestIndex: number,
  rules: Rules,
): readonly Move[] {
  const dispatch = world.dispatches[index]!;
  const request = dispatch.requests[requestIndex]!;
  const { senderIndex } = request;
  if (world.left.faults === 0 || senderIndex === null) return [];
  const orphan = request.answer === null ? { ...request, senderIndex: null } : null;
  const requests = withAt(dispatch.requests, requestIndex, orphan);
  const after = spend(withDispatch(world, index, { ...dispatch, requests }), "faults");
  const answered = hear(after, index, senderIndex, { kind: "unknown" }, null, rules);
  return [
    { what: `no answer for operation ${dispatch.operationNumber} comes in time`, world: answered },
  ];
}

function answer(
  world: SmallWorld,
  index: number,
  requestIndex: number,
  told: DispatchAnswer,
  rules: Rules,
): Move {
  const dispatch = world.dispatches[index]!;
  const { senderIndex, level } = dispatch.requests[requestIndex]!;
  const requests = withAt(dispatch.requests, requestIndex, null);
  const after = withDispatch(world, index, { ...dispatch, requests });
  return {
    what: `the answer for operation ${dispatch.operationNumber} arrives: ${told.kind}`,
    world: senderIndex === null ? after : hear(after, index, senderIndex, told, level, rules),
  };
}

/** Another process finds a dispatch without an answer; whoever sent it before may yet hear of it. */
function takeOver(world: SmallWorld, index: number, rules: Rules): readonly Move[] {
  const dispatch = world.dispatches[index]!;
  const { isAnswered, senders, requests, operationNumber } = dispatch;
  if (isAnswered || world.left.faults === 0 || senders.length === sendersMax) return [];
  const isDefinite = rules.departures.has("takeover-counts-as-first-attempt");
  return [
    {
      what: `another process takes operation ${operationNumber} over and sends it again`,
      world: spend(
        withDispatch(world, index, {
          ...dispatch,
          senders: [...senders, isDefinite],
          requests: [...requests, firstRequest(senders.length)],
        }),
        "faults",
      ),
    },
  ];
}

/** The app's side of an answer, as app/loop/send-dispatch.ts has it. */
function hear(
  world: SmallWorld,
  index: number,
  senderIndex: number,
  told: DispatchAnswer,
  level: Request["level"],
  rules: Rules,
): SmallWorld {
  const dispatch = world.dispatches[index]!;
  const { isAnswered, senders, requests } = dispatch;
  const isHolder = senderIndex === senders.length - 1;
  const decision = rules.decideAnswer(told, senders[senderIndex] ?? false);
  if (decision.kind === "send-again") {
    if (isAnswered || !isHolder) return world;
    return withDispatch(world, index, {
      ...dispatch,
      senders: withAt(senders, senderIndex, false),
      requests: [...requests, firstRequest(senderIndex)],
    });
  }
  if (isAnswered) return world;
  const mayClose =
    isHolder || decision.kind === "applied" || rules.departures.has("answer-without-claim");
  if (!mayClose) return world;
  const outcome: DispatchAnswered["outcome"] =
    decision.kind === "applied"
      ? { kind: "applied", level }
      : decision.kind === "quarantine"
        ? { kind: "quarantined", reason: decision.reason }
        : { kind: "failed", guard: decision.kind === "dead-store" ? "closed" : "refused" };
  const event: DispatchAnswered = {
    kind: "dispatch-answered",
    listingId: world.pool.listings[dispatch.storeIndex]!.id,
    operationNumber: dispatch.operationNumber,
    dispatchId: "dispatch",
    outcome,
  };
  return stepWith(withDispatch(world, index, { ...dispatch, isAnswered: true }), event, rules);
}

function withDispatch(world: SmallWorld, index: number, dispatch: SmallDispatch): SmallWorld {
  return { ...world, dispatches: withAt(world.dispatches, index, dispatch) };
}
