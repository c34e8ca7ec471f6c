// Loaded before the gateway by NODE_OPTIONS: a worker that misuses its channel to the guard.
//
//   FLOOD_GUARD=ID:FILE    while FILE is there, the worker of this number asks the guard as much
//                          as the channel takes
//   GARBLE_GUARD=ID:FILE   when FILE is there, it writes what is no question
import cluster from 'node:cluster';
import { existsSync, writeSync } from 'node:fs';

const CHANNEL = 4;
const { FLOOD_GUARD, GARBLE_GUARD } = process.env;

/** @param {string | undefined} setting @param {() => boolean} act False: not again. */
function whileThere(setting, act) {
  const [id, file = ''] = setting?.split(':') ?? [];
  if (id !== String(cluster.worker?.id)) return;
  setInterval(() => {
    while (existsSync(file) && act());
  }, 1).unref();
}

/** @param {Uint8Array} bytes False: the channel is full. */
function write(bytes) {
  try {
    return writeSync(CHANNEL, bytes) === bytes.length;
  } catch {
    return false;
  }
}

// A question of one mark that does not say how long it counts.
const frame = Buffer.alloc(60);
frame.write('TG\x01\x01', 'latin1');
frame.writeUInt32LE(0xffff_ffff, 4);
frame.writeUInt32LE(48, 8);
let isGarbled = false;
whileThere(FLOOD_GUARD, () => write(frame));
whileThere(GARBLE_GUARD, () => {
  if (!isGarbled) isGarbled = write(Buffer.from('what is no question of a worker'));
  return false;
});
