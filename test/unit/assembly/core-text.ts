/**
 * The core's text, build/core.wat, read by Binaryen: what its functions do, in the order in which
 * they do it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';
import { ROOT } from '../../../tools/lib/process.mjs';

/** An instruction with what it works on. */
export interface Expression {
  /** As Binaryen calls it: `If`, `Break`, `Load`. */
  readonly kind: string;
  /** Operands by their part, in the order in which they are worked out. */
  readonly parts: readonly (readonly [part: string, Expression])[];
  /** Index of a local, name of a global or of the function that is called. */
  readonly name: string | number | undefined;
  /** The operation of a Unary, Binary or SIMD instruction. */
  readonly op: number | undefined;
  /** The type of what it gives. */
  readonly type: number;
}

export interface CoreFunction {
  readonly name: string;
  readonly params: readonly number[];
  readonly body: Expression;
}

/**
 * Parts of Binaryen's infos that are expressions. An If works its condition out first, a Select
 * last.
 */
const PARTS = [
  ...[
    'children',
    'operands',
    'ptr',
    'dest',
    'source',
    'size',
    'vec',
    'left',
    'right',
    'shift',
    'delta',
    'body',
  ],
  ...['value', 'ifTrue', 'ifFalse', 'condition'],
];
const PARTS_OF_IF = ['condition', 'ifTrue', 'ifFalse'];

const KINDS = new Map(
  Object.entries(binaryen)
    .filter(([name, id]) => name.endsWith('Id') && typeof id === 'number')
    .map(([name, id]) => [id as number, name.slice(0, -2)]),
);

function expressionOf(pointer: number): Expression {
  const info = binaryen.getExpressionInfo(pointer) as unknown as Record<string, unknown> & {
    id: number;
    type: number;
  };
  const kind = KINDS.get(info.id) ?? `unknown ${info.id}`;
  const parts: [string, Expression][] = [];
  if (kind !== 'Const') {
    for (const part of kind === 'If' ? PARTS_OF_IF : PARTS) {
      const found = info[part];
      for (const each of Array.isArray(found) ? found : [found])
        if (each) parts.push([part, expressionOf(each)]);
    }
  }
  const name = (info.index ?? info.target ?? info.name) as string | number | undefined;
  return { kind, parts, name, op: info.op as number | undefined, type: info.type };
}

/** All functions of the core, by their names. */
export function coreFunctions(): ReadonlyMap<string, CoreFunction> {
  const module = binaryen.parseText(readFileSync(join(ROOT, 'build', 'core.wat'), 'utf8'));

  module.setFeatures(binaryen.Features.All);
  // A local for each value: the compiler lets a counter and a secret take turns in one.
  module.runPasses(['ssa']);
  const functions = new Map<string, CoreFunction>();
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const { name, params, body } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    const short = name.replace('assembly/', '');
    functions.set(short, {
      name: short,
      params: binaryen.expandType(params),
      body: expressionOf(body),
    });
  }
  module.dispose();
  return functions;
}

/**
 * The instructions of a function in the order of their work; a choice stands before what it chooses
 * between.
 */
export function inOrder({ body }: CoreFunction): Expression[] {
  const order: Expression[] = [];
  const visit = (expression: Expression) => {
    const isChoice = expression.kind === 'If';
    for (const [part, each] of expression.parts) {
      if (isChoice && part === 'ifTrue') order.push(expression);
      visit(each);
    }
    if (!isChoice) order.push(expression);
  };
  visit(body);
  return order;
}
