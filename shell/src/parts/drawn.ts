import { Component } from "../catalog.gen";
import { chosen } from "../core";
import type { Part } from "../loaded";
import { canvas, pixels } from "./canvas";
import { chart } from "./chart";

export const brings: Part = { does: { [Component.Canvas]: canvas, [Component.Chart]: chart, [Component.Series]: chosen }, pixels };
