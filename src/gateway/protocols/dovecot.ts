import {
  type Check,
  MECHANISMS,
  type Mechanism,
  type Outcome,
  type Realm,
  tryMessage,
} from './sasl-attempt.js';

/** What a session needs of the world. */
export interface SessionOptions {
  readonly check: Check;
  /** Whose accounts are meant. @param service - What the client names itself, `service=`. */
  readonly realmOf: (service: string | undefined) => Realm;
  readonly send: (text: string) => void;
  /** Ends the connection. */
  readonly close: () => void;
  /** This process, and this connection, for the client's log. */
  readonly processId: number;
  readonly connectionId: number;
  /** 32 hex digits. */
  readonly cookie: string;
}

/** Longest line that is taken: Dovecot's own limit. */
export const MAX_LINE_CHARS = 8192;
/** Attempts of one connection that are not over. */
const MAX_PENDING = 256;

interface Attempt {
  readonly mechanism: Mechanism;
  readonly realm: Realm;
  /** Waits for the client's message. */
  isAsked: boolean;
}

/**
 * The server's side of Dovecot's authentication protocol, version 1.1, for its clients: Prosody's `mod_auth_dovecot`, Postfix
 * and Exim. Lines in, lines out; https://doc.dovecot.org, "Dovecot Authentication Protocol".
 *
 * Every rejection reads alike. Whoever does not keep to the protocol is cut off.
 */
export class DovecotSession {
  readonly #options: SessionOptions;
  readonly #attempts = new Map<string, Attempt>();
  /** Attempts that are being verified. */
  #underWay = 0;
  #isDraining = false;
  #rest = '';
  #hasVersion = false;
  #isClient = false;
  #isOver = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { processId, connectionId, cookie } = options;
    options.send(
      [
        'VERSION\t1\t1',
        ...MECHANISMS.map((name) => `MECH\t${name}\tplaintext`),
        `SPID\t${processId}`,
        `CUID\t${connectionId}`,
        `COOKIE\t${cookie}`,
        'DONE\n',
      ].join('\n'),
    );
  }

  /** Whether the client has said who it is. */
  get isClient(): boolean {
    return this.#isClient;
  }

  /** Ends the connection once what is being verified is answered: a token that is used up must log someone in. Takes nothing more. */
  drain(): void {
    this.#isDraining = true;
    if (this.#underWay === 0 && !this.#isOver) this.#end();
  }

  /** Takes what came, cut anywhere. @param text - A char a byte. */
  receive(text: string): void {
    if (this.#isDraining) return;
    this.#rest += text;
    let from = 0;
    for (
      let end = this.#rest.indexOf('\n');
      end >= 0 && !this.#isOver;
      end = this.#rest.indexOf('\n', from)
    ) {
      this.#take(this.#rest.slice(from, end).replace(/\r$/, ''));
      from = end + 1;
    }
    this.#rest = this.#rest.slice(from);
    if (this.#rest.length > MAX_LINE_CHARS) this.#end();
  }

  #take(line: string): void {
    const [command = '', ...fields] = line.split('\t');
    const isRight = line.length <= MAX_LINE_CHARS && this.#obey(command, fields);
    if (!isRight) this.#end();
  }

  /** @returns Whether the client keeps to the protocol. */
  #obey(command: string, fields: readonly string[]): boolean {
    switch (command) {
      case 'VERSION':
        this.#hasVersion = fields[0] === '1';
        return this.#hasVersion;
      case 'CPID':
        this.#isClient = this.#hasVersion && /^\d{1,10}$/.test(fields[0] ?? '');
        return this.#isClient;
      case 'AUTH':
        return this.#isClient && this.#begin(fields);
      case 'CONT':
        return this.#continue(fields);
      case 'CANCEL':
        this.#attempts.delete(fields[0] ?? '');
        return true;
      default:
        // Later versions may say more.
        return this.#isClient;
    }
  }

  #begin([id = '', mechanism = '', ...parameters]: readonly string[]): boolean {
    if (!/^\d{1,10}$/.test(id) || this.#attempts.has(id) || this.#attempts.size >= MAX_PENDING) return false;
    const known = MECHANISMS.find((name) => name === mechanism.toUpperCase());
    if (known === undefined) {
      this.#options.send(`FAIL\t${id}\n`);
      return true;
    }
    const service = parameters.find((each) => each.startsWith('service='))?.slice('service='.length);
    const response = parameters.find((each) => each.startsWith('resp='))?.slice('resp='.length);
    const isAsked = response === undefined;
    const attempt: Attempt = { mechanism: known, realm: this.#options.realmOf(service), isAsked };
    this.#attempts.set(id, attempt);
    if (response === undefined) this.#options.send(`CONT\t${id}\t\n`);
    else void this.#try(id, attempt, response);
    return true;
  }

  #continue([id = '', response = '']: readonly string[]): boolean {
    const attempt = this.#attempts.get(id);
    if (attempt === undefined || !attempt.isAsked) return false;
    attempt.isAsked = false;
    void this.#try(id, attempt, response);
    return true;
  }

  async #try(id: string, attempt: Attempt, base64: string): Promise<void> {
    const { check } = this.#options;
    const message = bytesOf(base64);
    this.#underWay++;
    const outcome: Outcome =
      message === undefined
        ? { kind: 'failed', why: undefined }
        : await tryMessage(message, attempt.mechanism, attempt.realm, check);
    this.#underWay--;
    // Cancelled meanwhile, or the connection is gone: the token is used up, and nobody is logged in.
    if (this.#isOver) return;
    if (this.#attempts.get(id) === attempt) {
      this.#attempts.delete(id);
      this.#options.send(`${replyOf(id, outcome)}\n`);
    }
    if (this.#isDraining) this.drain();
  }

  #end(): void {
    this.#isOver = true;
    this.#options.close();
  }
}

function replyOf(id: string, outcome: Outcome): string {
  if (outcome.kind === 'ok') return `OK\t${id}\tuser=${outcome.user}`;
  const { user, why } = outcome;
  return [
    `FAIL\t${id}`,
    ...(user === undefined ? [] : [`user=${user}`]),
    ...(why === undefined ? [] : [why]),
  ].join('\t');
}

/** Base64 of RFC 4648 §4; `=` is an empty message. */
function bytesOf(base64: string): Uint8Array | undefined {
  if (base64 === '=') return new Uint8Array(0);
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
