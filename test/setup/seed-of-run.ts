/** Property tests try the same cases each time, unless FC_SEED asks for others. */
export const seed = Number(process.env["FC_SEED"] ?? 20_261_121);
