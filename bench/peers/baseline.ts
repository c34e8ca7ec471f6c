/** The peer that the others of a table are compared with, by its file. */
export const BASELINE = 'node-create-hmac';
