// SPDX-License-Identifier: Apache-2.0
// An edge node of the independent library sparkplug-client that writes down what it sends.
//   node sparkplug_node.cjs PORT TRUTH
// Standard input: "data N" sends N messages, "skip" loses a sequence number, "drop METRIC" leaves it out from the next birth
// on, "rebirth" is one, "hold METRIC" leaves its value to writes from now on, "stop" ends orderly.
// Each line of TRUTH: {"metric":…,"time":ms,"value":…}. Standard output: "born", "rebirth", "sent".
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const peers = require("node:module").createRequire(path.join(__dirname, "../../peers/package.json"));
const { newClient } = peers("sparkplug-client");

const [port, truthFile] = process.argv.slice(2);
const truth = fs.createWriteStream(truthFile, { flags: "a" });
const say = (line) => process.stdout.write(`${line}\n`);

const state = {
  "Hydraulics/Pressure": { type: "Double", alias: 1, value: 100.5 },
  "Counters/Strokes": { type: "Int32", alias: 2, value: -5 },
  Running: { type: "Boolean", alias: 3, value: true },
  Program: { type: "String", alias: 4, value: "Deckel-A" },
};
const missing = new Set();
const held = new Set();
let clock = Date.now();
const metrics = (names, birth) =>
  names.filter((name) => !missing.has(name)).map((name) => {
    const tag = state[name];
    truth.write(`${JSON.stringify({ metric: name, time: tag.time, value: tag.value })}\n`);
    return birth
      ? { name, alias: tag.alias, type: tag.type, value: tag.value, timestamp: tag.time }
      : { alias: tag.alias, type: tag.type, value: tag.value, timestamp: tag.time };
  });
for (const tag of Object.values(state)) tag.time = clock;

const client = newClient({
  serverUrl: `mqtt://127.0.0.1:${port}`, username: "", password: "", groupId: "Plant", edgeNode: "Edge1",
  clientId: `edge-${process.pid}`, version: "spBv1.0",
});
function birth() {
  client.publishNodeBirth({ timestamp: Date.now(), metrics: [{ name: "Node Control/Rebirth", type: "Boolean", value: false }] });
  client.publishDeviceBirth("Press", { timestamp: Date.now(), metrics: metrics(Object.keys(state), true) });
}
client.on("birth", () => { birth(); say("born"); });
client.on("ncmd", (payload) => {
  if (!payload.metrics?.some((m) => m.name === "Node Control/Rebirth" && m.value)) return;
  birth();
  say("rebirth");
});
client.on("dcmd", (device, payload) => {
  for (const metric of payload.metrics) {
    const tag = state[metric.name];
    clock = Math.max(clock + 1, Date.now());
    tag.value = metric.value;
    tag.time = clock;
    client.publishDeviceData(device, { timestamp: clock, metrics: metrics([metric.name], false) });
  }
});
async function data(count) {
  for (let i = 0; i < count; i += 1) {
    clock = Math.max(clock + 1, Date.now());
    state["Hydraulics/Pressure"].value = 100 + Math.round(Math.sin(i / 20) * 1e6) / 1e4;
    const changed = ["Hydraulics/Pressure"];
    if (!held.has("Counters/Strokes")) { state["Counters/Strokes"].value += i % 7 === 0 ? 1000 : -1; changed.push("Counters/Strokes"); }
    if (i % 10 === 0) { state.Running.value = !state.Running.value; changed.push("Running"); }
    if (i % 25 === 0) { state.Program.value = `批次 ${i}`; changed.push("Program"); }
    for (const name of changed) state[name].time = clock;
    client.publishDeviceData("Press", { timestamp: clock, metrics: metrics(changed, false) });
    if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  say("sent");
}
readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  const [command, count] = line.split(" ");
  if (command === "data") await data(Number(count));
  if (command === "drop") missing.add(line.slice(5));
  if (command === "hold") held.add(line.slice(5));
  if (command === "rebirth") { birth(); say("rebirth"); }
  if (command === "skip") client.incrementSeqNum();
  if (command === "stop") { client.stop(); truth.end(); process.stdin.destroy(); }
});
