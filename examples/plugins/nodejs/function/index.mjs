// Inspector: finds domains that resemble one of yours without being one.

const OURS = (process.env.DOMAINS ?? "example.com").split(",");
const FAR = 2;

export const handler = async ({ attribute: { type, value } }) => {
  if (typeof value !== "string") throw new TypeError("This is not a task.");
  const host = hostOf(type, value.replaceAll("[.]", "."));
  if (!host || OURS.some((ours) => host === ours || host.endsWith(`.${ours}`))) return null;
  const like = OURS.find((ours) => distance(host, ours) <= FAR);
  if (!like) return null;
  return { contents: [{ type: "host", verdict: "suspicious", source: "lookalikes", hostname: [`looks like ${like}`] }] };
};

const hostOf = (type, value) => {
  if (type === "domain") return value.toLowerCase().replace(/\.$/, "");
  if (type === "email") return value.slice(value.lastIndexOf("@") + 1).toLowerCase();
  if (type === "url") return URL.parse(value)?.hostname;
  return undefined;
};

// Number of inserted, removed or changed letters (Levenshtein distance), up to FAR + 1.
const distance = (one, other) => {
  if (Math.abs(one.length - other.length) > FAR) return FAR + 1;
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line++) {
    const above = row;
    row = [line];
    for (let column = 1; column <= other.length; column++) {
      const changed = above[column - 1] + (one[line - 1] === other[column - 1] ? 0 : 1);
      row.push(Math.min(changed, above[column] + 1, row[column - 1] + 1));
    }
  }
  return row[other.length];
};
