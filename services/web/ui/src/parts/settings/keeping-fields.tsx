/** How long recordings are kept, and beside it what comes of it. */
import { Link } from "wouter";
import { bytes } from "../../format.ts";
import type { CameraKeeping } from "../../net/settings-api.ts";
import { daysWords, forecastWords, historyWords, keptWords } from "../../settings/keeping-words.ts";
import { strings } from "../../strings.ts";
import { NumberField, Section } from "./field.tsx";
import type { SettingsForm } from "./use-settings-form.ts";

const words = strings.settings;

/** See above. */
export function KeepingFields(props: {
  form: SettingsForm;
  keeping: CameraKeeping | undefined;
  isKnown: boolean;
  fault: string | undefined;
}) {
  const { form } = props;
  const { keeping } = words;
  return (
    <Section name="keeping" title={keeping.title} text={keeping.text}>
      <div class="keeping">
        <div class="settings-fields two">
          <NumberField
            form={form}
            field="maxDays"
            label={keeping.maxDays}
            hint={keeping.maxDaysHint}
            unit={keeping.days}
            empty={keeping.untilRoom}
          />
          <NumberField
            form={form}
            field="eventDays"
            label={keeping.eventDays}
            hint={keeping.eventDaysHint}
            unit={keeping.days}
            empty={keeping.asRest}
          />
          <NumberField
            form={form}
            field="minDays"
            label={keeping.minDays}
            hint={keeping.minDaysHint}
            unit={keeping.days}
          />
          <NumberField
            form={form}
            field="maxGigabytes"
            label={keeping.maxGigabytes}
            hint={keeping.maxGigabytesHint}
            unit={keeping.gigabytes}
            empty={keeping.unlimited}
          />
        </div>
        <Forecast {...props} />
      </div>
    </Section>
  );
}

function Forecast(props: {
  form: SettingsForm;
  keeping: CameraKeeping | undefined;
  isKnown: boolean;
  fault: string | undefined;
}) {
  const { form, keeping, isKnown, fault } = props;
  const { forecast } = words;
  const told = forecastWords(keeping);
  return (
    <aside class="forecast" aria-label={forecast.title} aria-busy={!isKnown && fault === undefined}>
      <h3>{forecast.title}</h3>
      {!isKnown ? (
        <p class="muted small">{fault === undefined ? words.loading : forecast.failed}</p>
      ) : (
        <>
          <p class="forecast-value number" data-forecast-days={keeping?.forecastDays ?? ""}>
            {told.value}
          </p>
          <p class="muted small">{told.text}</p>
          {told.events !== undefined && <p class="small">{told.events}</p>}
          <dl class="forecast-facts">
            <div>
              <dt>{forecast.now}</dt>
              <dd class="number">
                {keptWords(keeping)}
                {keeping !== undefined && keeping.bytes > 0 && `, ${bytes(keeping.bytes)}`}
              </dd>
            </div>
            {keeping !== undefined && keeping.bytesPerDay > 0 && (
              <div>
                <dt>{forecast.perDay}</dt>
                <dd class="number">{bytes(keeping.bytesPerDay)}</dd>
              </div>
            )}
            {keeping !== undefined && keeping.minDays > 0 && (
              <div class={keeping.guaranteeMet ? "" : "bad"}>
                <dt>{forecast.guarantee}</dt>
                <dd>{guaranteeWords(keeping)}</dd>
              </div>
            )}
          </dl>
          <p class="faint small">{form.changed.length > 0 ? forecast.saved : historyWords(keeping)}</p>
        </>
      )}
      <Link href="/storage" class="text-link small">
        {forecast.storage}
      </Link>
    </aside>
  );
}

function guaranteeWords({ minDays, guaranteeMet, bytesPerDay }: CameraKeeping): string {
  const { guaranteeOpen, guaranteeMet: met, guaranteeBroken } = words.forecast;
  const say = bytesPerDay === 0 ? guaranteeOpen : guaranteeMet ? met : guaranteeBroken;
  return say(daysWords(minDays));
}
