import type { DestinationStream } from 'pino';
import {
  checkedSettings,
  createGateway,
  type Gateway,
  type GatewayConfiguration,
} from '../gateway/gateway.js';
import type { WorkerLink } from './cluster/worker.js';
import type { Loaded } from './config/loaded.js';
import { checkUnchanged } from './config/reload.js';
import { checkGuard, checkGuardSettings, openVerifier } from './guard.js';
import { openFaces } from './listeners.js';
import { createLog, Throttle } from './observe/log.js';
import { Metrics } from './observe/metrics.js';
import { LogAndMetrics } from './observe/observer.js';

export interface RunOptions {
  /** Reads the configuration, at the start and at each reload. */
  readonly load: () => Loaded | Promise<Loaded>;
  readonly log: DestinationStream;
  readonly version: string;
  /** False: nothing listens, and what is asked goes through `gateway.checker`. Default true. */
  readonly isServing?: boolean | undefined;
  /** A folder whose files are served where there is no route. */
  readonly files?: string | undefined;
  /** What this process shares with others that serve the same address. */
  readonly link?: WorkerLink | undefined;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

export interface RunningGateway {
  /** Where HTTP can be reached: a URL, or `unix:PATH`. Empty if nothing listens. */
  readonly address: string;
  /** The same for Dovecot's protocol, if it is spoken: `HOST:PORT` or `unix:PATH`. */
  readonly dovecot: string | undefined;
  readonly gateway: Gateway;
  /** Reads the configuration again. False: it was refused, is in the log, and the old one stays. */
  reload(): Promise<boolean>;
  /** Answers what is under way and ends. @returns Whether all of it could be answered. */
  stop(): Promise<boolean>;
}

/** Starts a gateway as a configuration says. @throws {VerifierError} The configuration is not usable. */
export async function runGateway({
  load,
  log: destination,
  version,
  files,
  isServing = true,
  link,
  clock = Date.now,
}: RunOptions): Promise<RunningGateway> {
  let loaded = await load();
  const { config, rules } = loaded;
  checkGuard(config, link !== undefined);
  await checkGuardSettings(config, rules, loaded.folder ?? '.');
  const log = createLog(config.log.level, destination, link?.id);
  const guardThrottle = new Throttle(1);
  const logGuardProblem = (problem: unknown) => {
    if (guardThrottle.pass() !== undefined) log.error({ why: whyOf(problem) }, 'guard');
  };
  // Metrics want the verifier first.
  let tellGuardProblem = logGuardProblem;
  const { verifier, close } = await openVerifier({
    config,
    rules,
    folder: loaded.folder ?? '.',
    clock,
    onProblem: (problem) => tellGuardProblem(problem),
  });
  const metrics = new Metrics(verifier, version);
  const observer = new LogAndMetrics(log, metrics, config.log, config.proxies.trusted);
  tellGuardProblem = (problem) => {
    metrics.event('guard-problem');
    logGuardProblem(problem);
  };
  const gateway = await createGateway({
    ...configurationOf(loaded),
    hosts: loaded.hosts,
    verifier,
    token: rules,
    sessionSecret: bytesOf(loaded.sessionSecret),
    observer,
    metrics: link === undefined ? metrics.text : link.metricsOf(metrics.registry),
    endedSessions: link?.ended,
    clock,
    version,
  });
  metrics.knowHosts(verifier.hosts);
  const faces = isServing ? await openFaces(config, gateway, metrics, files) : undefined;
  const { address = '', dovecot } = faces ?? {};
  link?.listening(address);
  const hosts = verifier.hosts.length;
  log.info({ address, dovecot, hosts, version, node: process.versions.node }, 'listening');

  async function apply(next: Loaded): Promise<void> {
    checkUnchanged(loaded, next);
    // All that can be refused is, before anything changes.
    checkedSettings(configurationOf(next));
    const change = await gateway.setHosts(next.hosts);
    gateway.configure(configurationOf(next));
    observer.configure(next.config.log, next.config.proxies.trusted);
    faces?.configure(next.config.limits);
    metrics.knowHosts(verifier.hosts);
    loaded = next;
    observer.event('reloaded', { hostsSet: change.set, hostsRemoved: change.removed });
  }

  // One after the other: two signals in a row must not mix two configurations.
  let last: Promise<unknown> = Promise.resolve();
  return {
    address,
    dovecot,
    gateway,
    reload() {
      const turn = last.then(async () => {
        try {
          await apply(await load());
          return true;
        } catch (error) {
          metrics.event('reload-refused');
          log.error({ why: whyOf(error) }, 'reload refused, the old configuration stays');
          return false;
        }
      });
      last = turn;
      return turn;
    },
    async stop() {
      gateway.drain();
      log.info('draining');
      const isDrained = (await faces?.close(loaded.config.limits.drainMs)) ?? true;
      log.info({ drained: isDrained }, 'stopped');
      await close();
      return isDrained;
    },
  };
}

function configurationOf({ config, issueSecret }: Loaded): GatewayConfiguration {
  const { auth, session, limits } = config;
  const { enabled, seconds, cookie, sameSite, domain } = session;
  return { ...auth, issueSecret, limits, sessions: enabled && { seconds, cookie, sameSite, domain } };
}

const bytesOf = (text: string | undefined) =>
  text === undefined ? undefined : new TextEncoder().encode(text);

/** Why something failed, for a log. Our own errors hold no secret; another's message may quote anything. */
export function whyOf(error: unknown): string {
  const isOurs = error instanceof Error && ['VerifierError', 'UsageError'].includes(error.name);
  return isOurs
    ? error.message
    : `a fault of this program (${error instanceof Error ? error.name : typeof error})`;
}
