/** What the rings are held to (docs/design/lanthorn.md, section 7), and what came of it. Pure. */
import type { BenchResult, Budget } from "./result.ts";

/** Holds figures to the budgets. The worst case counts. */
export function budgetsOf(result: Omit<BenchResult, "budgets">): Budget[] {
  const worst = (values: readonly number[]) => Math.max(...values);
  const ofTen = result.cases.filter(({ readers }) => readers === 10);
  const rows: Omit<Budget, "met">[] = [
    {
      what: "bytes copied of a frame",
      limit: 0,
      measured: worst(result.cases.map(({ bytesCopiedPerFrame }) => bytesCopiedPerFrame)),
      unit: "bytes",
    },
    ...[1, 10].flatMap((readers) => {
      const those = result.cases.filter((one) => one.readers === readers);
      const of = readers === 1 ? "1 reader" : `${readers} readers`;
      return (["p50", "p99"] as const).flatMap((at) => [
        {
          what: `publish, ${of}, ${at}`,
          limit: 20,
          measured: worst(those.map((one) => one.publishUs[at])),
          unit: "µs",
        },
        { what: `acquire, ${of}, ${at}`, limit: 5, measured: worst(those.map((one) => one.acquireUs[at])), unit: "µs" },
      ]);
    }),
    {
      what: "publish's processor time, 10 readers, p50",
      limit: 20,
      measured: worst(ofTen.map(({ publishCpuUs }) => publishCpuUs.p50)),
      unit: "µs",
    },
    {
      what: "wake-up of 10 readers, p99",
      limit: 200,
      measured: worst(ofTen.map(({ wakeUs }) => wakeUs.p99)),
      unit: "µs",
    },
    ...result.slowdowns.flatMap(({ pace, touching, wall, cpu }) =>
      [
        ["wall", wall],
        ["processor", cpu],
      ].map(([kind, measured]) => ({
        what: `writer's ${kind} time from 1 to 10 readers${touching ? " that look at rows" : ""}, ${pace}`,
        limit: 1.05,
        measured: Number(measured),
        unit: "times",
      })),
    ),
    {
      what: "hand-over against multiprocessing.Queue",
      limit: 0.1,
      measured: result.ratioToQueue * 100,
      unit: "%",
    },
  ];
  return rows.map((row) => ({ ...row, met: row.measured <= row.limit }));
}
