import { setImmediate as nextTurn } from 'node:timers/promises';
import { Command } from 'commander';
import { createVerifier } from '../index.js';
import { prepareJid } from '../xmpp/prepare-jid.js';
import type { CommandDefinition } from './command.js';
import { EXIT, type ExitCode, wholeNumber } from './command.js';
import { type Context, coloursFor, print } from './context.js';
import { seededRandom } from './demo/makers.js';
import { anySeed, type Entry, goodEntry, mixIn } from './demo/mix.js';
import { introduction, Outcome } from './demo/report.js';
import { JID_COUNT, NOW_MS, prepareScenario, type Scenario } from './demo/scenario.js';
import { startProgress } from './progress.js';
import { grouped } from './verdict-text.js';

interface DemoOptions {
  readonly tokens: number;
  readonly seed?: number;
}

/** How many tokens the verifier gets in one call. */
const BATCH = 1024;

const EXAMPLES = `
Exit code: 0 every verdict is right, 1 at least one is wrong.

Examples:
  totp-token demo
  totp-token demo --tokens 1000000 --seed 7`;

export const demoCommand: CommandDefinition = (context, done) =>
  new Command('demo')
    .summary('issue 100,000 tokens, mix in attacks, verify all')
    .description(
      'Issues tokens, adds forged, altered, replayed and other bad ones, and verifies them all.',
    )
    .option(
      '--tokens <number>',
      'good tokens to issue',
      wholeNumber('--tokens', 100, 1_000_000),
      100_000,
    )
    .option(
      '--seed <number>',
      'seed for the order and the alterations (keys and nonces are always random)',
      wholeNumber('--seed', 0, 2 ** 32 - 1),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (options: DemoOptions) => done(await demo(context, options)));

async function demo(
  context: Context,
  { tokens, seed = anySeed() }: DemoOptions,
): Promise<ExitCode> {
  const colours = coloursFor(context.stdout, context.env);
  const { bold, dim, green, red } = colours;
  const random = seededRandom(seed);
  const scenario = await prepareScenario();
  const first = scenario.plainJids[0]!;
  await print(context, introduction(colours, first, scenario.issuer.issue(first)));

  const good = await issueAll(context, scenario, tokens, random);
  await print(
    context,
    `\n${green('✓')} issued ${grouped(tokens)} tokens for ${grouped(JID_COUNT)} names\n`,
  );
  const entries = mixIn(good, scenario, random);
  const added = grouped(entries.length - tokens);
  await print(
    context,
    `${green('✓')} mixed in ${added} bad ones and shuffled all ${dim(`(--seed ${seed})`)}\n`,
  );

  const outcome = new Outcome();
  const seconds = await verifyAll(context, scenario, entries, outcome);
  const rate = grouped(Math.round(entries.length / seconds / 1000) * 1000);
  const [mark, verdicts] =
    outcome.wrong === 0
      ? [green('✓'), 'all as expected']
      : [red('✗'), `${grouped(outcome.wrong)} wrong`];
  await print(
    context,
    `${green('✓')} verified ${grouped(entries.length)} tokens in ${seconds.toFixed(2)} s: ${bold(`${rate} a second`)}\n`,
  );
  await print(
    context,
    dim(
      `  one thread, strings in, batches of ${BATCH}, names prepared, replay guard on; time within verifyBatch\n\n`,
    ),
  );
  await print(context, `${outcome.table(colours)}\n`);
  await print(context, `${mark} ${bold(`${grouped(entries.length)} verdicts, ${verdicts}`)}\n`);
  await print(context, nextSteps(context));
  return outcome.wrong === 0 ? EXIT.ok : EXIT.rejected;
}

async function issueAll(
  context: Context,
  scenario: Scenario,
  count: number,
  random: () => number,
): Promise<Entry[]> {
  const progress = startProgress(context, 'issuing  ', count);
  const entries: Entry[] = [];
  while (entries.length < count) {
    const end = Math.min(count, entries.length + BATCH);
    for (let n = entries.length; n < end; n++) entries.push(goodEntry(scenario, n, random));
    progress.update(end, `${grouped(end)} tokens`);
    await nextTurn();
  }
  progress.stop();
  return entries;
}

/** @returns The seconds spent on verification alone. */
async function verifyAll(
  context: Context,
  scenario: Scenario,
  entries: readonly Entry[],
  outcome: Outcome,
): Promise<number> {
  const progress = startProgress(context, 'verifying', entries.length);
  const verifier = await createVerifier({
    hosts: scenario.hosts,
    clock: () => NOW_MS,
    prepareJid,
    replay: { capacity: entries.length },
  });
  let spentMs = 0;
  for (let start = 0; start < entries.length; start += BATCH) {
    const batch = entries.slice(start, start + BATCH);
    const jids = batch.map(({ jid }) => jid);
    const tokens = batch.map(({ token }) => token);
    const beganMs = performance.now();
    const verdicts = verifier.verifyBatch(jids, tokens);
    spentMs += performance.now() - beganMs;
    for (const [i, { category }] of batch.entries()) outcome.add(category, verdicts.at(i)!);
    progress.update(start + batch.length, `${grouped(start + batch.length)} tokens`);
    await nextTurn();
  }
  progress.stop();
  verifier.dispose();
  return spentMs / 1000;
}

function nextSteps({ self, stdout, env }: Context): string {
  const { bold } = coloursFor(stdout, env);
  return `
${bold('Next')}
  ${self} keygen --host example.com --out keys.json
  ${self} issue --keys keys.json --jid alice@example.com --count 5 --lines > tokens.tsv
  ${self} verify --keys keys.json --file tokens.tsv
  ${self} --help
`;
}
