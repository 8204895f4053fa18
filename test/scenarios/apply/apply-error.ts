/** A scenario cannot be applied; the message is one sentence for whoever asked for it. */
export class ApplyError extends Error {
  override readonly name = "ApplyError";
}
