import { optionError } from '../errors.js';
import {
  createIssuer,
  createVerifier,
  type Hosts,
  type LoadOptions,
  loadCore,
  type VerifierOptions,
} from '../index.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import { type App, createApp, createAuthApp } from './app.js';
import { Checker } from './checker.js';
import {
  type FetchRequest,
  type FetchResponse,
  type GatewayIssuer,
  type GatewayVerifier,
  type Observer,
  SILENT,
  type TokenRules,
} from './contract.js';
import { GatewayHosts } from './hosts.js';
import { Login } from './http/login.js';
import { answerQuestions } from './protocols/spoe-authentication.js';
import type { SpoeAnswer, SpoeQuestion } from './protocols/spoe-question.js';
import type { GatewayState, MetricsText, RouteContext } from './route-context.js';
import { OPERATOR_ROUTES, PUBLIC_ROUTES } from './routes/operator.js';
import { ROUTES } from './routes/table.js';
import { EndedInMemory, type EndedSessions } from './session/ended.js';
import { SessionJwt } from './session/jwt.js';
import { DEFAULT_SESSIONS, type SessionSettings, Sessions } from './session/sessions.js';
import {
  DEFAULT_LIMITS,
  DEFAULT_SETTINGS,
  type GatewaySettings,
  type Limits,
  OPERATOR_SECRET,
} from './settings.js';

const MIN_SECRET_BYTES = 32;

const SETTINGS = [
  ...(['defaultHost', 'realm', 'reasons', 'preflight', 'issueSecret'] as const),
  ...(['loginUrl', 'loginParameter', 'allowedOrigins'] as const),
];

/** The settings that may change while the gateway runs, see `Gateway.configure`. */
export interface GatewayConfiguration extends Partial<Omit<GatewaySettings, 'limits'>> {
  /** Limits on a caller's input. */
  readonly limits?: Partial<Limits> | undefined;
  /** False switches sessions off. Default: the defaults of {@link SessionSettings}. */
  readonly sessions?: Partial<SessionSettings> | false | undefined;
}

export interface GatewayOptions extends GatewayConfiguration, LoadOptions {
  /** Keys by host. Default: no hosts. They can be set later. */
  readonly hosts?: Hosts | undefined;
  /**
   * The verifier. Default: a `TokenVerifier` with a guard in memory. It prepares names as Prosody
   * does.
   */
  readonly verifier?: GatewayVerifier | undefined;
  /** The rules of tokens, for the verifier and issuer that the gateway makes. */
  readonly token?: TokenRules | undefined;
  /** The guard, for the verifier that the gateway makes. */
  readonly replay?: VerifierOptions['replay'] | undefined;
  /**
   * Signs sessions. 32 bytes or more. Default: random, so sessions end with the process. With a
   * fixed secret, sessions survive a restart. The memory of ended sessions must then survive it
   * too, see `endedSessions`.
   */
  readonly sessionSecret?: Uint8Array | undefined;
  /** Remembers ended sessions. Default: in memory. */
  readonly endedSessions?: EndedSessions | undefined;
  /** Receives verdicts and events. Default: no observer. */
  readonly observer?: Observer | undefined;
  /** Gives the text of `/metrics`. Default: the route does not exist. */
  readonly metrics?: MetricsText | undefined;
  /** Whether operators use a listener of their own, `operate`. `fetch` has no `/metrics` then. */
  readonly hasOperators?: boolean | undefined;
  /**
   * Says until when tokens are refused because the guard is new, for `/readyz`. Default: `/readyz`
   * does not say it.
   */
  readonly startupWait?: RouteContext['startupWait'];
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Shown in `/openapi.json`. */
  readonly version?: string | undefined;
}

/** A gateway: hosts, routes and sessions around one verifier. Made by `createGateway`. */
export class Gateway {
  /** Verifies the tokens. */
  readonly verifier: GatewayVerifier;
  /** Verifies tokens for protocols other than HTTP, with the same guard and observer. */
  readonly checker: Checker;
  readonly #options: GatewayOptions;
  readonly #issuer: GatewayIssuer;
  readonly #hosts: GatewayHosts;
  readonly #jwt: SessionJwt;
  readonly #ended: EndedSessions;
  readonly #state: GatewayState = { batches: 0, isDraining: false };
  /** The longest life of a session, in seconds, under any configuration so far. */
  #longest = 0;
  #context!: RouteContext;
  #app!: App;
  #authApp!: App;
  #operatorApp!: App;

  /** @internal */
  constructor(options: GatewayOptions, verifier: GatewayVerifier, issuer: GatewayIssuer) {
    // A copy: the caller's object may change after it was checked.
    this.#options = { ...options };
    this.verifier = verifier;
    this.checker = new Checker(verifier, options.observer ?? SILENT);
    this.#issuer = issuer;
    const secret = options.sessionSecret?.slice() ?? crypto.getRandomValues(new Uint8Array(32));
    this.#jwt = new SessionJwt(secret);
    this.#ended = options.endedSessions ?? new EndedInMemory();
    this.#hosts = new GatewayHosts([verifier, issuer], secret, { module: options.module });
    this.configure(options);
  }

  /**
   * Answers a request. The function is bound, so you can pass it on: `export default { fetch:
   * gateway.fetch }`.
   *
   * @param env - What the runtime passes with the request. The observer receives it. If it holds
   *   Node's request as `incoming`, like that of `@hono/node-server`, the route is chosen by
   *   `incoming.url`, the request target as the client wrote it. If your application mounts the
   *   gateway below a path, pass the request alone.
   */
  readonly fetch = (request: FetchRequest, env?: object): FetchResponse | Promise<FetchResponse> =>
    this.#app(request, env);

