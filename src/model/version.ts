/** The version of every schema this okstra writes. */
export const schemaVersion = 1;
