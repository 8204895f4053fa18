import { answer } from "#app/http.server.ts";

/** The process lives and answers. Nothing else is asked: a database that is away is no reason to kill it. */
export function loader() {
  return answer(200, "alive");
}
