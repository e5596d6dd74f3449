import assert from "node:assert/strict";
import { test } from "node:test";
import { barChart, lineChart } from "../src/index.ts";

const widths = (svg: string) => [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));

test("bars are as long as their values; on a log scale as their decades", () => {
  const bars = [1, 10, 100].map((value) => ({ name: `${value}`, value }));
  assert.deepEqual(widths(barChart("even", "s", bars)), [4.2, 42, 420]);
  assert.deepEqual(widths(barChart("log", "s", bars, { scale: "log" })), [1, 210, 420]);
});

test("lines go from corner to corner of their axes, and values beyond are held at the edge", () => {
  const axis = { label: "x", scale: "log", ticks: [1, 10, 100] } as const;
  const points = [
    [1, 1],
    [10, 10],
    [1000, 1000],
  ] as const;
  const svg = lineChart("t", { x: axis, y: axis }, [{ name: "a", color: "accent", points }]);
  assert.match(svg, /d="M64\.0 306\.0L380\.0 188\.0L696\.0 70\.0"/);
});

test("names cannot break out of a chart", () => {
  const svg = barChart('<script>"&', "s", [{ name: "<b>", value: 1, note: "</text>" }]);
  assert.doesNotMatch(svg, /<script|<b>|<\/text><\/text>/);
});
