import {
  type Aggregator,
  Counter,
  collectDefaultMetrics,
  Gauge,
  type Metric,
  Registry,
} from 'prom-client';
import type { GatewayVerifier, Protocol, Verified } from '../../gateway/contract.js';
import type { MetricsText } from '../../gateway/route-context.js';
import { type GuardState, VERDICT_CODES } from '../../index.js';

/** In seconds. A verification takes microseconds in memory, and milliseconds if it asks a store. */
const VERIFY_BOUNDS = [1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 1e-3, 5e-3, 2.5e-2, 0.1, 1];
const REQUEST_BOUNDS = [2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 1e-2, 5e-2, 0.25, 1, 10];
/** A gauge is 0 if the guard does not know the value, or has no such limit. */
const GUARD_GAUGES = [
  ['entries', 'entries', 'Accepted tokens that the fullest step remembers'],
  ['capacity', 'capacity', 'Room for accepted tokens of each step'],
  ['bytes', 'bytes', "Bytes of the guard's tables, of LMDB's file, or of the fullest Redis server"],
  ['max_bytes', 'maxBytes', 'Bytes that the fullest Redis server may take'],
  ['guards_away', 'guardsAway', 'Guards of a quorum that gave no answer when last asked'],
] as const satisfies readonly (readonly [string, keyof GuardState, string])[];
/**
 * Events for which an operator may set an alert. They are 0 from the start, because Prometheus sees
 * no rise in a series that begins with 1.
 */
const WARNED_EVENTS = [
  'fault',
  'guard-problem',
  'reload-refused',
  'batch-refused',
  'connection-refused',
  'request-unreadable',
  'dovecot-cut-off',
  'spoe-cut-off',
];
/** The label of a host that has no keys: a name that a client made up must not become a label. */
const OTHER_HOST = 'other';

/**
 * The metrics for Prometheus. The hot path adds to plain numbers. Labels are made when Prometheus
 * asks.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #verifySeconds = new BucketHistogram(
    'totp_token_verify_seconds',
    'Time that the verifier took for one token',
    VERIFY_BOUNDS,
  );
  readonly #requestSeconds = new BucketHistogram(
    'totp_token_http_request_seconds',
    'Time from the head of an HTTP request to the head of its answer',
    REQUEST_BOUNDS,
  );
  /** For each protocol and host, one count for each verdict code. */
  readonly #verdicts = new Map<Protocol, Map<string, Float64Array>>();
  readonly #responses = new Map<number, number>();
  readonly #answers = new Map<number, number>();
  readonly #refusals: Counter<'protocol' | 'reason'>;
  readonly #events: Counter<'event'>;
  #hosts: ReadonlySet<string> = new Set();

  constructor(verifier: GatewayVerifier, version: string) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    for (const histogram of [this.#verifySeconds, this.#requestSeconds]) {
      this.#registry.registerMetric(histogram as unknown as Metric);
    }
    const { verdictsInto } = this;
    const [responses, answers] = [this.#responses, this.#answers];
    new Counter({
      name: 'totp_token_verdicts_total',
      help: 'Tokens by verdict, host and protocol',
      labelNames: ['code', 'host', 'protocol'],
      registers,
      collect() {
        verdictsInto(this);
      },
    });
    new Counter({
      name: 'totp_token_http_responses_total',
      help: 'HTTP answers by status',
      labelNames: ['status'],
      registers,
      collect() {
        countsInto(this, responses);
      },
    });
    new Counter({
      name: 'totp_token_spoe_answers_total',
      help: 'Answers to HAProxy by the HTTP status that they stand for',
      labelNames: ['status'],
      registers,
      collect() {
        countsInto(this, answers);
      },
    });
    this.#refusals = new Counter({
      name: 'totp_token_refusals_total',
      help: 'Malformed attempts by fault and protocol',
      labelNames: ['protocol', 'reason'],
      registers,
    });
    this.#events = new Counter({
      name: 'totp_token_events_total',
      help: 'Other events: sessions, issued tokens, limits, reloads, faults',
      labelNames: ['event'],
      registers,
    });
    for (const event of WARNED_EVENTS) this.#events.inc({ event }, 0);
    for (const protocol of ['issue', 'operator'])
      this.#refusals.inc({ protocol, reason: 'wrong-secret' }, 0);
    // Processes that share a guard all report the same values, so they must not be added.
    const aggregator: Aggregator = 'max';
    const gauge = (name: string, help: string, value: () => number | Promise<number>) =>
      new Gauge({
        name,
        help,
        registers,
        aggregator,
        async collect() {
          this.set(await value());
        },
      });
    const guard = new GuardWatch(verifier);
    new Counter({
      name: 'totp_token_guard_events_total',
      help: 'Events of the store, such as restarts, failovers and evictions',
      labelNames: ['event'],
      registers,
      aggregator,
      collect() {
        this.reset();
        for (const [event, count] of Object.entries(verifier.guardEvents?.() ?? {}))
          this.inc({ event }, count);
      },
    });
    gauge('totp_token_hosts', 'Hosts that have keys', () => verifier.hosts.length);
    for (const [name, field, help] of GUARD_GAUGES) {
      gauge(`totp_token_guard_${name}`, help, async () => (await guard.state())[field] ?? 0);
    }
    new Gauge({
      name: 'totp_token_build_info',
      help: 'Version of the gateway and of Node',
      labelNames: ['version', 'node'],
      registers,
      aggregator: 'first',
    }).set({ version, node: process.versions.node }, 1);
  }

  /** Sets the hosts that get a label of their own. */
  knowHosts(hosts: readonly string[]): void {
    this.#hosts = new Set(hosts);
  }

  verified({ protocol, verdict, jid, reason, seconds }: Verified): void {
    // 0 seconds: there was nothing to verify.
    if (seconds > 0) this.#verifySeconds.observe(seconds);
    if (reason !== undefined) this.#refusals.inc({ protocol, reason });
    this.#add(protocol, this.#hostOf(jid), VERDICT_CODES.indexOf(verdict.code), 1);
  }

  /**
   * Counts a batch as a whole, without hosts. Finding the host of each line would cost as much as
   * verifying it.
   */
  batch(counts: readonly number[]): void {
    counts.forEach((count, code) => {
      if (count > 0) this.#add('batch', '', code, count);
    });
  }

  responded(status: number, seconds: number): void {
    this.#responses.set(status, (this.#responses.get(status) ?? 0) + 1);
    this.#requestSeconds.observe(seconds);
  }

  /** Counts an answer to HAProxy. */
  answered(status: number): void {
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
  }

  event(name: string): void {
    this.#events.inc({ event: name });
  }

  readonly text: MetricsText = async () => ({
    contentType: this.#registry.contentType,
    text: await this.#registry.metrics(),
  });

  /** For workers, whose leader adds their metrics up. */
  get registry(): Registry {
    return this.#registry;
  }

  #hostOf(jid: string): string {
    const host = jid.slice(jid.indexOf('@') + 1);
    if (this.#hosts.has(host)) return host;
    const lower = host.toLowerCase().replace(/\.$/, '');
    return this.#hosts.has(lower) ? lower : OTHER_HOST;
  }

  #add(protocol: Protocol, host: string, code: number, count: number): void {
    const byHost = this.#verdicts.get(protocol) ?? new Map<string, Float64Array>();
    const counts = byHost.get(host) ?? new Float64Array(VERDICT_CODES.length);
    if (!byHost.has(host)) this.#verdicts.set(protocol, byHost.set(host, counts));
    counts[code]! += count;
  }

  private readonly verdictsInto = (counter: Counter<'code' | 'host' | 'protocol'>): void => {
    counter.reset();
    for (const [protocol, byHost] of this.#verdicts) {
      for (const [host, counts] of byHost) {
        counts.forEach((count, code) => {
          if (count > 0) counter.inc({ code: VERDICT_CODES[code]!, host, protocol }, count);
        });
      }
    }
  };
}

