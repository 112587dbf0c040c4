/** Runs before each test file. */
import fc from "fast-check";
import { seed } from "./seed-of-run.ts";

fc.configureGlobal({ seed });
