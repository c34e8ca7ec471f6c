/** The C program, as the tables call it. */
export const NATIVE = 'C with SHA-NI, two streams, bytes';
