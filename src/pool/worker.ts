import { VerifierError } from '../errors.js';
import { answerBatch } from '../token/batch.js';
import { Engine, generationsOf } from '../token/engine.js';
import { answerLines } from '../token/lines.js';
import { verifierSettings } from '../token/options.js';
import { Core } from '../wasm/core.js';
import type { SharedCoreExports } from '../wasm/exports.js';
import type { Fault, Reply, Request, Start, Task } from './messages.js';
import { ownPort } from './port.js';

/** One thread of a pool: a core in its region of the shared memory. Run by port.ts, not imported. */

const port = ownPort();
let engine: Engine | undefined;

async function start({ module, memory, place, options, hosts, prepareNames }: Start): Promise<void> {
  const prepareJid = prepareNames ? (await import('../xmpp/prepare-jid.js')).prepareJid : undefined;
  const settings = verifierSettings({ ...options, hosts, prepareJid });
  const core = new Core<SharedCoreExports>(module, memory, (calls) => {
    calls.shareRegion(place.region, place.regionBytes);
  });
  core.calls.shareGuard(place.guard, generationsOf(settings), settings.capacity, place.firstStep);
  engine = new Engine(core, settings);
}

function run(task: Task): Int32Array {
  if (engine === undefined) throw new Error('asked before the start');
  switch (task.kind) {
    case 'lines':
      return answerLines(engine, task.bytes, task.step);
    case 'batch':
      return answerBatch(engine, task.jids, task.tokens, task.step);
    case 'setHost':
      engine.keyring.set(task.domain, task.keys);
      return new Int32Array();
    case 'removeHost':
      return Int32Array.of(engine.keyring.remove(task.domain) ? 1 : 0);
  }
}

function reply(message: Reply, transfer: ArrayBuffer[] = []): void {
  port.post(message, transfer);
}

function faultOf(error: unknown): Fault {
  if (error instanceof VerifierError) return { code: error.code, message: error.message, field: error.field };
  return {
    code: 'ERR_WORKER',
    message: error instanceof Error ? error.message : String(error),
    field: undefined,
  };
}

port.listen((message) => {
  const request = message as Request;
  if (request.kind === 'start') {
    start(request).then(
      () => reply({ kind: 'started' }),
      (error: unknown) => reply({ kind: 'notStarted', fault: faultOf(error) }),
    );
    return;
  }
  try {
    const { id, task } = request;
    const answers = new Int32Array(run(task));
    const buffer = task.kind === 'lines' ? task.bytes.buffer : undefined;
    reply({ kind: 'done', id, answers, buffer }, buffer ? [answers.buffer, buffer] : [answers.buffer]);
  } catch (error) {
    reply({ kind: 'failed', id: request.id, fault: faultOf(error) });
  }
});
