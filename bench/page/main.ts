import { otpauthUri, totp } from 'totp-token';
import { renderSVG } from 'uqr';
import {
  type Attempt,
  aboutName,
  alterByte,
  issued,
  otherHost,
  pasted,
  readPasted,
  shiftDigit,
} from './attempts.js';
import { setUpBench } from './bench-panel.js';
import { setUpCopying } from './copy.js';
import { byId, make } from './dom.js';
import { askGateway, hasGateway } from './gateway.js';
import { MEANING, partsOf } from './parts.js';
import { PERIOD_S, Session } from './session.js';

const STEP_MS = PERIOD_S * 1000;
const MOST_VERDICTS = 5;
const clock = { offsetMs: 0 };
const jidInput = byId<HTMLInputElement>('jid');
let session: Session;
/** As it was issued or pasted, and as it is shown: altered perhaps. */
let original: Attempt;
let current: Attempt;

function issue(): void {
  const jid = jidInput.value.trim();
  const error = byId('issue-error');
  error.textContent = '';
  try {
    original = issued(jid, session.issuer.issue(jid));
    present(original);
  } catch (fault) {
    error.textContent = `Not a name on this host: write localpart@${session.host}. (${(fault as Error).message})`;
  }
}

/** Shows a token that a visitor brought. */
function usePasted(): void {
  const { jid, token } = readPasted(byId<HTMLTextAreaElement>('pasted').value);
  const isForGateway = hasGateway && byId<HTMLInputElement>('by-gateway').checked;
  const named = byId<HTMLInputElement>('pasted-jid').value.trim();
  original = pasted(jid ?? named, token, isForGateway ? 'gateway' : 'page');
  present(original);
  byId<HTMLDetailsElement>('own').open = false;
  byId('verify').focus();
}

/** Shows a token and says what was done to it. */
function present(attempt: Attempt): void {
  current = attempt;
  showToken(attempt);
  showName(attempt);
  for (const id of ['shift', 'alter', 'other-host'])
    byId<HTMLButtonElement>(id).disabled = !/^\d{9,} .{21,}$/.test(original.token);
  answer(make('p', '', `${attempt.note} It is not verified yet.`));
}

function showToken(attempt: Attempt): void {
  const token = byId('token');
  const parts = byId('parts');
  token.replaceChildren();
  parts.replaceChildren();
  let at = 0;
  for (const { kind, text, title, about } of partsOf(attempt)) {
    const span = make('span', kind);
    for (const char of text) {
      span.append(at === attempt.changedChar ? make('mark', 'changed', char) : char);
      at++;
    }
    token.append(span);
    parts.append(make('dt', kind, title), make('dd', '', about));
  }
}

function showName(attempt: Attempt): void {
  const { jid, changedName } = attempt;
  const [from, to] = changedName;
  const name = byId('presented');
  name.replaceChildren(jid.slice(0, from));
  if (to > from) name.append(make('mark', 'changed', jid.slice(from, to)));
  name.append(jid.slice(to));
  byId('presented-about').textContent = aboutName(attempt);
}

async function verify(): Promise<void> {
  const { jid, token, judge, change, note } = current;
  const facts = [`Presented as ${jid}.`];
  if (change !== 'none') facts.push(note);
  if (judge === 'gateway') {
    facts.push('The gateway of npm start verified it, with its own keys and clock.');
    try {
      const { code, meaning = MEANING[code] ?? '' } = await askGateway(jid, token);
      answer(verdictOf(code, meaning, facts));
    } catch {
      answer(make('p', '', 'The gateway does not answer. Is npm start still running?'));
    }
    return;
  }
  const verdict = session.verifier.verify(jid, token);
  const steps = Math.round(clock.offsetMs / STEP_MS);
  if (steps !== 0) facts.push(`The clock is ${stepsText(steps)} ${steps > 0 ? 'ahead' : 'back'}.`);
  if (session.isTiny) facts.push('The memory holds one token a step.');
  const drift =
    verdict.ok && verdict.drift !== 0
      ? ` Its OTP is of ${stepsText(verdict.drift)} ${verdict.drift > 0 ? 'after' : 'before'} the clock’s.`
      : '';
  answer(verdictOf(verdict.code, `${MEANING[verdict.code]}${drift}`, facts));
}

