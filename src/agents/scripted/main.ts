/** The scripted agent's own process; plays a scenario instead of asking a model. */
export {};