function countsInto(counter: Counter<'status'>, counts: ReadonlyMap<number, number>): void {
  counter.reset();
  for (const [status, count] of counts) counter.inc({ status: `${status}` }, count);
}

/**
 * A histogram for Prometheus whose `observe` takes a few comparisons. prom-client's own histogram
 * builds a key out of labels each time. The registry takes it like any other metric, because it
 * only calls `get`.
 */
export class BucketHistogram {
  readonly name: string;
  readonly #help: string;
  /** Upper bounds, ascending. */
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let i = 0;
    while (i < this.#bounds.length && value > this.#bounds[i]!) i++;
    this.#counts[i]!++;
    this.#sum += value;
  }

  async get() {
    const values: { metricName: string; labels: Record<string, string | number>; value: number }[] =
      [];
    let total = 0;
    this.#counts.forEach((count, i) => {
      total += count;
      values.push({
        metricName: `${this.name}_bucket`,
        labels: { le: this.#bounds[i] ?? '+Inf' },
        value: total,
      });
    });
    values.push({ metricName: `${this.name}_sum`, labels: {}, value: this.#sum });
    values.push({ metricName: `${this.name}_count`, labels: {}, value: total });
    return { name: this.name, help: this.#help, type: 'histogram', values, aggregator: 'sum' };
  }
}

/** Reads how full a verifier's guard is. Metrics that are collected together share one question. */
export class GuardWatch {
  readonly #verifier: GatewayVerifier;
  #asked: Promise<GuardState> | undefined;
  #last: GuardState = {};

  constructor(verifier: GatewayVerifier) {
    this.#verifier = verifier;
  }

  /**
   * Never fails. While a store does not answer, returns its last answer. `/readyz` and the log
   * report such a store.
   */
  state(): Promise<GuardState> {
    this.#asked ??= this.#ask().finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }

  async #ask(): Promise<GuardState> {
    const { replay } = this.#verifier;
    if (replay !== undefined) {
      const { capacity, bytes, generations } = replay;
      return {
        entries: Math.max(0, ...generations.map(({ entries }) => entries)),
        capacity,
        bytes,
      };
    }
    try {
      this.#last = (await this.#verifier.guardState?.()) ?? {};
    } catch {}
    return this.#last;
  }
}
