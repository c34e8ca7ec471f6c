// Mutants that no test can or need notice, each with its reason.
/** @typedef {import('./score.mjs').Survivor} Survivor */

/** @type {readonly (Survivor & { readonly why: string })[]} */
export const ACCEPTED = [];
