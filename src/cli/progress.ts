import cliProgress from 'cli-progress';
import { type Context, coloursFor, isTerminal } from './context.js';

/** A progress bar on stderr. */
export interface Progress {
  /** @param text - The text after the bar. */
  update(value: number, text: string): void;
  /** Removes the bar. */
  stop(): void;
}

export const NO_PROGRESS: Progress = { update() {}, stop() {} };

/**
 * Starts a progress bar if stderr is a terminal.
 *
 * @param total - The final value. If it is undefined, only the text is shown.
 */
export function startProgress(
  context: Context,
  label: string,
  total: number | undefined,
): Progress {
  const { stderr, env } = context;
  if (!isTerminal(stderr, env)) return NO_PROGRESS;
  const { cyan, dim } = coloursFor(stderr, env);
  const bar = new cliProgress.SingleBar({
    stream: stderr,
    format:
      total === undefined
        ? `${label} {text}`
        : `${label} ${cyan('{bar}')} {percentage} % ${dim('{text}')}`,
    barCompleteChar: '━',
    barIncompleteChar: ' ',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total ?? 0, 0, { text: '' });
  const forget = context.onInterrupt(() => bar.stop());
  return {
    update: (value, text) => bar.update(value, { text }),
    stop: () => {
      forget();
      bar.stop();
    },
  };
}
