import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ProcessTree } from "../../../src/engines/host/process-tree.ts";

const stateAndGroup = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [state, Number(group)];
};

test("does not wait for zombies when it ends", async ({ onTestFinished }) => {
  // The parent does not reap, like process 1 of a container without init.
  const script = "setsid sleep 300 & echo $!; exec sleep 300";
  const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const pid = Number(String((await once(parent.stdout, "data"))[0]));
  await expect.poll(() => stateAndGroup(pid)).toEqual(["S", pid]);
  expect(await new ProcessTree(pid, randomUUID()).end()).toBe(true);
  expect(stateAndGroup(pid)).toEqual(["Z", pid]);
});
