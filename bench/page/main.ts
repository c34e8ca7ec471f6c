import { otpauthUri, totp } from 'totp-token';
import { renderSVG } from 'uqr';
import { setUpBench } from './bench-panel.js';
import { byId, make } from './dom.js';
import { type Attempt, alterByte, MEANING, otherHost, partsOf, shiftDigit } from './parts.js';
import { PERIOD_S, Session } from './session.js';

const STEP_MS = PERIOD_S * 1000;
const MOST_VERDICTS = 6;
const clock = { offsetMs: 0 };
const jidInput = byId<HTMLInputElement>('jid');
let session: Session;
/** As it was issued, and as it is shown: altered perhaps. */
let issued: Attempt;
let current: Attempt;

function issue(): void {
  const jid = jidInput.value.trim();
  const error = byId('issue-error');
  error.textContent = '';
  try {
    issued = { jid, token: session.issuer.issue(jid), note: `as ${jid}`, changed: -1 };
    show(issued);
  } catch (fault) {
    error.textContent = `Not a name on this host: write localpart@${session.host}. (${(fault as Error).message})`;
  }
}

function show(attempt: Attempt): void {
  current = attempt;
  const token = byId('token');
  const parts = byId('parts');
  token.replaceChildren();
  parts.replaceChildren();
  let at = 0;
  for (const { kind, text, title, about } of partsOf(attempt.token, attempt.jid)) {
    const span = make('span', kind);
    for (const char of text) {
      span.append(at === attempt.changed ? make('mark', 'changed', char) : char);
      at++;
    }
    token.append(span);
    parts.append(make('dt', kind, title), make('dd', '', about));
  }
}

function verify(): void {
  const { jid, token, note } = current;
  const verdict = session.verifier.verify(jid, token);
  const item = make('li', verdict.code);
  const steps = Math.round(clock.offsetMs / STEP_MS);
  const when = steps === 0 ? '' : `, the clock ${Math.abs(steps)} ${steps > 0 ? 'ahead' : 'back'}`;
  const room = session.isTiny ? ', room for one token a step' : '';
  const drift =
    verdict.ok && verdict.drift !== 0 ? ` It is ${verdict.drift} steps from the clock.` : '';
  item.append(
    make('code', '', verdict.code),
    ` ${MEANING[verdict.code]}${drift}`,
    make('small', '', note + when + room),
  );
  const list = byId('verdicts');
  list.prepend(item);
  if (list.childElementCount > MOST_VERDICTS) list.lastElementChild?.remove();
}

function moveClock(steps: number): void {
  clock.offsetMs = steps === 0 ? 0 : clock.offsetMs + steps * STEP_MS;
  tick();
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
      : `${steps > 0 ? '+' : '−'}${Math.abs(steps)} steps from the true time`;
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
  byId('issue').addEventListener('submit', (event) => {
    event.preventDefault();
    issue();
  });
  const click = (id: string, action: () => void) => byId(id).addEventListener('click', action);
  click('verify', verify);
  click('shift', () => show(shiftDigit(current)));
  click('alter', () => show(alterByte(issued)));
  click('other-host', () => show(otherHost(issued)));
  click('restore', () => show(issued));
  const tiny = byId<HTMLInputElement>('tiny');
  const choose = () => {
    session.isTiny = tiny.checked;
  };
  tiny.addEventListener('change', choose);
  // A browser may have kept the choice over a reload.
  choose();
  click('clock-back', () => moveClock(-1));
  click('clock-now', () => moveClock(0));
  click('clock-forward', () => moveClock(1));
  issue();
  showQr();
  tick();
  setInterval(tick, 500);
  setUpBench();
  document.body.dataset.ready = 'true';
}

start().catch((error: Error) => {
  byId('issue-error').textContent = `This browser cannot run it: ${error.message}`;
});
