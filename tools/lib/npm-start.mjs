// `npm start` as a visitor runs it, and the command that it prints.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { npm, ROOT } from './process.mjs';

/**
 * A running `npm start`.
 *
 * @typedef {object} Started
 * @property {string} gateway The gateway's address.
 * @property {string} page The page's address.
 * @property {string} body The body that the printed `curl` command sends.
 * @property {string} notes What it wrote to stderr up to that command: the words for people.
 * @property {() => Promise<void>} stop Sends SIGTERM to npm. Resolves when all that held its output
 *   have ended: npm, its shell and the gateway.
 */

/**
 * Runs `npm start` with a port that is free.
 *
 * @returns {Promise<Started>} Once it has printed how to try it.
 * @throws {Error} It ended before that; the message is all that it wrote.
 */
export async function npmStart() {
  const { file, args, shell } = npm(['start', '--', '--listen', '127.0.0.1:0']);
  const child = spawn(file, args, { cwd: ROOT, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  const over = once(child, 'close');
  let [said, notes] = ['', ''];
  /** @type {Promise<Omit<Started, 'stop'>>} */
  const serving = new Promise((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      [said, notes] = [said + text, notes + text];
      const [, page] = /in a browser: (http:\S+)\n/.exec(notes) ?? [];
      const [, gateway] = /totp-token gateway at (http:\S+)\n/.exec(notes) ?? [];
      const [, body] = / -d '([^']+)'\n/.exec(notes) ?? [];
      if (gateway !== undefined && page !== undefined && body !== undefined)
        resolve({ gateway, page, body, notes });
    });
  });
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = over.then(() => {
    throw new Error(`npm start ended:\n${said}`);
  });
  const served = await Promise.race([serving, ended]);
  return {
    ...served,
    async stop() {
      child.kill('SIGTERM');
      await over;
    },
  };
}

/**
 * Sends what the printed `curl -i` sends.
 *
 * @param {Started} started
 * @returns {Promise<string>} What curl prints, without the headers.
 */
export async function verify({ gateway, body }) {
  const headers = { 'content-type': 'application/json' };
  const url = new URL('/v1/verify', gateway);
  const answer = await fetch(url, { method: 'POST', headers, body });
  return `HTTP/1.1 ${answer.status} ${answer.statusText}\n\n${await answer.text()}\n`;
}