  /**
   * Answers a request at any path as `/auth` does: 200 with the identity headers, or 401. The
   * function is bound, like `fetch`.
   *
   * Use it with a listener or a host name of its own. Some proxies append the client's path to a
   * prefix. Once a runtime has resolved `..` in such a path, it may lead to another route. Here
   * there is no other route.
   *
   * @param env - As for `fetch`.
   *
   * @example
   * export default { fetch: gateway.authenticate };
   */
  readonly authenticate = (
    request: FetchRequest,
    env?: object,
  ): FetchResponse | Promise<FetchResponse> => this.#authApp(request, env);

  /**
   * Answers the requests of operators: `/healthz`, `/readyz`, `/metrics`, and `/sessions` for
   * callers with the issue secret. The function is bound, like `fetch`. Use it with a listener that
   * only operators can reach.
   */
  readonly operate = (
    request: FetchRequest,
    env?: object,
  ): FetchResponse | Promise<FetchResponse> => this.#operatorApp(request, env);

  /** Answers HAProxy's questions as `authenticate` does. @internal */
  answerQuestions(
    questions: readonly SpoeQuestion[],
  ): readonly (SpoeAnswer | Promise<SpoeAnswer>)[] {
    return answerQuestions(this.#context, questions);
  }

  /**
   * Changes the settings, from the next request on.
   *
   * @throws {VerifierError} `ERR_OPTION`. Nothing has changed then.
   */
  configure(configuration: GatewayConfiguration): void {
    const settings = checkedSettings(configuration);
    const { observer = SILENT, metrics, startupWait, clock = () => Date.now() } = this.#options;
    const { version = '0', hasOperators = false } = this.#options;
    const { sessions } = configuration;
    if (sessions !== false)
      this.#longest = Math.max(
        this.#longest,
        sessions?.seconds ?? DEFAULT_SESSIONS.seconds,
        sessions?.maxSeconds ?? 0,
      );
    const memory = {
      ended: this.#ended,
      keyIds: () => this.#hosts.ids,
      clock,
      longestSeconds: this.#longest,
    };
    const context: RouteContext = {
      settings,
      verifier: this.verifier,
      checker: this.checker,
      issuer: this.#issuer,
      sessions:
        sessions === false
          ? undefined
          : new Sessions({ ...DEFAULT_SESSIONS, ...sessions }, this.#jwt, memory),
      login: new Login(settings),
      observer,
      metrics,
      startupWait,
      state: this.#state,
    };
    this.#context = context;
    this.#app = createApp(context, version, hasOperators ? PUBLIC_ROUTES : ROUTES);
    this.#operatorApp = createApp(context, version, OPERATOR_ROUTES);
    this.#authApp = createAuthApp(context);
  }

  /**
   * Replaces all hosts at once. Accepted tokens stay remembered. Sessions end if their key is
   * removed.
   *
   * @throws {VerifierError} `ERR_OPTION`. Nothing has changed then.
   */
  setHosts(hosts: Hosts): Promise<{
    /** How many hosts are new or have other keys. */
    readonly set: number;
    /** How many hosts were removed. */
    readonly removed: number;
  }> {
    return this.#hosts.replace(hosts);
  }

  /** Makes `/readyz` answer that the gateway is not ready. Other requests are still answered. */
  drain(): void {
    this.#state.isDraining = true;
  }
}

/**
 * Checks a configuration and adds its defaults.
 *
 * @throws {VerifierError} `ERR_OPTION`.
 */
export function checkedSettings(configuration: GatewayConfiguration): GatewaySettings {
  const { sessions: _, limits, ...rest } = configuration;
  const given = Object.fromEntries(
    SETTINGS.map((name) => [name, rest[name]] as const).filter(([, value]) => value !== undefined),
  );
  const settings: GatewaySettings = {
    ...DEFAULT_SETTINGS,
    ...given,
    limits: { ...DEFAULT_LIMITS, ...limits },
  };
  if (!/^[ !#-[\]-~]*$/.test(settings.realm)) {
    throw optionError(
      'realm',
      'a character that a header cannot quote',
      'write printable ASCII without " and \\',
    );
  }
  if (settings.issueSecret !== undefined && !OPERATOR_SECRET.test(settings.issueSecret)) {
    throw optionError(
      'issueSecret',
      'too short, or not printable ASCII',
      'write 32 characters or more',
    );
  }
  new Login(settings);
  return settings;
}

/**
 * Makes a gateway: an HTTP application that verifies tokens. It runs on every runtime that has
 * `Request` and `Response`: Node, Bun, Deno, workerd.
 *
 * @throws {VerifierError} `ERR_OPTION` with the option at fault in `field`.
 *
 * @example
 * const gateway = await createGateway({ hosts: { 'example.com': { otpSeed, tokenSecret } } });
 * export default { fetch: gateway.fetch };
 */
export async function createGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const { token = {}, replay, clock, module, hosts = {}, sessionSecret } = options;
  if (sessionSecret !== undefined && sessionSecret.length < MIN_SECRET_BYTES) {
    throw optionError('sessionSecret', 'shorter than 32 bytes', 'give 32 random bytes or more');
  }
  // The core signs sessions. Its constructor, which runs below, needs the core loaded.
  await loadCore({ module });
  const { window, nonceDigits, ...rules } = token;
  const verifier =
    options.verifier ??
    (await createVerifier({ ...rules, window, nonceDigits, replay, clock, module, prepareJid }));
  const issuer = await createIssuer({ ...rules, clock, module, prepareJid });
  const gateway = new Gateway(options, verifier, issuer);
  await gateway.setHosts(hosts);
  return gateway;
}
