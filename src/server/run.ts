import type { DestinationStream } from 'pino';
import { whenKnown } from '../gateway/checker.js';
import {
  checkedSettings,
  createGateway,
  type Gateway,
  type GatewayConfiguration,
} from '../gateway/gateway.js';
import { shownWait } from '../gateway/routes/operation.js';
import type { WorkerLink } from './cluster/link.js';
import { checkUnchanged } from './config/reload.js';
import type { Loaded } from './config/schema.js';
import { checkGuardSettings, openVerifier } from './guard.js';
import { openListeners } from './listeners.js';
import { createLog, Throttle, whyOf } from './observe/log.js';
import { Metrics } from './observe/metrics.js';
import { LogAndMetrics } from './observe/observer.js';

export interface RunOptions {
  readonly log: DestinationStream;
  readonly version: string;
  /** If false, nothing listens and the caller asks `gateway.checker`. Default: true. */
  readonly isServing?: boolean | undefined;
  /** The link to the leader, if this process is a worker. */
  readonly link?: WorkerLink | undefined;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** A running gateway, in this process or in several workers that this process leads. */
export interface RunningServer {
  /** Where HTTP can be reached: a URL, or `unix:PATH`. Empty if nothing listens. */
  readonly address: string;
  /**
   * Where Dovecot's protocol can be reached: `HOST:PORT` or `unix:PATH`. Undefined if it is not
   * served.
   */
  readonly dovecot: string | undefined;
  /** Where HAProxy's Stream Processing Offload Protocol can be reached, as `dovecot`. */
  readonly spoe: string | undefined;
  /** Where the HTTP listener of operators can be reached: a URL, or `unix:PATH`. */
  readonly operators: string | undefined;
  /**
   * Changes to another configuration, after those that were given before it.
   *
   * @throws {VerifierError} A running gateway cannot change to this configuration. Nothing has
   *   changed then.
   */
  apply(next: Loaded): Promise<void>;
  /** Reports a new configuration that was not usable, and why. The old one stays. */
  refuse(why: unknown): void;
  /**
   * Answers the requests under way and ends, within `limits.drainMs` plus half a second.
   *
   * @returns Whether all requests could be answered.
   */
  stop(): Promise<boolean>;
}

/** A gateway that runs in this process. */
export interface RunningGateway extends RunningServer {
  readonly gateway: Gateway;
}

/**
 * How long a store may take to close, in milliseconds. A store that does not answer must not keep
 * the process running.
 */
export const CLOSE_MS = 300;
/** How long the last metrics may take, in milliseconds. They may need an answer from a store. */
const LEAVE_MS = 200;

/**
 * Starts a gateway in this process.
 *
 * @throws {VerifierError} It cannot run on the configuration. Nothing is left open.
 */
export async function runGateway(first: Loaded, options: RunOptions): Promise<RunningGateway> {
  const { log: destination, version, isServing = true, link, clock = Date.now } = options;
  let loaded = first;
  const { config, rules, folder = '.' } = loaded;
  await checkGuardSettings(config, rules, folder);
  const log = createLog(config.log.level, destination, link?.id);
  const guardThrottle = new Throttle(1);
  const logGuardProblem = (problem: unknown) => {
    if (guardThrottle.pass() !== undefined) log.error({ why: whyOf(problem) }, 'guard');
  };
  // The metrics need the verifier, which needs this callback first.
  let onGuardProblem = logGuardProblem;
  const { verifier, startupWait, close } = await openVerifier({
    config,
    rules,
    folder,
    clock,
    leader: link,
    onProblem: (problem) => onGuardProblem(problem),
  });
  const metrics = new Metrics(verifier, version);
  const observer = new LogAndMetrics(log, metrics, config.log, config.proxies);
  onGuardProblem = (problem) => {
    metrics.event('guard-problem');
    logGuardProblem(problem);
  };
  const open = async () => {
    const gateway = await createGateway({
      ...configurationOf(loaded),
      hosts: loaded.hosts,
      verifier,
      token: rules,
      sessionSecret: bytesOf(loaded.sessionSecret),
      observer,
      metrics: link === undefined ? metrics.text : link.metricsOf(metrics.registry),
      hasOperators: config.metrics.listen !== undefined,
      startupWait,
      endedSessions: link?.ended,
      clock,
      version,
    });
    metrics.knowHosts(verifier.hosts);
    return {
      gateway,
      listeners: isServing ? await openListeners(config, gateway, metrics, observer) : undefined,
    };
  };
  const { gateway, listeners } = await open().catch(async (error: unknown) => {
    await within(CLOSE_MS, close());
    throw error;
  });
  const { address = '', dovecot, spoe, operators } = listeners ?? {};
  const where = { address, dovecot, spoe, operators };
  const hosts = verifier.hosts.length;
  log.info({ ...where, hosts, version, node: process.versions.node }, 'listening');
  // A guard outside the process may be slow, and must not delay the start.
  void whenKnown(startupWait(), (wait) => {
    if (wait !== undefined)
      log.warn(shownWait(wait), 'tokens are refused as stale after this start');
  });

  async function change(next: Loaded): Promise<void> {
    checkUnchanged(loaded, next);
    // Refuses bad settings before anything changes.
    checkedSettings(configurationOf(next));
    const { set, removed } = await gateway.setHosts(next.hosts);
    gateway.configure(configurationOf(next));
    observer.configure(next.config.log, next.config.proxies);
    listeners?.configure(next.config);
    metrics.knowHosts(verifier.hosts);
    loaded = next;
    metrics.event('reloaded');
    log.info({ hostsSet: set, hostsRemoved: removed }, 'reloaded');
  }

  // Changes run one after the other, so that two in a row do not mix two configurations.
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...where,
    gateway,
    apply(next) {
      const turn = last.then(() => change(next));
      last = turn.catch(() => {});
      return turn;
    },
    refuse(why) {
      metrics.event('reload-refused');
      log.error({ why: whyOf(why) }, 'reload refused, the old configuration stays');
    },
    async stop() {
      gateway.drain();
      log.info('draining');
      const isDrained = (await listeners?.close(loaded.config.limits.drainMs)) ?? true;
      log.info({ drained: isDrained }, 'stopped');
      if (link !== undefined) await within(LEAVE_MS, link.leave());
      await within(CLOSE_MS, close());
      return isDrained;
    },
  };
}

/** Waits until a promise settles, but not longer than `ms` milliseconds. Never rejects. */
export async function within(ms: number, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([done.catch(() => {}), late]);
  clearTimeout(timer);
}

function configurationOf({ config, issueSecret }: Loaded): GatewayConfiguration {
  const { auth, session, limits } = config;
  const { enabled, seconds, maxSeconds, cookie, sameSite, domain } = session;
  return {
    ...auth,
    issueSecret,
    limits,
    sessions: enabled && { seconds, maxSeconds, cookie, sameSite, domain },
  };
}

const bytesOf = (text: string | undefined) =>
  text === undefined ? undefined : new TextEncoder().encode(text);
