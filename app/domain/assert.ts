/** A rule of the domain that was broken: a bug, never an expected outcome. */
export class BrokenInvariantError extends Error {
  override readonly name = "BrokenInvariantError";
}

/** @throws BrokenInvariantError naming the invariant, if the condition does not hold. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new BrokenInvariantError(invariant);
}