const stepsText = (steps: number): string =>
  Math.abs(steps) === 1 ? 'one step' : `${Math.abs(steps)} steps`;

function verdictOf(code: string, meaning: string, facts: readonly string[]): HTMLElement {
  const verdict = make('p', `verdict ${code}`);
  verdict.append(make('code', '', code), ` ${meaning}`, make('small', '', facts.join(' ')));
  return verdict;
}

/** Shows the latest answer. A verdict that stood there joins the earlier ones. */
function answer(content: HTMLElement): void {
  const place = byId('answer');
  const earlier = place.querySelector('.verdict');
  const list = byId('verdicts');
  if (earlier !== null) {
    const item = make('li', earlier.className);
    item.append(...earlier.childNodes);
    list.prepend(item);
    if (list.childElementCount > MOST_VERDICTS) list.lastElementChild?.remove();
  }
  place.replaceChildren(content);
}

function moveClock(steps: number): void {
  clock.offsetMs = steps === 0 ? 0 : clock.offsetMs + steps * STEP_MS;
  tick();
  byId('clock-text').scrollIntoView({ block: 'nearest' });
}

/** Shows the step and what is left of it by the moved clock. */
function tick(): void {
  const { nowMs } = session;
  const leftS = PERIOD_S - Math.floor((nowMs / 1000) % PERIOD_S);
  const steps = Math.round(clock.offsetMs / STEP_MS);
  byId<HTMLProgressElement>('countdown').value = leftS;
  const moved =
    steps === 0
      ? 'the true time'
      : `${stepsText(steps)} ${steps > 0 ? 'ahead of' : 'behind'} the true time`;
  byId('clock-text').textContent =
    `Step ${Math.floor(nowMs / STEP_MS)}, ${leftS} s left of ${PERIOD_S}; this clock is ${moved}.`;
  byId('code').textContent = totp({ secret: session.keys.otpSeed, timeMs: nowMs });
}

function showQr(): void {
  const uri = otpauthUri({
    type: 'totp',
    issuer: 'totp-token',
    account: session.host,
    secret: session.keys.otpSeed,
  });
  byId('qr').innerHTML = renderSVG(uri, { border: 1 });
  byId('uri').textContent = uri;
}

async function start(): Promise<void> {
  const host = jidInput.value.split('@')[1] ?? 'example.com';
  session = await Session.start(host, clock);
  const submit = (id: string, action: () => void) =>
    byId(id).addEventListener('submit', (event) => {
      event.preventDefault();
      action();
    });
  submit('issue', () => {
    issue();
    byId('token').scrollIntoView({ block: 'nearest' });
  });
  submit('paste', usePasted);
  byId('gateway-choice').hidden = !hasGateway;
  const click = (id: string, action: () => void | Promise<void>) =>
    byId(id).addEventListener('click', async () => {
      await action();
      // On a phone the answer may lie below the screen.
      byId('answer').scrollIntoView({ block: 'nearest' });
    });
  click('verify', verify);
  click('shift', () => present(shiftDigit(original)));
  click('alter', () => present(alterByte(original)));
  click('other-host', () => present(otherHost(original)));
  click('restore', () => present(original));
  const tiny = byId<HTMLInputElement>('tiny');
  const choose = () => {
    session.isTiny = tiny.checked;
  };
  tiny.addEventListener('change', choose);
  // A browser may have kept the choice over a reload.
  choose();
  byId('clock-back').addEventListener('click', () => moveClock(-1));
  byId('clock-now').addEventListener('click', () => moveClock(0));
  byId('clock-forward').addEventListener('click', () => moveClock(1));
  issue();
  showQr();
  tick();
  setInterval(tick, 500);
  setUpCopying({
    token: () => current.token,
    code: () => byId('code').textContent ?? '',
    uri: () => byId('uri').textContent ?? '',
  });
  setUpBench();
  document.body.dataset.ready = 'true';
}

start().catch((error: Error) => {
  byId('issue-error').textContent = `This browser cannot run it: ${error.message}`;
});
