import { MAX_JID_BYTES } from '../../limits.js';
import type { Refusal } from '../refusal.js';
import { type Line, LineCutter } from './dovecot-lines.js';
import {
  type Judge,
  loginMessage,
  MECHANISMS,
  type Mechanism,
  type Outcome,
  type Realm,
  tryMessage,
} from './sasl-attempt.js';

/** The functions and values that a session needs. */
export interface SessionOptions extends Judge {
  /**
   * Returns the host whose accounts a client asks about.
   *
   * @param service - The client's `service=`.
   */
  readonly realmOf: (service: string | undefined) => Realm;
  /**
   * Sends text. If it returns false, the client reads too slowly, and nothing is verified until
   * `release`.
   */
  readonly send: (text: string) => unknown;
  /** Called when the session starts or stops wanting input. */
  readonly read?: (isWanted: boolean) => void;
  /**
   * Ends the connection after everything that was sent.
   *
   * @param isFault - The client broke the protocol.
   */
  readonly close: (isFault: boolean) => void;
  /** Ids of this process and this connection, for the client's log. */
  readonly processId: number;
  readonly connectionId: number;
  /** 32 hex digits. */
  readonly cookie: string;
  /** Milliseconds since any fixed moment. Default: `performance.now`. */
  readonly clock?: (() => number) | undefined;
}

/** The most attempts of one connection that are verified at a time. Further input waits. */
export const MAX_UNDER_WAY = 256;
/** The most attempts of one connection that may wait for their `CONT`. The next one fails. */
export const MAX_WAITING = 256;
/** How long an attempt waits for its `CONT`, in milliseconds: as long as Dovecot itself waits. */
export const CONT_MS = 150_000;

interface Attempt {
  readonly mechanism: Mechanism;
  readonly realm: Realm;
  /** The user's address, as the client gives it in `rip=`. */
  readonly client: string | undefined;
  /** For LOGIN, the answer to the first prompt, in base64. */
  readonly user?: string | undefined;
}

interface WaitingAttempt extends Attempt {
  readonly since: number;
}

/** A fault of this program fails one attempt, not the process. */
const UNAVAILABLE: Outcome = { kind: 'failed', why: 'temp' };

const ID = /^\d{1,10}$/;

/** The prompts of LOGIN in base64, the same as Dovecot's. */
const USERNAME = btoa('Username:');
const PASSWORD = btoa('Password:');
/**
 * The most base64 characters of a name. A longer name is not a JID, and must not be kept while the
 * gateway waits for its token.
 */
const MAX_USER_CHARS = Math.ceil(MAX_JID_BYTES / 3) * 4;

/**
 * The server's side of Dovecot's authentication protocol, version 1.1, for its clients: Prosody's
 * `mod_auth_dovecot`, Postfix and Exim. It takes and sends lines, see https://doc.dovecot.org,
 * "Dovecot Authentication Protocol".
 *
 * All users of an XMPP server share one connection, so no user may be able to end it:
 *
 * - Each `AUTH` and each `CONT` has exactly one answer, unless its attempt is cancelled. Nothing
 *   else is sent. `mod_auth_dovecot` reads one line for each line that it sends, so an extra line
 *   would shift all later answers.
 * - A command that has an id but cannot be carried out is answered `FAIL`, such as a line that is
 *   too long, or a `CONT` that no attempt waits for.
 * - While `MAX_UNDER_WAY` attempts are being verified, further input waits. It is neither refused
 *   nor lost.
 *
 * The mechanism LOGIN asks twice, for a name and for a token (draft-murchison-sasl-login-00 §2).
 * Mail clients without PLAIN use it.
 *
 * All rejections look alike. A client that does not speak the protocol is cut off after its earlier
 * commands are answered.
 */
