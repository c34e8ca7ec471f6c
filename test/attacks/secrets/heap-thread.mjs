// A thread of a pool that writes a snapshot of its own heap when it is told where to, by a channel of its own.
import { writeHeapSnapshot } from 'node:v8';
import { workerData } from 'node:worker_threads';

/** @type {{ orders: import('node:worker_threads').MessagePort }} */
const { orders } = workerData;
orders.on('message', (file) => orders.postMessage(writeHeapSnapshot(file)));
await import(new URL('../../../dist/pool/worker.js', import.meta.url).href);
