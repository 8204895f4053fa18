/**
 * What we use of redlock 5.0.0-beta.2. Its package carries types that its `exports` do not list, and a
 * `paths` entry that leads the compiler to them leads the bundler there too.
 */
declare module "redlock" {
  /** What redlock asks of a Redis client: these two commands, and nothing else. */
  export type RedlockClient = {
    readonly evalsha: (hash: string, keyCount: number, args: string[]) => Promise<unknown>;
    readonly eval: (script: string, keyCount: number, args: string[]) => Promise<unknown>;
  };

  export type Lock = { readonly release: () => Promise<unknown> };

  /** No quorum, whatever the reason; the attempts settle when every node has voted. */
  export class ExecutionError extends Error {
    readonly attempts: readonly Promise<unknown>[];
  }

  export default class Redlock {
    constructor(clients: Iterable<RedlockClient>, settings?: { readonly retryCount?: number });
    acquire(keys: string[], ttlMs: number): Promise<Lock>;
  }
}
