// Compares the recipes for HAProxy: by SPOP (docs/gateway/haproxy.cfg), and with Lua over HTTP
// (haproxy-lua.cfg). Each has a gateway and a HAProxy, and both get the same load in turn. Measures
// the answers a second through HAProxy, and the gateway's processor time for each. Tokens are
// always fresh, and there is one session. HAProxy itself answers instead of an application. Needs
// wrk and HAProxy.
//
//   node tools/ready.mjs bench && node build/bench/gateway/haproxy.js [--rounds N] [--seconds N]
//     [--connections N] [--threads N] [--most N]
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ROOT } from '../lib/paths.js';
import { createIssuer, HOST, HOSTS } from './served.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
    threads: { type: 'string', default: '1' },
    /** How many tokens are made for each second. */
    most: { type: 'string', default: '60000' },
  },
});
const [rounds, seconds, connections] = [values.rounds, values.seconds, values.connections].map(
  Number,
) as [number, number, number];
const JID = `alice@${HOST}`;
const PORTS = { spoe: 18_480, lua: 18_481 } as const;
type Recipe = keyof typeof PORTS;
const RECIPES = Object.keys(PORTS) as Recipe[];
const WAYS = ['token', 'session'] as const;

interface Turn {
  readonly perSecond: number;
  /** Processor time of the gateway for an answer, in microseconds. */
  readonly microseconds: number;
  readonly refused: number;
}

/** One recipe with its own gateway. */
class Stage {
  readonly url: string;
  readonly #folder: string;
  readonly #processes: ChildProcess[] = [];
  #session = '';

  private constructor(recipe: Recipe) {
    this.url = `http://127.0.0.1:${PORTS[recipe]}`;
    this.#folder = mkdtempSync(join(tmpdir(), 'totp-haproxy-'));
  }

  static async start(recipe: Recipe): Promise<Stage> {
    const stage = new Stage(recipe);
    await stage.#startGateway();
    await stage.#startProxy(recipe);
    await stage.#begin();
    return stage;
  }

