import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lines } from './served.js';

/** How a request is made of a line `jid TAB token`. */
export type Way = 'verify' | 'auth';

const REQUESTS: Record<Way, string> = {
  verify: `return wrk.format("POST", "/v1/verify", { ["content-type"] = "application/json" },
    '{"jid":"' .. jid .. '","token":"' .. token .. '"}')`,
  auth: 'return wrk.format("GET", "/auth", { authorization = "Bearer " .. base64url(jid .. ":" .. token) })',
};

/** Each request has a token of its own. */
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
    local jid, token = line:match("^(.-)\\t(.*)$")
    requests[#requests + 1] = (function() ${REQUESTS[way]} end)()
  end
end
function request()
  at = at + 1
  return requests[(at - 1) % #requests + 1]
end
local not2xx = 0
function done(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    summary.errors.status, latency:percentile(50), latency:percentile(99)))
end
`;

export interface Stroke {
  readonly perSecond: number;
  /** Answers other than 2xx. */
  readonly refused: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** One stroke of wrk: one thread, so many connections, a token a request. */
export async function wrk(
  url: string,
  way: Way,
  seconds: number,
  connections = 16,
): Promise<Stroke> {
  const folder = mkdtempSync(join(tmpdir(), 'totp-token-wrk-'));
  try {
    const tokens = join(folder, 'tokens.tsv');
    writeFileSync(tokens, await lines(Math.ceil(60_000 * seconds)));
    const lua = join(folder, 'load.lua');
    writeFileSync(lua, script(tokens, way));
    const child = spawn('wrk', [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '-s',
      lua,
      '--latency',
      url,
    ]);
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    await new Promise<void>((resolve, reject) => {
      child.once('error', () =>
        reject(new Error('wrk is missing; run as root: apt-get install wrk')),
      );
      child.once('close', () => resolve());
    });
    const [, requests, us, refused, p50, p99] =
      /RESULT (\d+) (\d+) (\d+) (\d+) (\d+)/.exec(output)?.map(Number) ?? [];
    if (requests === undefined || us === undefined) throw new Error(`wrk said nothing: ${output}`);
    return {
      perSecond: Math.round(requests / (us / 1e6)),
      refused: refused ?? 0,
      p50Us: p50 ?? 0,
      p99Us: p99 ?? 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
