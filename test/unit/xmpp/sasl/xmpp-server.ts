/**
 * As much of an XMPP server as a login needs, over WebSocket: framing by RFC 7395, SASL by RFC 6120
 * §6 or SASL2 by XEP-0388, resource binding by RFC 6120 §7, and pings. The mechanism under test
 * decides about logins.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DOMParser } from 'linkedom';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SaslAnswer, XTokenServer } from '../../../../src/xmpp/index.js';

const NS = {
  framing: 'urn:ietf:params:xml:ns:xmpp-framing',
  stream: 'http://etherx.jabber.org/streams',
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl',
  sasl2: 'urn:xmpp:sasl:2',
  bind: 'urn:ietf:params:xml:ns:xmpp-bind',
};

export interface ServerOptions {
  readonly host: string;
  readonly attempt: () => XTokenServer;
  readonly isSasl2?: boolean;
  readonly mechanisms?: readonly string[];
}

export class XmppServer {
  /** The answers of the mechanism, in order. */
  readonly answers: SaslAnswer[] = [];
  /** The frames of the clients, in order. */
  readonly frames: string[] = [];
  readonly #sockets: WebSocketServer;
  readonly #options: ServerOptions;

  private constructor(sockets: WebSocketServer, options: ServerOptions) {
    this.#sockets = sockets;
    this.#options = options;
    sockets.on('connection', (socket) => this.#serve(socket));
  }

  static async start(options: ServerOptions): Promise<XmppServer> {
    const sockets = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      handleProtocols: () => 'xmpp',
    });
    await once(sockets, 'listening');
    return new XmppServer(sockets, options);
  }

  get port(): number {
    return (this.#sockets.address() as AddressInfo).port;
  }

  /** Cuts all connections, as a network does. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#sockets.close(resolve));
  }

  #serve(socket: WebSocket): void {
    let user: string | undefined;
    // Frames are handled one after the other, as on a stream.
    let turn = Promise.resolve();
    socket.on('message', (data) => {
      const frame = String(data);
      this.frames.push(frame);
      turn = turn.then(async () => {
        const document = new DOMParser().parseFromString(frame, 'text/xml');
        const element = document.documentElement as unknown as Element;
        user = await this.#answer(element, (xml) => socket.send(xml), user);
        if (element.tagName === 'close') socket.close();
      });
    });
  }

  /** Answers one element, and returns the jid that is logged in afterwards. */
  async #answer(
    element: Element,
    send: (xml: string) => void,
    user: string | undefined,
  ): Promise<string | undefined> {
    const { host, isSasl2 = false } = this.#options;
    const id = element.getAttribute('id');
    switch (element.tagName) {
      case 'open':
        send(`<open xmlns="${NS.framing}" from="${host}" id="s" version="1.0"/>`);
        send(this.#features(user));
        return user;
      case 'close':
        send(`<close xmlns="${NS.framing}"/>`);
        return user;
      case 'auth':
        return this.#login(element.textContent ?? '', send);
      case 'authenticate': {
        const jid = await this.#login(
          element.querySelector('initial-response')?.textContent ?? '',
          send,
        );
        // SASL2 goes on in the same stream.
        if (jid !== undefined && isSasl2) send(this.#features(jid));
        return jid;
      }
      case 'iq': {
        const jid = `<jid>${user}/here</jid>`;
        const isBind = element.querySelector('bind') !== null;
        const content = isBind ? `<bind xmlns="${NS.bind}">${jid}</bind>` : '';
        send(`<iq xmlns="jabber:client" type="result" id="${id}">${content}</iq>`);
        return user;
      }
      default:
        return user;
    }
  }

  async #login(content: string, send: (xml: string) => void): Promise<string | undefined> {
    const { attempt, isSasl2 } = this.#options;
    const ns = isSasl2 ? NS.sasl2 : NS.sasl;
    const answer = await attempt().respondBase64(content);
    this.answers.push(answer);
    switch (answer.kind) {
      case 'success': {
        const id = `<authorization-identifier>${answer.jid}</authorization-identifier>`;
        send(`<success xmlns="${ns}">${isSasl2 ? id : ''}</success>`);
        return answer.jid;
      }
      case 'failure':
        send(`<failure xmlns="${ns}"><${answer.condition} xmlns="${NS.sasl}"/></failure>`);
        return undefined;
      case 'challenge':
        throw new Error('xmpp.js sends an initial response');
    }
  }

  #features(user: string | undefined): string {
    const { isSasl2, mechanisms = ['PLAIN', 'X-TOKEN'] } = this.#options;
    const offered = mechanisms.map((name) => `<mechanism>${name}</mechanism>`).join('');
    const login = isSasl2
      ? `<authentication xmlns="${NS.sasl2}">${offered}</authentication>`
      : `<mechanisms xmlns="${NS.sasl}">${offered}</mechanisms>`;
    const content = user === undefined ? login : `<bind xmlns="${NS.bind}"/>`;
    return `<stream:features xmlns="jabber:client" xmlns:stream="${NS.stream}">${content}</stream:features>`;
  }
}
