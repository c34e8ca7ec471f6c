import { make } from './dom.js';

const SHOWN_MS = 2000;

/**
 * Lets each button with `data-copies` copy a text.
 *
 * @param texts - What to copy, by the value of `data-copies`.
 */
export function setUpCopying(texts: Readonly<Record<string, () => string>>): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copies]')) {
    const text = texts[button.dataset.copies ?? ''];
    if (text === undefined) throw new Error(`nothing to copy for ${button.dataset.copies}`);
    const state = make('span', 'copied');
    state.setAttribute('role', 'status');
    button.after(state);
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(text());
        state.textContent = 'Copied.';
      } catch {
        state.textContent = 'The browser does not allow it: select the text and copy it.';
      }
      setTimeout(() => {
        state.textContent = '';
      }, SHOWN_MS);
    });
  }
}
