import { encode, renderSVG, renderUnicodeCompact } from 'uqr';
import { UsageError } from './command.js';
import { type Context, isTerminal } from './context.js';

/**
 * Light modules on each side, as ISO/IEC 18004 requires. Without them, cameras do not find the
 * code.
 */
const QUIET_ZONE = 4;
/** How many bytes the largest code holds: version 40 at level L. */
const MAX_BYTES = 2953;
/** Forces white on black. A terminal with a light background would otherwise invert the code. */
const [PAINT, RESET] = ['\u001b[38;5;231;48;5;16m', '\u001b[0m'];

/** Level L, raised as far as the code does not become larger. */
const OPTIONS = { border: QUIET_ZONE, ecc: 'L', boostEcc: true } as const;

/**
 * A QR code as an SVG image.
 *
 * @param text - ASCII.
 * @throws {UsageError} The text is too long for a QR code.
 */
export function svgCode(text: string, option: string): string {
  checkLength(text, option);
  return `${renderSVG(text, OPTIONS)}\n`;
}

/**
 * A QR code in half blocks. Each line shows two rows.
 *
 * @param text - ASCII.
 * @throws {UsageError} The text is too long for a QR code, or the code is wider than the terminal.
 */
export function terminalCode({ stdout, env }: Context, text: string, option: string): string {
  checkLength(text, option);
  const { size } = encode(text, OPTIONS);
  const { columns = size } = stdout;
  if (columns < size) {
    throw new UsageError(
      `${option}: the code is ${size} characters wide, the terminal ${columns}; widen it, or use --svg`,
    );
  }
  const lines = renderUnicodeCompact(text, OPTIONS).split('\n');
  const isPainted = isTerminal(stdout, env) && !env.NO_COLOR;
  return lines.map((line) => `${isPainted ? `${PAINT}${line}${RESET}` : line}\n`).join('');
}

function checkLength(text: string, option: string): void {
  if (text.length > MAX_BYTES) {
    throw new UsageError(
      `${option}: the URI has ${text.length} characters, and a QR code holds ${MAX_BYTES}; shorten names or secret`,
    );
  }
}
