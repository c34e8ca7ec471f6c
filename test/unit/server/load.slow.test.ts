import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIssuer } from '../../../src/index.js';
import { BINARY } from '../cli/binary.js';
import { JID, KEYS } from '../token/reference.js';

const MIB = 1024 * 1024;
const LINES = 1_000_000;
const CHUNK_LINES = 1000;

const folder = mkdtempSync(join(tmpdir(), 'totp-token-load-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A gateway with these lines at the end of its configuration, once it says where it is. */
async function start(name: string, text: string): Promise<{ child: ChildProcess; url: string }> {
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ hosts: { 'example.com': KEYS } }), {
    mode: 0o600,
  });
  writeFileSync(join(folder, name), `listen = "127.0.0.1:0"\nkeys = "keys.json"\n${text}`);
  const child = spawn(process.execPath, [BINARY, 'gateway', '--config', join(folder, name)]);
  let said = '';
  child.stderr!.on('data', (text) => (said += text));
  child.stdout!.resume();
  while (!/gateway at (\S+)/.test(said)) await once(child.stderr!, 'data');
  return { child, url: /gateway at (\S+)/.exec(said)![1]! };
}

const IDLE = 10_000;

/** Connections on which nothing is sent. */
async function connections(url: string, count: number): Promise<Socket[]> {
  const port = Number(new URL(url).port);
  const all: Socket[] = [];
  for (let i = 0; i < count; i += 250) {
    const some = Array.from({ length: 250 }, () =>
      connect(port, '127.0.0.1')
        .on('error', () => {})
        .resume(),
    );
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    all.push(...some);
  }
  return all;
}

describe('the gateway under load', () => {
  let child: ChildProcess;
  let url = '';

  beforeAll(async () => {
    ({ child, url } = await start(
      'gateway.toml',
      '[guard]\ncapacity = 2000000\nrejectStepsBefore = "none"\n[limits]\nheadersMs = 120000\nidleMs = 120000\nconnections = 10100',
    ));
  });

  afterAll(async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }

  /** Sends lines as a batch while reading the answer. @returns How many were accepted. */
  async function batch(
    count: number,
    lines: () => string,
    during: () => Promise<void>,
  ): Promise<number> {
    const headers = { 'content-type': 'text/tab-separated-values', accept: 'text/plain' };
    const asked = request(`${url}/v1/verify/batch`, { method: 'POST', headers });
    const answered = once(asked, 'response');
    let [accepted, rejected] = [0, 0];
    const counted = answered.then(async ([response]) => {
      let rest = '';
      for await (const chunk of response) {
        const words = (rest + chunk).split('\n');
        rest = words.pop()!;
        for (const word of words) word === 'accepted' ? accepted++ : rejected++;
      }
    });
    for (let sent = 0; sent < count; sent += CHUNK_LINES) {
      if (!asked.write(lines())) await once(asked, 'drain');
      if (sent % (100 * CHUNK_LINES) === 0) await during();
    }
    asked.end();
    await counted;
    expect(accepted + rejected).toBe(count);
    return accepted;
  }

  it('verifies a million lines in little more memory than its guard has, and serves others meanwhile', async () => {
    const issuer = await createIssuer({ hosts: { 'example.com': KEYS } });
    const lines = () =>
      Array.from({ length: CHUNK_LINES }, () => `${JID}\t${issuer.issue(JID)}\n`).join('');
    expect(await batch(20_000, lines, async () => {})).toBe(20_000);
    const [before, guard] = [
      await metric('process_resident_memory_bytes'),
      await metric('totp_token_guard_bytes'),
    ];
    let most = 0;
    const accepted = await batch(LINES, lines, async () => {
      most = Math.max(most, await metric('process_resident_memory_bytes'));
    });
    expect(accepted).toBe(LINES);
    expect(most - before).toBeLessThan(guard + 64 * MIB);
  });

  it('serves beside 10,000 idle connections, in little more memory', async () => {
    const idle = await connections(url, IDLE);
    const before = await metric('process_resident_memory_bytes');
    for (let i = 0; i < 100; i++) expect((await fetch(`${url}/auth`)).status).toBe(401);
    expect(await metric('process_resident_memory_bytes')).toBeLessThan(before + 64 * MIB);
    expect(before).toBeLessThan(512 * MIB);
    expect(idle.filter(({ destroyed }) => destroyed)).toEqual([]);
    for (const socket of idle) socket.destroy();
  });
});

describe('the gateway with its default limits', () => {
  it('turns the 10,001st connection away, and takes others once idle ones were cut off', async () => {
    const { child, url } = await start('defaults.toml', '');
    try {
      const idle = await connections(url, IDLE);
      expect(idle.filter(({ destroyed }) => destroyed)).toEqual([]);
      await expect(fetch(`${url}/healthz`)).rejects.toThrow();
      const serves = () =>
        fetch(`${url}/healthz`).then(
          ({ status }) => status === 200,
          () => false,
        );
      await expect.poll(serves, { interval: 500 }).toBe(true);
      // Each has said nothing for limits.headersMs.
      await expect.poll(() => idle.filter(({ destroyed }) => !destroyed)).toEqual([]);
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  });
});