export class DovecotSession {
  readonly #options: SessionOptions;
  readonly #clock: () => number;
  readonly #lines = new LineCutter();
  /** Attempts that wait for their `CONT`, the oldest first. */
  readonly #waiting = new Map<string, WaitingAttempt>();
  /** Attempts that are being verified and were not cancelled. */
  readonly #awaited = new Map<string, Attempt>();
  /** How many attempts are being verified, including cancelled ones. */
  #underWay = 0;
  #isWanted = true;
  /** The client reads too slowly. */
  #isHeld = false;
  /** The client has ended its side. */
  #hasEnded = false;
  /** No more input is taken. The connection ends with the last answer. */
  #isDraining = false;
  #isFault = false;
  #isOver = false;
  #hasVersion = false;
  #isClient = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    const { processId, connectionId, cookie } = options;
    this.#send(
      [
        'VERSION\t1\t1',
        ...MECHANISMS.map((name) => `MECH\t${name}\tplaintext`),
        `SPID\t${processId}`,
        `CUID\t${connectionId}`,
        `COOKIE\t${cookie}`,
        'DONE',
      ].join('\n'),
    );
  }

  /** Whether the client has identified itself. */
  get isClient(): boolean {
    return this.#isClient;
  }

  /**
   * Takes input in any pieces.
   *
   * @param text - One character for each byte.
   */
  receive(text: string): void {
    if (this.#isDraining) return;
    this.#lines.push(text);
    this.#work();
  }

  /** Call when the client has read everything that was sent. */
  release(): void {
    this.#isHeld = false;
    this.#work();
  }

  /**
   * Call when the client has ended its side. Answers everything that it has sent, then ends the
   * connection.
   */
  end(): void {
    this.#hasEnded = true;
    this.#work();
  }

  /**
   * Ends the connection once all attempts under way are answered, because a token that is used up
   * must log its user in. Takes no more input.
   */
  drain(): void {
    this.#isDraining = true;
    this.#work();
  }

  /**
   * Forgets attempts whose `CONT` is overdue. Call it now and then. A `CONT` that comes later is
   * answered `FAIL`.
   */
  expire(): void {
    const due = this.#clock() - CONT_MS;
    for (const [id, { since }] of this.#waiting) {
      if (since > due) return;
      this.#waiting.delete(id);
    }
  }

  #work(): void {
    while (this.#mayTake()) {
      const line = this.#lines.next();
      if (line === undefined) {
        if (this.#hasEnded) this.#isDraining = true;
        break;
      }
      if (!this.#obey(line)) {
        this.#isFault = true;
        this.#isDraining = true;
      }
    }
    if (this.#isOver) return;
    if (this.#isDraining && this.#underWay === 0) {
      this.#isOver = true;
      this.#options.close(this.#isFault);
      return;
    }
    const isWanted = this.#isDraining || this.#mayTake();
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#options.read?.(isWanted);
  }

  #mayTake(): boolean {
    return !this.#isDraining && !this.#isHeld && this.#underWay < MAX_UNDER_WAY;
  }

  #send(line: string): void {
    if (this.#options.send(`${line}\n`) === false) this.#isHeld = true;
  }

  /** @returns Whether the line follows the protocol. */
  #obey({ text, isCut }: Line): boolean {
    const [command = '', ...fields] = text.split('\t');
    switch (command) {
      case 'VERSION':
        this.#hasVersion = fields[0] === '1';
        return this.#hasVersion;
      case 'CPID':
        this.#isClient = this.#hasVersion && ID.test(fields[0] ?? '');
        return this.#isClient;
      case 'AUTH':
      case 'CONT': {
        const [id = '', ...rest] = fields;
        // Without an id, no answer is possible.
        if (!this.#isClient || !ID.test(id)) return false;
        if (isCut) this.#refuse(id, 'line-too-long');
        else if (command === 'AUTH') this.#begin(id, rest);
        else this.#continue(id, rest[0] ?? '');
        return true;
      }
      case 'CANCEL':
        this.#waiting.delete(fields[0] ?? '');
        this.#awaited.delete(fields[0] ?? '');
        return this.#isClient;
      default:
        // Later versions of the protocol may have more commands.
        return this.#isClient;
    }
  }

  #begin(id: string, [mechanism = '', ...parameters]: readonly string[]): void {
    const known = MECHANISMS.find((name) => name === mechanism.toUpperCase());
    const isInUse = this.#waiting.has(id) || this.#awaited.has(id);
    const field = (name: string) =>
      parameters.find((each) => each.startsWith(name))?.slice(name.length);
    const client = field('rip=');
    if (known === undefined || isInUse) {
      this.#refuse(id, isInUse ? 'id-in-use' : 'unknown-mechanism', client);
      return;
    }
    const response = field('resp=');
    const realm = this.#options.realmOf(field('service='));
    const attempt: Attempt = { mechanism: known, realm, client };
    if (response === undefined) this.#ask(id, attempt, known === 'LOGIN' ? USERNAME : '');
    else this.#take(id, attempt, response);
  }

  /** Asks the client for a `CONT`. */
  #ask(id: string, attempt: Attempt, prompt: string): void {
    if (this.#waiting.size < MAX_WAITING) {
      this.#waiting.set(id, { ...attempt, since: this.#clock() });
      this.#send(`CONT\t${id}\t${prompt}`);
    } else {
      // Input cannot wait for room, because the lines that would make room come after this one.
      this.#send(`FAIL\t${id}\ttemp`);
      this.#options.refuse('too-many-attempts', undefined, attempt.client);
    }
  }

  /** Takes a whole message, or one of LOGIN's two answers. */
  #take(id: string, attempt: Attempt, response: string): void {
    const { mechanism, user, client } = attempt;
    if (mechanism !== 'LOGIN') this.#try(id, attempt, bytesOf(response));
    else if (user !== undefined) {
      this.#try(id, attempt, loginMessage(bytesOf(user), bytesOf(response)));
    } else if (response.length > MAX_USER_CHARS) this.#refuse(id, 'bad-jid', client);
    else this.#ask(id, { ...attempt, user: response }, PASSWORD);
  }

  #continue(id: string, response: string): void {
    const attempt = this.#waiting.get(id);
    if (attempt === undefined) {
      this.#refuse(id, 'no-attempt');
    } else {
      this.#waiting.delete(id);
      this.#take(id, attempt, response);
    }
  }

  /**
   * Answers `FAIL`. Answers of two attempts with one id cannot be told apart, so the other attempt
   * with this id fails too.
   */
  #refuse(id: string, why: Refusal, client?: string): void {
    this.#waiting.delete(id);
    if (this.#awaited.delete(id)) this.#send(`FAIL\t${id}`);
    this.#send(`FAIL\t${id}`);
    this.#options.refuse(why, undefined, client);
  }

  #try(id: string, attempt: Attempt, message: Uint8Array | undefined): void {
    this.#awaited.set(id, attempt);
    this.#underWay++;
    const { mechanism, realm, client } = attempt;
    void tryMessage(message, mechanism, realm, this.#options, client)
      .catch(() => UNAVAILABLE)
      .then((outcome) => {
        this.#underWay--;
        // If the attempt was cancelled, the token is used up and the user is not logged in.
        if (this.#awaited.get(id) === attempt) {
          this.#awaited.delete(id);
          this.#send(replyOf(id, outcome));
        }
        this.#work();
      });
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

/** Decodes base64, RFC 4648 §4. `=` is an empty message. */
function bytesOf(base64: string): Uint8Array | undefined {
  if (base64 === '=') return new Uint8Array(0);
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
