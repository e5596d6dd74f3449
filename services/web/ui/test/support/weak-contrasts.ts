/** Whether words can be read, judged in the browser from what it really shows. */

/** Runs in the page. Tells texts whose colour is too near to what is behind them. Disabled controls are exempt (WCAG 1.4.3). */
export function weakContrasts(): string[] {
  const parse = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r = 0, g = 0, b = 0]: number[]) => {
    const linear = (value: number) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const behind = (element: Element | null): number[] | undefined => {
    for (let at = element; at !== null; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none" || at.matches(".camera-stage, .tile, .event-picture")) {
        return undefined; // over pictures: light words on a dark scrim
      }
      const colour = parse(style.backgroundColor);
      if (colour.length >= 3 && (colour[3] ?? 1) === 1) {
        return colour;
      }
    }
    return undefined;
  };
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (
      element === null ||
      !node.textContent?.trim() ||
      element.closest(":disabled, option, svg, .visually-hidden, script, noscript")
    ) {
      continue;
    }
    const back = behind(element);
    const style = getComputedStyle(element);
    if (back === undefined || element.offsetParent === null || Number(style.opacity) < 1) {
      continue;
    }
    const [one, two] = [luminance(parse(style.color)), luminance(back)];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) {
      found.push(`${ratio.toFixed(2)} ${style.color} on ${back} "${node.textContent.slice(0, 40)}"`);
    }
  }
  return found;
}
