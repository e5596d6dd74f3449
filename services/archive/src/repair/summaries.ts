/** --repair summaries: what triggers keep is thrown away and made anew from the rows it tells of, in one transaction. */
import { checkSummaries } from "../check/check-summaries.ts";
import { Findings } from "../check/findings.ts";
import type { RepairContext, RepairStep } from "./repair-context.ts";

const QUARTER_US = 900_000_000;

/** Statements that make each summary what its triggers would have made it. */
const ANEW = `
delete from activity;
insert into activity
  select width_s, camera_id, start_wall_us / (width_s * 1000000), label, count(*) from event, activity_width group by 1, 2, 3, 4
  union all
  select width_s, 0, start_wall_us / (width_s * 1000000), label, count(*) from event, activity_width group by 1, 3, 4;
delete from coverage;
insert into coverage
  select camera_id, start_wall_us / ${QUARTER_US} + column1,
    sum(min(end_wall_us, (start_wall_us / ${QUARTER_US} + column1 + 1) * ${QUARTER_US})
      - max(start_wall_us, (start_wall_us / ${QUARTER_US} + column1) * ${QUARTER_US}))
  from segment, (values (0), (1), (2), (3), (4))
  where state = 'closed' and start_wall_us < end_wall_us and (start_wall_us / ${QUARTER_US} + column1) * ${QUARTER_US} < end_wall_us
  group by 1, 2;
delete from event_zone;
insert or ignore into event_zone select value, event.id from event, json_each(event.zones);
insert into event_text (event_text) values ('delete-all');
insert into event_text (rowid, camera_key, label, zones, model)
  select id, 'camera' || camera_id, label, (select group_concat(value, ' ') from json_each(event.zones)), model from event;
`;

/** One step, if anything differs. */
export function repairSummaries({ store }: RepairContext): RepairStep[] {
  const findings = new Findings();
  try {
    checkSummaries(store.database, findings);
  } catch (error) {
    findings.fault("S4", "event_text", (error as Error).message); // words that cannot even be read
  }
  const words = findings.faults
    .filter(({ invariant }) => invariant !== "S5")
    .map(({ subject, detail }) => `${subject}: ${detail}`);
  return words.length === 0
    ? []
    : [
        {
          kind: "summaries",
          what: `make activity, coverage, zones and words anew (${words.length} differences, the first: ${words[0]})`,
          apply: () => {
            store.transaction(() => store.database.exec(ANEW));
          },
        },
      ];
}
