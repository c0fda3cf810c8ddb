// Parts of a page that the server renders again: fetch the page, take over the elements by their id.

/** Return the document at `url`, or null if it could not be had. */
export async function fetchPage(url, options = {}) {
  try {
    const response = await fetch(url, { credentials: "same-origin", ...options });
    const isPage = (response.headers.get("Content-Type") ?? "").startsWith("text/html");
    return isPage ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  } catch {
    return null;
  }
}

/** Replace the content of each element named in `ids` by that of the same element in `fresh`. */
export function takeOver(fresh, ids) {
  for (const id of ids) {
    const old = document.getElementById(id);
    const replacement = fresh.getElementById(id);
    if (old && replacement) old.replaceChildren(...replacement.childNodes);
  }
}

/** Fill `{name}` in a sentence that the server has translated. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "–");
}

const locale = document.documentElement.lang || undefined;
const percents = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const decimals = [4, 2, 0].map(
  (digits) => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }),
);

export const percent = (share) => (share === null || share === undefined ? "–" : `${percents.format(100 * share)} %`);

/** Four decimals, of a large number fewer; the server's `value` counts alike. */
export function decimal(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return decimals[size < 10 ? 0 : size < 1000 ? 1 : 2].format(value);
}

/** How a measure is written: the name stands in `data-writing`. */
export const WRITINGS = { percent, decimal };
