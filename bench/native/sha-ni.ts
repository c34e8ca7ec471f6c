import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SCRATCH } from '../lib/paths.js';
import type { LeftOut } from '../lib/results.js';
import type { Candidate } from '../lib/rounds.js';
import { windowCodes } from '../peers/codes.js';
import type { Round } from '../workloads/round.js';
import type { World } from '../workloads/world.js';
import { NATIVE } from './name.js';

const SOURCE = join(ROOT, 'bench', 'native', 'sha-ni.c');
const COMPILERS = ['cc', 'gcc', 'clang'];
/** The default capacity of a verifier of the library for each step. */
const CAPACITY = 1_000_000;

/** Compiles the C program. Returns its path, or the reason why it cannot run here. */
export function compileNative(): { readonly program: string } | LeftOut {
  const leftOut = (reason: string) => ({ name: NATIVE, reason });
  if (process.arch !== 'x64') return leftOut(`it is written for x86-64, not ${process.arch}`);
  const cpuInfo = '/proc/cpuinfo';
  if (existsSync(cpuInfo) && !/\bsha_ni\b/.test(readFileSync(cpuInfo, 'utf8')))
    return leftOut('this processor has no SHA instructions');
  const compiler = COMPILERS.find((name) => spawnSync(name, ['--version']).status === 0);
  if (compiler === undefined) return leftOut('no C compiler is installed');
  mkdirSync(SCRATCH, { recursive: true });
  const program = join(SCRATCH, 'sha-ni');
  const { status, stderr } = spawnSync(compiler, ['-O3', '-march=native', '-o', program, SOURCE], {
    encoding: 'utf8',
  });
  return status === 0
    ? { program }
    : leftOut(`${compiler} does not compile it: ${stderr.split('\n')[0]}`);
}

export interface NativeAnswer {
  readonly ns: number;
  readonly accepted: number;
  readonly lines: number;
}

/** The running C program with the keys of one domain. It measures its own time. */
export class Native {
  readonly #child;
  readonly #seed: string;
  #heard = '';
  #answer: ((answer: NativeAnswer) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  constructor(program: string, world: World, domain: string) {
    const { otpSeed, tokenSecret } = world.hosts[domain]!;
    this.#seed = otpSeed;
    this.#child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    this.#child.on('exit', (code) => this.#fail?.(new Error(`${NATIVE}: ended with ${code}`)));
    this.#child.stdin.on('error', () => {});
    const head = new Uint32Array([tokenSecret.length, domain.length, CAPACITY]);
    this.#child.stdin.write(
      Buffer.concat([Buffer.from(head.buffer), Buffer.from(tokenSecret + domain)]),
    );
  }

  verify(step: number, lines: Uint8Array): Promise<NativeAnswer> {
    const head = Buffer.alloc(8);
    const length = Buffer.alloc(8);
    head.writeBigUInt64LE(BigInt(step));
    length.writeBigUInt64LE(BigInt(lines.length));
    const codes = windowCodes(this.#seed, step).map((code) => `${code}`.padStart(8, '0'));
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
      this.#child.stdin.write(Buffer.concat([head, Buffer.from(codes.join('')), length, lines]));
    });
  }

  #hear(text: string): void {
    this.#heard += text;
    if (!this.#heard.endsWith('\n')) return;
    const [ns = Number.NaN, accepted = Number.NaN, lines = Number.NaN] = this.#heard
      .split(' ')
      .map(Number);
    this.#heard = '';
    this.#fail = undefined;
    this.#answer?.({ ns, accepted, lines });
  }

  stop(): void {
    this.#fail = undefined;
    this.#child.stdin.end();
  }
}

export function nativeCandidate(native: Native, items: number): Candidate<Round> {
  return {
    name: NATIVE,
    kind: 'native',
    takesAll: true,
    async turn(round) {
      const { ns, accepted } = await native.verify(round.step, round.lines(items)[0]!);
      return { right: accepted, ns };
    },
  };
}
