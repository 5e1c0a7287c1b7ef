// SPDX-License-Identifier: Apache-2.0
// The same server as asyncua_peer.py on node-opcua, with its commands, words and truth lines:
//   node node_opcua_peer.cjs PORT TRUTH_FILE OTHER_ENDPOINT MANY HOST PATH
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const peers = require('node:module').createRequire(path.join(__dirname, '../../peers/package.json'));
const { OPCUAServer } = peers('node-opcua-server');
const parts = require('node:module').createRequire(peers.resolve('node-opcua-server'));
const { OPCUACertificateManager } = parts('node-opcua-certificate-manager');
const { DataType, VariantArrayType } = parts('node-opcua-variant');
const { StatusCodes } = parts('node-opcua-status-code');
const { MessageSecurityMode, SecurityPolicy } = parts('node-opcua-secure-channel');

const say = (line) => process.stdout.write(`${line}\n`);
console.log = console.warn = console.info = console.error; // the library's own words do not belong on standard output
const [port, truthFile, otherEndpoint, many, hostname, resourcePath] = process.argv.slice(2);
const truth = fs.openSync(truthFile, 'a');
let step = 0;
let time = 0; // ms, the resolution of the library's own calls

function integer(bits, signed) {
  const low = signed ? -(1n << (bits - 1n)) : 0n;
  const high = signed ? (1n << (bits - 1n)) - 1n : (1n << (bits === 64n ? 63n : bits)) - 1n;
  return (n) => [BigInt(n % 100), low + BigInt(n % 50), high - BigInt(n % 50)][n % 3]; // its ends and small numbers in turn
}
const halves = (v) => [Number((BigInt.asUintN(64, v) >> 32n) & 0xffffffffn), Number(v & 0xffffffffn)];
const guid = (n) => {
  const hex = (BigInt(n) * 0x0123456789abcdef0123456789n).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
// name: type, value of the n-th change, as the library wants it, as the truth file says it
const text = (v) => String(v);
const NODES = {
  boolean: [DataType.Boolean, (n) => n % 2 === 1],
  sbyte: [DataType.SByte, integer(8n, true), Number, text],
  byte: [DataType.Byte, integer(8n, false), Number, text],
  int16: [DataType.Int16, integer(16n, true), Number, text],
  uint16: [DataType.UInt16, integer(16n, false), Number, text],
  int32: [DataType.Int32, integer(32n, true), Number, text],
  uint32: [DataType.UInt32, integer(32n, false), Number, text],
  int64: [DataType.Int64, integer(64n, true), halves, text],
  uint64: [DataType.UInt64, integer(64n, false), halves, text],
  float: [DataType.Float, (n) => Math.fround(Math.sin(n) * 10 ** (n % 30))],
  double: [DataType.Double, (n) => Math.cos(n) * 10 ** ((n % 600) - 300)],
  string: [DataType.String, (n) => (n % 40 === 7 ? '' : `批次 ${n} “ok”\n`)],
  localized: [DataType.LocalizedText, (n) => `Füllung ${n}`, (v) => ({ locale: 'de', text: v })],
  datetime: [DataType.DateTime, (n) => 631152000000 + n * 3542400103, (v) => new Date(v), (v) => `${v}000000`],
  guid: [DataType.Guid, guid],
};
const STATUS = { 3: 'UncertainLastUsableValue', 6: 'BadSensorFailure', 8: 'BadNoData', 9: 'GoodLocalOverride' };
const same = (v) => v;

function change(variables) {
  step += 1;
  time = Math.max(time + 1, Date.now());
  for (const [name, [dataType, make, pack = same, tell = same]] of Object.entries(NODES)) {
    const status = StatusCodes[STATUS[step % 10] ?? 'Good'];
    const value = status === StatusCodes.BadNoData ? null : make(step);
    const variant = value === null ? { dataType: DataType.Null } : { dataType, arrayType: VariantArrayType.Scalar, value: pack(value) };
    variables[name].setValueFromSource(variant, status, new Date(time));
    fs.writeSync(truth, `{"node":"${name}","value":${JSON.stringify(value === null ? null : tell(value))},` +
      `"time":${time}000000,"status":${status.value}}\n`);
  }
}

async function main() {
  const certificates = new OPCUACertificateManager({ rootFolder: path.join(path.dirname(truthFile), 'pki') });
  await certificates.initialize();
  const server = new OPCUAServer({
    port: Number(port), host: '127.0.0.1', hostname, resourcePath, advertisedEndpoints: [otherEndpoint],
    serverCertificateManager: certificates,
    userCertificateManager: certificates, securityModes: [MessageSecurityMode.None], securityPolicies: [SecurityPolicy.None],
    // each change is told when a client asks for a sampling interval of 0
    serverInfo: { applicationUri: 'urn:test:peer' }, serverCapabilities: { minSupportedSampleRate: 0 },
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const plant = space.registerNamespace('urn:test:plant');
  const folder = (name) => plant.addFolder(space.rootFolder.objects, { browseName: name, nodeId: `s=${name}` });
  const line = folder('Line');
  const variable = (parent, name, dataType, value, access) => plant.addVariable({
    organizedBy: parent, browseName: name, nodeId: `s=${name}`, dataType, minimumSamplingInterval: 0,
    value: { dataType, arrayType: VariantArrayType.Scalar, value }, accessLevel: access, userAccessLevel: access,
  });
  const variables = {};
  for (const [name, [dataType, make, pack = same]] of Object.entries(NODES))
    variables[name] = variable(line, name, dataType, pack(make(0)), 'CurrentRead');
  variables.setpoint = variable(line, 'setpoint', DataType.Int16, 5, 'CurrentRead | CurrentWrite');
  variables.label = variable(line, 'label', DataType.String, '-', 'CurrentRead | CurrentWrite');
  variables.fixed = variable(line, 'fixed', DataType.Int16, 7, 'CurrentRead');
  const manyFolder = folder('Many');
  for (let i = 0; i < Number(many); i += 1) variable(manyFolder, `many${i}`, DataType.Int32, i, 'CurrentRead');
  say('built');
  readline.createInterface({ input: process.stdin }).on('line', async (command) => {
    const [word, argument] = command.split(' ');
    if (word === 'listen') {
      change(variables);
      await server.start();
      say('ready');
    }
    if (word === 'change') {
      for (let i = 0; i < Number(argument); i += 1) change(variables);
      say('changed');
    }
    if (word === 'remove') {
      space.deleteNode(variables[argument]);
      delete NODES[argument];
    }
    if (word === 'read') say(JSON.stringify(variables[argument].readValue().value.value));
  });
}
main();
