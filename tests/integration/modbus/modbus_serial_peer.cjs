// SPDX-License-Identifier: Apache-2.0
// The same server as pymodbus_peer.py on modbus-serial:  PORT TRUTH_FILE tcp SECONDS_BETWEEN_CHANGES
const fs = require('node:fs');
const path = require('node:path');
const ModbusRTU = require(path.join(__dirname, '../../peers/node_modules/modbus-serial'));

const [port, truthFile, , pause] = process.argv.slice(2);
const truth = fs.openSync(truthFile, 'a');
const now = () => process.hrtime.bigint() + offset;
const offset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
const note = (line) => fs.writeSync(truth, JSON.stringify(line, (_, v) => (typeof v === 'bigint' ? Number(v) : v)) + '\n');

const hr = Buffer.alloc(65536 * 2), ir = Buffer.alloc(65536 * 2);
const co = new Map(), di = new Map();
let step = 0;

function put(key, value, set) {
  const begin = now();
  set();
  note({ key, value, from: begin, to: now() });
}

function change() {
  step += 1;
  put('counter', step % 65536, () => hr.writeUInt16BE(step % 65536, 0));
  put('far', (step * 7) % 65536, () => hr.writeUInt16BE((step * 7) % 65536, 240));
  put('real', Math.fround(step * 1.1), () => hr.writeFloatBE(step * 1.1, 4));
  put('swapped', -step * 100003, () => {
    const b = Buffer.alloc(4);
    b.writeInt32BE(-step * 100003);
    b.copy(hr, 20, 2, 4);
    b.copy(hr, 22, 0, 2);
  });
  put('wide', step * 2 ** 32 + step, () => hr.writeBigInt64BE((BigInt(step) << 32n) | BigInt(step), 600));
  put('input', -step, () => ir.writeInt16BE(-step, 10));
  put('coil', step % 2 === 1, () => co.set(3, step % 2 === 1));
  put('discrete', step % 2 === 0, () => di.set(4, step % 2 === 0));
  const text = `batch ${String(step).padStart(5, '0')}`;
  put('text', text, () => hr.fill(0, 400, 416).write(text, 400, 'latin1'));
}

change();
const server = new ModbusRTU.ServerTCP(
  {
    getInputRegister: (address) => ir.readUInt16BE(address * 2),
    getHoldingRegister: (address) => hr.readUInt16BE(address * 2),
    getCoil: (address) => co.get(address) ?? false,
    getDiscreteInput: (address) => di.get(address) ?? false,
    setRegister: (address, value) => {
      hr.writeUInt16BE(value, address * 2);
      note({ written: address, values: [value], at: now() });
    },
    setCoil: (address, value) => {
      co.set(address, value);
      note({ written: address, values: [value], at: now() });
    },
  },
  { host: '127.0.0.1', port: Number(port), unitID: 1 },
);
server.on('initialized', () => {
  console.log(`port ${server._server.address().port}`);
  setInterval(change, Number(pause) * 1000);
});
