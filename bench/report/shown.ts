import { gatewayGrid } from '../gateway/grid.js';
import { gatewayGoals } from '../gateway/results.js';
import { guardsGrid } from '../guards/grid.js';
import { soakGrid } from '../soak/grid.js';
import { soakGoals } from '../soak/results.js';
import { factsLine, goalsGrid, markdownOf } from './grid.js';
import { savedGateway, savedGuards, savedSoaks } from './saved.js';

/** A part of a page that is made from the newest results. */
export interface Shown {
  readonly page: string;
  /** Matches the two markers, each as a group, and the text between them. */
  readonly pattern: RegExp;
  readonly text: string;
}

/** All parts for which there are results. */
export function shownBlocks(): Shown[] {
  const [gateway, guards, soaks] = [savedGateway(), savedGuards(), savedSoaks()];
  const shown: Shown[] = [];
  if (gateway !== undefined) {
    const goals = markdownOf(goalsGrid(gatewayGoals(gateway)));
    shown.push(
      block(
        'bench/README.md',
        'gateway',
        `\n${factsLine(gateway)}\n${markdownOf(gatewayGrid(gateway))}\n${goals}\n`,
      ),
    );
  }
  if (soaks.length > 0) {
    const runs = soaks.map(
      (run) =>
        `${run.workers === 1 ? '1 worker' : `${run.workers} workers`}: ${factsLine(run)}\n${markdownOf(goalsGrid(soakGoals(run)))}\n`,
    );
    shown.push(
      block('bench/README.md', 'soak', `\n${markdownOf(soakGrid(soaks))}\n${runs.join('\n')}`),
    );
  }
  if (guards !== undefined)
    shown.push(block('docs/guards-sizing.md', 'guards', markdownOf(guardsGrid(guards))));
  return shown;
}

const block = (page: string, name: string, text: string): Shown => ({
  page,
  pattern: new RegExp(`(<!-- ${name}: [^>]*-->\\n)[\\s\\S]*?(<!-- /${name} -->)`),
  text,
});
