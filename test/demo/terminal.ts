import { createLogUpdate } from "log-update";

/** Where the demo speaks: sentences that stay, and one block below them that changes while they come. */
export type Terminal = {
  readonly say: (sentence: string) => void;
  /** Replaces the changing block; without a terminal, a line now and then. */
  readonly show: (lines: readonly string[]) => void;
  /** Leaves the changing block as it is, and goes on below it. */
  readonly settle: () => void;
};

/** Without a terminal a changing block would fill a log file: a line every so often will do. */
const plainLineEveryMs = 2_000;

export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  return stream.isTTY ? openLiveTerminal(stream) : openPlainTerminal(stream);
}

function openLiveTerminal(stream: NodeJS.WriteStream): Terminal {
  const update = createLogUpdate(stream);
  return {
    say(sentence) {
      update.clear();
      stream.write(`${sentence}\n`);
    },
    show(lines) {
      update(lines.join("\n"));
    },
    settle() {
      update.done();
    },
  };
}

function openPlainTerminal(stream: NodeJS.WriteStream): Terminal {
  let shownAt = -Infinity;
  let last = "";
  let written = "";
  const write = (line: string) => {
    written = line;
    stream.write(`${line}\n`);
  };
  return {
    say: write,
    show([line = ""]) {
      last = line;
      if (performance.now() - shownAt < plainLineEveryMs) return;
      shownAt = performance.now();
      write(line);
    },
    settle() {
      if (last !== "" && last !== written) write(last);
      last = "";
      shownAt = -Infinity;
    },
  };
}
