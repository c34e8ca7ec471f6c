/** The name of the C program in the tables. */
export const NATIVE = 'C with SHA-NI, two streams, bytes';
