import binaryen from 'binaryen';
import type { CoreFunction, Expression } from './core-text.js';

const DIVISIONS = new Set(
  Object.entries(binaryen)
    .filter(([name]) => /^(?:Div|Rem)[SU]Int/.test(name))
    .map(([, op]) => op as unknown as number),
);
/** Where a value decides what is done or where memory is touched. */
const DECIDING: Readonly<Record<string, readonly string[]>> = {
  If: ['condition'],
  Break: ['condition'],
  Select: ['condition'],
  Switch: ['condition'],
  Load: ['ptr'],
  SIMDLoad: ['ptr'],
  Store: ['ptr'],
  MemoryCopy: ['dest', 'source', 'size'],
  MemoryFill: ['dest', 'size'],
};

/**
 * What in a function depends on the bytes of memory, or on the vectors that it is handed:
 * "If.condition", "Load.ptr", "division", "Call.operands" for a number handed on. None: it takes
 * the same path and touches the same places whatever the bytes are.
 *
 * Everything that is loaded counts, constants too, wherever in the function it is: this errs on the
 * safe side.
 *
 * @param counts - `vectors`: only vectors that are loaded count, not the addresses and lengths in
 *   records of the core's.
 */
export function dependsOnBytes(
  { params, body }: CoreFunction,
  counts: 'all' | 'vectors' = 'all',
): string[] {
  const tainted = new Set<number>();
  for (const [i, type] of params.entries()) if (type === binaryen.v128) tainted.add(i);
  let found: string[] = [];

  const visit = (expression: Expression): boolean => {
    const { kind, parts, name, op } = expression;
    let any = false;
    for (const [part, each] of parts) {
      const is = visit(each);
      if (is && DECIDING[kind]?.includes(part)) found.push(`${kind}.${part}`);
      // Vectors are data to whoever is called; a number may be an address.
      if (is && kind === 'Call' && each.type !== binaryen.v128)
        found.push(`Call.operands: ${name}`);
      any ||= is;
    }
    if (kind === 'Load' || kind === 'SIMDLoad' || kind === 'Call') {
      return counts === 'all' || expression.type === binaryen.v128;
    }
    if (kind === 'LocalGet') return tainted.has(name as number);
    if (kind === 'LocalSet' && any) tainted.add(name as number);
    if (kind === 'Binary' && any && DIVISIONS.has(op!)) found.push('division');
    return any;
  };

  // Until no more locals come in: a loop uses what its end has set.
  for (let before = -1; before !== tainted.size; ) {
    before = tainted.size;
    found = [];
    visit(body);
  }
  return found;
}
