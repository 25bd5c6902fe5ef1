// The real server, and a network between it and the page that the test can cut.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";

const binary = process.env.VITRINE ?? new URL("../../bin/vitrine", import.meta.url).pathname;

/** Builds plugins of this folder's testdata; answers their folders. */
export function build(...names) {
  const folders = names.map((name) => new URL(`testdata/${name}`, import.meta.url).pathname);
  execFileSync(binary, ["build", ...folders], { stdio: ["ignore", "ignore", "inherit"] });
  return folders;
}

/** Starts `vitrine serve`, of the demo if nothing else is said, for pages of one more origin; answers when it listens. */
export async function startServer(origin, what = ["--demo"]) {
  const child = spawn(binary, ["serve", ...what, "--listen", "127.0.0.1:0", "--origin", origin], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  const url = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${binary} ended with ${code}:\n${log}`)));
    child.stderr.on("data", (data) => {
      log += data;
      const address = /listening on (http:\/\/\S+)/.exec(log);
      if (address) resolve(address[1]);
    });
  });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  return {
    url,
    /** What it has said, to be shown when a test fails. */
    log: () => log,
    /** Tells it to read its folders again. */
    reload: () => child.kill("SIGHUP"),
    /** Resolves when it has said something. */
    async said(words) {
      while (!log.includes(words)) await once(child.stderr, "data");
    },
    /** Ends it as a deploy does; resolves with its exit code. */
    async stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** A TCP proxy to a port of this machine: it can hold bytes back and cut every connection. */
export async function startProxy() {
  let port = 0;
  const pairs = new Set();
  let refusing = false;
  let delay = 0;
  const later = (to, data) => (delay ? setTimeout(() => to.write(data), delay) : to.write(data));
  const server = createServer((near) => {
    if (refusing) return near.destroy();
    const far = connect(port, "127.0.0.1");
    pairs.add(near);
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on("data", (data) => to.writable && later(to, data));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroy();
        pairs.delete(near);
      });
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const cut = () => pairs.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut,
    /** Says which server it leads to. */
    to(url) {
      port = Number(new URL(url).port);
    },
    /** Cuts everything and takes no connection until it is called with false. */
    refuse(value) {
      refusing = value;
      if (value) cut();
    },
    /** Holds every chunk back for so many ms, both ways. */
    slow(ms) {
      delay = ms;
    },
    close() {
      cut();
      server.close();
    },
  };
}
