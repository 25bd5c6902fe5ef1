import type { Part } from "../loaded";
import { field } from "./edits";
import { fields } from "./fields";

export const brings: Part = { does: fields, field };