  async #startGateway(): Promise<void> {
    const folder = this.#folder;
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ hosts: HOSTS }), { mode: 0o600 });
    writeFileSync(
      join(folder, 'gateway.toml'),
      `listen = "unix:${folder}/http"
keys = "keys.json"
[spoe]
listen = "unix:${folder}/spoe"
[guard]
rejectStepsBefore = "none"
[proxies]
trusted = ["unix"]
`,
    );
    const main = join(ROOT, 'dist', 'cli', 'main.js');
    this.#spawn(process.execPath, [main, 'gateway', '--config', join(folder, 'gateway.toml')]);
    await reachable({ path: join(folder, 'http') });
  }

  async #startProxy(recipe: Recipe): Promise<void> {
    const folder = join(this.#folder, 'haproxy');
    mkdirSync(folder);
    const names =
      recipe === 'spoe'
        ? ['haproxy.cfg', 'haproxy-spoe.conf']
        : ['haproxy-lua.cfg', 'haproxy-auth.lua'];
    for (const name of names) {
      const path = join(folder, name);
      cpSync(join(ROOT, 'docs', 'gateway', name), path);
      const text = readFileSync(path, 'utf8')
        .replaceAll('/run/totp-token/', `${this.#folder}/`)
        .replaceAll('127.0.0.1:8000', `127.0.0.1:${PORTS[recipe]}`)
        .replace('server app 127.0.0.1:9000', 'http-request return status 200');
      writeFileSync(
        path,
        name.endsWith('.cfg') ? `global\n    nbthread ${values.threads}\n${text}` : text,
      );
    }
    this.#spawn('haproxy', ['-db', '-C', folder, '-f', names[0]!]);
    await reachable({ port: PORTS[recipe], host: '127.0.0.1' });
  }

  async #begin(): Promise<void> {
    const issuer = await createIssuer({ hosts: HOSTS });
    const body = JSON.stringify({ jid: JID, token: issuer.issue(JID) });
    issuer.dispose();
    const { headers } = await this.#ask(
      { path: '/v1/session', method: 'POST', headers: { 'content-type': 'application/json' } },
      body,
    );
    this.#session = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    if (this.#session === '') throw new Error('no session');
  }

  async turn(way: (typeof WAYS)[number]): Promise<Turn> {
    const headers = way === 'token' ? await freshHeaders() : [`cookie: ${this.#session}`];
    const file = join(this.#folder, 'headers.txt');
    writeFileSync(file, `${headers.join('\n')}\n`);
    const script = join(this.#folder, 'load.lua');
    writeFileSync(script, loadScript(file));
    const before = await this.#counted();
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, this.url];
    const child = spawn('wrk', args);
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    await once(child, 'close');
    const after = await this.#counted();
    const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? 0);
    return {
      perSecond: Math.round(number(/Requests\/sec:\s+([\d.]+)/)),
      refused: number(/Non-2xx or 3xx responses: (\d+)/),
      microseconds: ((after.cpu - before.cpu) * 1e6) / (after.answers - before.answers),
    };
  }

  /** Processor time of the gateway so far, in seconds, and its answers to HAProxy. */
  async #counted(): Promise<{ cpu: number; answers: number }> {
    const { text } = await this.#ask({ path: '/metrics' });
    const sum = (name: string) =>
      [...text.matchAll(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'gm'))].reduce(
        (all, [, value]) => all + Number(value),
        0,
      );
    return {
      cpu: sum('process_cpu_seconds_total'),
      answers: sum('totp_token_spoe_answers_total') + sum('totp_token_http_responses_total'),
    };
  }

  /** Asks the gateway directly. */
  async #ask(options: RequestOptions, body = '') {
    const sent = request({ socketPath: join(this.#folder, 'http'), agent: false, ...options });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of answer.setEncoding('utf8')) text += part;
    return { headers: answer.headers, text };
  }

  #spawn(file: string, args: readonly string[]): void {
    this.#processes.push(spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'] }));
  }

  async stop(): Promise<void> {
    for (const child of this.#processes.reverse()) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Makes more tokens than a turn can use. */
async function freshHeaders(): Promise<readonly string[]> {
  const issuer = await createIssuer({ hosts: HOSTS });
  const headers = Array.from({ length: Math.ceil(Number(values.most) * seconds) }, (_, i) => {
    const jid = `u${i % 1000}@${HOST}`;
    return `authorization: Basic ${Buffer.from(`${jid}:${issuer.issue(jid)}`).toString('base64')}`;
  });
  issuer.dispose();
  return headers;
}

/** Each request uses the next header. */
const loadScript = (file: string) => `
local requests, at = {}, 0
function init()
  for line in io.lines("${file}") do
    local name, value = line:match("^(.-): (.*)$")
    requests[#requests + 1] = wrk.format("GET", "/page", { [name] = value })
  end
end
function request()
  at = at + 1
  return requests[(at - 1) % #requests + 1]
end
`;

async function reachable(at: { path: string } | { port: number; host: string }): Promise<void> {
  for (;;) {
    const socket = connect(at);
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await delay(50);
  }
}

const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;

const stages = { spoe: await Stage.start('spoe'), lua: await Stage.start('lua') };
try {
  for (const way of WAYS) {
    const ratios = { perSecond: [] as number[], microseconds: [] as number[] };
    const all: Record<Recipe, Turn[]> = { spoe: [], lua: [] };
    for (let round = 0; round <= rounds; round++) {
      const turn = {} as Record<Recipe, Turn>;
      for (const recipe of round % 2 ? RECIPES : [...RECIPES].reverse())
        turn[recipe] = await stages[recipe].turn(way);
      // The first one warms up.
      if (round === 0) continue;
      for (const recipe of RECIPES) all[recipe].push(turn[recipe]);
      ratios.perSecond.push(turn.spoe.perSecond / turn.lua.perSecond);
      ratios.microseconds.push(turn.spoe.microseconds / turn.lua.microseconds);
    }
    const line = (recipe: Recipe) =>
      `${median(all[recipe].map(({ perSecond }) => perSecond))} a second, ` +
      `${median(all[recipe].map(({ microseconds }) => microseconds)).toFixed(1)} µs of the gateway, ` +
      `${all[recipe].reduce((sum, { refused }) => sum + refused, 0)} refused`;
    console.log(`${way}: by SPOP ${line('spoe')}`);
    console.log(`${way}: with Lua ${line('lua')}`);
    console.log(
      `${way}: SPOP has ${median(ratios.perSecond).toFixed(2)} times the answers a second, ` +
        `at ${median(ratios.microseconds).toFixed(2)} times the gateway's processor time ` +
        `(medians of ${rounds} paired rounds)`,
    );
  }
} finally {
  for (const recipe of RECIPES) await stages[recipe].stop();
}
