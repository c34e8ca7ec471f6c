import cliProgress from 'cli-progress';
import { type Context, coloursFor, isTerminal } from './context.js';

/** A progress bar on stderr. */
export interface Progress {
  /** @param text - Stands behind the bar. */
  update(value: number, text: string): void;
  /** Takes the bar away again. */
  stop(): void;
}

export const NO_PROGRESS: Progress = { update() {}, stop() {} };

/**
 * Starts a progress bar, where stderr is a terminal.
 *
 * @param total - The value at the end; undefined when nobody knows, then only the text is shown.
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
