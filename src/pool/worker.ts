/**
 * `totp-token/pool/worker`: the module of a pool's threads. Do not import it. A bundler builds it
 * as a separate file, which the pool's option `worker` names.
 *
 * @packageDocumentation
 */
import { VerifierError } from '../errors.js';
import { answerBatch } from '../token/batch.js';
import { Engine, generationsOf } from '../token/engine.js';
import { answerLines } from '../token/lines.js';
import { Core } from '../wasm/core.js';
import type { SharedCoreExports } from '../wasm/exports.js';
import type { Fault, HostEntry, Reply, Request, Start, Task } from './messages.js';
import { ownTransport } from './transport.js';

/** The connection to the pool. */
const transport = ownTransport();
/**
 * Set by the first message. Later messages wait for it, because the start may have to import a
 * module.
 */
let engine: Promise<Engine>;

async function start({
  module,
  memory,
  region,
  settings: given,
  prepareNames,
}: Start): Promise<Engine> {
  const prepareJid = prepareNames ? (await import('../xmpp/prepare-jid.js')).prepareJid : undefined;
  // The clock is not used. Each task has its own step.
  const settings = { ...given, hosts: [], clock: () => Date.now(), prepareJid };
  const core = new Core<SharedCoreExports>(module, memory, (calls) => {
    calls.shareRegion(region.start, region.bytes, region.thread);
  });
  core.calls.shareGuard(region.guard, generationsOf(settings), settings.capacity, region.firstStep);
  return new Engine(core, settings);
}

function run(engine: Engine, task: Task): Int32Array {
  switch (task.kind) {
    case 'lines':
      return answerLines(engine, task.bytes, task.step);
    case 'batch':
      return answerBatch(engine, task, task.step);
    case 'keys':
      for (const host of task.hosts) setKeys(engine, host);
      return new Int32Array();
  }
}

function setKeys({ keyring }: Engine, { domain, keys }: HostEntry): void {
  if (keys.length === 0) keyring.remove(domain);
  else keyring.setDecoded(domain, keys);
}

function reply(message: Reply, transfer: ArrayBuffer[] = []): void {
  transport.post(message, transfer);
}

function done(id: number, task: Task, answers: Int32Array<ArrayBuffer>): void {
  const buffer = task.kind === 'lines' ? task.bytes.buffer : undefined;
  reply(
    { kind: 'done', id, answers, buffer },
    buffer ? [answers.buffer, buffer] : [answers.buffer],
  );
}

function broken(error: unknown): void {
  const fault: Fault =
    error instanceof VerifierError
      ? { code: error.code, message: error.message }
      : { code: 'ERR_WORKER', message: String(error) };
  reply({ kind: 'broken', fault });
}

transport.listen((message) => {
  const request = message as Request;
  if (request.kind === 'start') {
    engine = start(request);
    engine.then(() => reply({ kind: 'started' }), broken);
    return;
  }
  const { id, task } = request;
  engine.then((ready) => done(id, task, new Int32Array(run(ready, task)))).catch(broken);
});
