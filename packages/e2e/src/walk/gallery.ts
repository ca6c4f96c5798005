/** A page that shows pictures, grouped by view. */
export function galleryOf(files: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const view = file.split(".", 1)[0] ?? "";
    groups.set(view, [...(groups.get(view) ?? []), file]);
  }
  const figures = (names: string[]) =>
    names.map((file) => `<figure><img loading="lazy" src="${file}"><figcaption>${file}</figcaption></figure>`).join("");
  const sections = [...groups].map(([view, names]) => `<h2>${view}</h2><div>${figures(names)}</div>`).join("\n");
  return `<!doctype html><meta charset="utf-8"><title>Pages</title>
<style>body{font-family:sans-serif}div{display:flex;flex-wrap:wrap;gap:1rem}img{max-width:24rem;border:1px solid #ccc}figure{margin:0}</style>
${sections}\n`;
}
