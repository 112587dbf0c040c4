/** How a text stands in a command that is printed for people to type. */

/** The text as one word of a shell: as it is when that is plain, else in single quotes. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
