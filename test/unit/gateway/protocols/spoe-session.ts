/** A session of HAProxy's protocol for tests, with a record of what it does. */
import { SpoeSession } from '../../../../src/gateway/protocols/spoe.js';
import type { SpoeAnswer, SpoeQuestion } from '../../../../src/gateway/protocols/spoe-question.js';
import { heard, hello } from './spoe-peer.js';

export const REFUSED: SpoeAnswer = { status: 401, challenge: 'Basic realm="r"' };
export const ACCEPTED: SpoeAnswer = {
  status: 200,
  jid: 'alice@example.com',
  user: 'alice',
  host: 'example.com',
};

export interface Options {
  answer?: (question: SpoeQuestion) => SpoeAnswer | Promise<SpoeAnswer>;
  hasRoom?: () => boolean;
}

/** A session with a record of what it does. */
export function session({ answer = () => REFUSED, hasRoom = () => true }: Options = {}) {
  const sent: Uint8Array[] = [];
  const batches: number[] = [];
  const questions: SpoeQuestion[] = [];
  const reads: boolean[] = [];
  const closed: boolean[] = [];
  const statuses: number[] = [];
  const agent = new SpoeSession({
    answer: (batch) => {
      batches.push(batch.length);
      questions.push(...batch);
      return batch.map(answer);
    },
    answered: (status) => void statuses.push(status),
    send: (bytes) => {
      sent.push(bytes);
      return hasRoom();
    },
    read: (isWanted) => void reads.push(isWanted),
    close: (isFault) => void closed.push(isFault),
  });
  const said = () => heard(Buffer.concat(sent));
  return { agent, said, sent, batches, questions, reads, closed, statuses };
}

/** A session after its HELLO. */
export function greeted(options: Options = {}) {
  const made = session(options);
  made.agent.receive(hello());
  made.sent.length = 0;
  return made;
}

export const statusOf = (said: ReturnType<typeof heard>) => said.at(-1)?.fields['status-code'];
export const turn = () => new Promise((resolve) => setImmediate(resolve));
