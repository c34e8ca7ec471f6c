import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Served } from './served.js';

/** How a request is made from a line: from `jid TAB token`, or from a session. */
export type Way = 'verify' | 'auth' | 'session';

const REQUESTS: Record<Way, string> = {
  verify: `local jid, token = line:match("^(.-)\\t(.*)$")
    return wrk.format("POST", "/v1/verify", { ["content-type"] = "application/json" },
    '{"jid":"' .. jid .. '","token":"' .. token .. '"}')`,
  auth: `local jid, token = line:match("^(.-)\\t(.*)$")
    return wrk.format("GET", "/auth", { authorization = "Bearer " .. base64url(jid .. ":" .. token) })`,
  session: 'return wrk.format("GET", "/auth", { cookie = "__Host-totp-token=" .. line })',
};

/** Each request uses the next line. After the last line, it begins again with the first. */
const script = (file: string, way: Way) => `
local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local function base64url(text)
  local out = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    local count = c and 4 or b and 3 or 2
    for j = 1, count do
      local at = math.floor(n / 64 ^ (4 - j)) % 64 + 1
      out[#out + 1] = alphabet:sub(at, at)
    end
  end
  return table.concat(out)
end
local next_line = io.lines("${file}")
local requests, at = {}, 0
function init()
  for line in next_line do
    requests[#requests + 1] = (function() ${REQUESTS[way]} end)()
  end
end
function request()
  at = at + 1
  return requests[(at - 1) % #requests + 1]
end
function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    summary.errors.status, latency:percentile(50), latency:percentile(99)))
end
`;

export interface Turn {
  readonly perSecond: number;
  /** Processor time of the server for one answer, in microseconds. */
  readonly cpuUs: number;
  /** Answers other than 2xx. */
  readonly refused: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** Runs one turn of wrk with one thread. */
export async function wrk(
  served: Served,
  way: Way,
  lines: Buffer | string,
  seconds: number,
  connections = 16,
): Promise<Turn> {
  const folder = mkdtempSync(join(tmpdir(), 'totp-token-wrk-'));
  try {
    const [file, lua] = [join(folder, 'lines.txt'), join(folder, 'load.lua')];
    writeFileSync(file, lines);
    writeFileSync(lua, script(file, way));
    const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', lua, '--latency'];
    const beganCpu = served.cpuSeconds();
    const child = spawn('wrk', [...options, served.address]);
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    await new Promise<void>((resolve, reject) => {
      child.once('error', () =>
        reject(new Error('wrk is missing; run as root: apt-get install wrk')),
      );
      child.once('close', () => resolve());
    });
    const cpuSeconds = served.cpuSeconds() - beganCpu;
    const [, requests, us, refused, p50, p99] =
      /RESULT (\d+) (\d+) (\d+) (\d+) (\d+)/.exec(output)?.map(Number) ?? [];
    if (requests === undefined || us === undefined) throw new Error(`wrk said nothing: ${output}`);
    return {
      perSecond: Math.round(requests / (us / 1e6)),
      cpuUs: (cpuSeconds * 1e6) / requests,
      refused: refused ?? 0,
      p50Us: p50 ?? 0,
      p99Us: p99 ?? 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
