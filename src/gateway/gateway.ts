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

/** What may change while the gateway runs, see `Gateway.configure`. */
export interface GatewayConfiguration extends Partial<Omit<GatewaySettings, 'limits'>> {
  /** Bounds of what a caller may send. */
  readonly limits?: Partial<Limits> | undefined;
  /** False: there are no sessions. Default: as {@link SessionSettings} says. */
  readonly sessions?: Partial<SessionSettings> | false | undefined;
}

export interface GatewayOptions extends GatewayConfiguration, LoadOptions {
  /** Keys by host. Default: none, set later. */
  readonly hosts?: Hosts | undefined;
  /**
   * What verifies. Default: a `TokenVerifier` with a guard in memory, which prepares names as
   * Prosody does.
   */
  readonly verifier?: GatewayVerifier | undefined;
  /** The rules of the token, where the gateway makes its verifier and issuer. */
  readonly token?: TokenRules | undefined;
  /** The guard, where the gateway makes its verifier. */
  readonly replay?: VerifierOptions['replay'] | undefined;
  /**
   * Signs sessions: 32 bytes or more. Default: random, so sessions end with the process. One that
   * stays makes sessions survive a restart, and so must what is remembered of ended ones, see
   * `endedSessions`.
   */
  readonly sessionSecret?: Uint8Array | undefined;
  /** Remembers ended sessions. Default: in memory. */
  readonly endedSessions?: EndedSessions | undefined;
  /** Receives verdicts and events. Default: none. */
  readonly observer?: Observer | undefined;
  /** Gives the text of `/metrics`. Default: none, the route is not there. */
  readonly metrics?: MetricsText | undefined;
  /** Whether operators have a listener of their own, `operate`: `fetch` has no `/metrics` then. */
  readonly hasOperators?: boolean | undefined;
  /**
   * Says until when tokens are refused since the guard is new, for `/readyz`. Default: nobody
   * knows.
   */
  readonly startupWait?: RouteContext['startupWait'];
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
  /** Shown in `/openapi.json`. */
  readonly version?: string | undefined;
}

/** A gateway: hosts, routes and sessions around one verifier. Made by `createGateway`. */
export class Gateway {
  /** What decides about tokens. */
  readonly verifier: GatewayVerifier;
  /** Verifies for protocols other than HTTP with the same guard and observer. */
  readonly checker: Checker;
  readonly #options: GatewayOptions;
  readonly #issuer: GatewayIssuer;
  readonly #hosts: GatewayHosts;
  readonly #jwt: SessionJwt;
  readonly #ended: EndedSessions;
  readonly #state: GatewayState = { batches: 0, isDraining: false };
  /** Seconds that a session was given at most, under any configuration so far. */
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
   * Answers a request. Bound: it can be handed on as it is, as `export default { fetch:
   * gateway.fetch }`.
   *
   * @param env - What the runtime has beside the request; the observer gets it. If it holds Node's
   *   request as `incoming`, as `@hono/node-server` gives it, the route is chosen by
   *   `incoming.url`, the request target as the client wrote it. In an application that mounts the
   *   gateway below a path of its own, hand on the request alone.
   */
  readonly fetch = (request: FetchRequest, env?: object): FetchResponse | Promise<FetchResponse> =>
    this.#app(request, env);

  /**
   * Answers a request as `/auth` does, whatever its path: 200 with the identity headers, or 401.
   * Bound, as `fetch` is.
   *
   * For a listener or a host name of its own. Behind a proxy that appends the client's path to a
   * prefix, the path may lead to another route once a runtime has resolved `..` in it. Here there
   * is no other route.
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
   * Answers the requests of operators: `/healthz`, `/readyz`, `/metrics`, and `/sessions` for those
   * with the issue secret. Bound, as `fetch` is. For a listener that only they reach.
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
   * Changes what may change, from the next request on. @throws {VerifierError} `ERR_OPTION`;
   * nothing has changed then.
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
   * Makes these the hosts, all at once. Accepted tokens stay remembered; sessions of keys that went
   * away end.
   *
   * @throws {VerifierError} `ERR_OPTION`; nothing has changed then.
   */
  setHosts(hosts: Hosts): Promise<{
    /** How many are new or have other keys. */
    readonly set: number;
    /** How many went away. */
    readonly removed: number;
  }> {
    return this.#hosts.replace(hosts);
  }

  /** Says not ready from now on, while requests are still answered. */
  drain(): void {
    this.#state.isDraining = true;
  }
}

/**
 * A configuration with its defaults.
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
 * Makes a gateway: an HTTP application that verifies tokens. It runs wherever `Request` and
 * `Response` are: Node, Bun, Deno, workerd.
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
  // Sessions are signed by the core, and what makes it runs at once.
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
