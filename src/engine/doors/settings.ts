/** Door: the settings that hold in a folder. */
import { door } from "../../model/index.ts";
import * as files from "../settings-files.ts";

export const settingsAround = door(files.settingsAround);
