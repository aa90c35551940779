// The chart of a series as SVG: scales, axes, bands, lines, labels. What is chosen is asked of the page (`chosen`).
"use strict";
globalThis.dxFigure = (data, chosen) => {
  const { line, release, forecast, others } = chosen;
  const colours = data.colours;
  const FONT = "DejaVu Sans, system-ui, sans-serif";
  const lang = () => document.documentElement.lang;
  const say = (texts) => texts[lang()];
  const word = (key) => say(data.words[key]);
  const escape = (text) =>
    String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b-\u001f]/g, "");

  function view() {
    const now = release() || { points: [], path: [], name: { vi: "", en: "" } };
    const ahead = forecast();
    const marks = now.points.map((one) => ({ ...one, kind: "observed" }));
    for (const one of others()) {
      for (const point of one.releases.at(-1).points) marks.push({ ...point, kind: "other", name: one.name });
    }
    for (const one of ahead ? ahead.years : []) marks.push({ ...one, kind: "median" });
    for (const one of data.targets) marks.push({ ...one, kind: "target" });
    const order = ["observed", "other", "median", "target"];
    marks.sort((a, b) => a.y - b.y || order.indexOf(a.kind) - order.indexOf(b.kind));
    return { marks, path: now.path, points: now.points, ahead, release: now };
  }

  // ---------------------------------------------------------------- scales
  function ticks(low, high, most) {
    const rough = (high - low) / most || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999);
    const found = [];
    for (let at = Math.floor(low / step + 1e-9); found.length < 60; at++) {
      found.push(Number((at * step).toPrecision(12)));
      if (at * step >= high - step * 1e-9) break;
    }
    return found;
  }
  function figure(value, step) {
    const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9) + (/^2.5/.test(step.toPrecision(2)) ? 1 : 0)));
    const parts = Math.abs(value).toFixed(decimals).split(".");
    parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, lang() === "vi" ? "." : ",");
    return (value < 0 ? "\u2212" : "") + parts.join(lang() === "vi" ? "," : ".");
  }
  function range(shown) {
    const values = shown.marks.flatMap((one) => [one.v, ...(one.b ? Object.values(one.b).flat() : [])]);
    values.push(...shown.path.map((one) => one[1]));
    let low = Math.min(...values);
    let high = Math.max(...values);
    if (low >= 0 && low < 0.5 * high) low = 0;
    if (low === high) [low, high] = [low - Math.abs(low || 1) * 0.2, high + Math.abs(high || 1) * 0.2];
    const years = [...shown.marks.map((one) => one.y), ...shown.path.map((one) => one[0])];
    let [first, last] = [Math.min(...years), Math.max(...years)];
    if (first === last) [first, last] = [first - 1, last + 1];
    return { low, high, first, last };
  }

  // ---------------------------------------------------------------- drawing
  function text(x, y, content, more = "") {
    return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-family="${FONT}" ${more}>${escape(content)}</text>`;
  }
  function join(points) {
    return points.map(([x, y], at) => `${at ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  }
  // What stands where a fan ends is labelled to its right, never on it.
  function atEnd(shown, mark) {
    return shown.ahead && mark.y >= shown.ahead.years.at(-1).y && (mark.kind === "target" || mark.kind === "median");
  }
  function measure(width, height, top, below) {
    const shown = view();
    const about = shown.marks.length ? range(shown) : { low: 0, high: 1, first: 2020, last: 2030 };
    const levels = ticks(about.low, about.high, height < 330 ? 5 : 7);
    const step = levels.length > 1 ? levels[1] - levels[0] : 1;
    const widest = Math.max(...levels.map((one) => figure(one, step).length));
    const margin = Math.max(0, ...shown.marks.filter((one) => atEnd(shown, one)).map((one) => say(one.t).length * 8.2));
    const edge = { left: 18 + widest * 7.2, right: width - Math.max(46, Math.min(margin + 26, width * 0.36)), top: top + 26, bottom: height - 30 - below };
    const [low, high] = data.rank ? [levels.at(-1), levels[0]] : [levels[0], levels.at(-1)]; // the first rank is on top
    if (data.rank) levels.splice(0, levels.length, ...levels.filter((level) => level >= 1));
    const x = (year) => edge.left + 14 + ((year - about.first) / (about.last - about.first)) * (edge.right - edge.left - 14);
    const y = (value) => edge.bottom - ((value - low) / (high - low)) * (edge.bottom - edge.top);
    return { shown, about, levels, step, edge, x, y, width, height };
  }
  function axes({ about, levels, step, edge, x, y }) {
    const size = 'font-size="12"';
    let out = text(12, edge.top - 12, say(data.unit), `${size} fill="${colours.muted}"`);
    for (const level of levels) {
      out += `<path d="M${edge.left} ${y(level).toFixed(1)}H${edge.right + 14}" stroke="${colours.grid}"/>`;
      out += text(edge.left - 8, y(level) + 4, figure(level, step), `${size} fill="${colours.muted}" text-anchor="end"`);
    }
    const room = Math.max(1, Math.ceil(((about.last - about.first) * 44) / (edge.right - edge.left)));
    for (let year = about.first; year <= about.last; year++) {
      if ((about.last - year) % room) continue;
      out += text(x(year), edge.bottom + 20, year, `${size} fill="${colours.muted}" text-anchor="middle"`);
    }
    return out;
  }
  function bands({ shown, x, y }) {
    const ahead = shown.ahead;
    if (!ahead) return "";
    const last = shown.points.filter((one) => one.y < ahead.years[0].y).at(-1);
    let out = "";
    for (const level of ["95", "80"]) {
      const rows = ahead.years.filter((one) => one.b[level]);
      if (!rows.length) continue;
      const start = last ? [[x(last.y), y(last.v)]] : [];
      const up = rows.map((one) => [x(one.y), y(one.b[level][1])]);
      const down = rows.map((one) => [x(one.y), y(one.b[level][0])]).reverse();
      out += `<path d="${join([...start, ...up, ...down])}Z" fill="${colours["band" + level]}"/>`;
    }
    const middle = [...(last ? [last] : []), ...ahead.years].map((one) => [x(one.y), y(one.v)]);
    return out + `<path d="${join(middle)}" fill="none" stroke="${colours.median}" stroke-width="2" stroke-dasharray="6 4"/>`;
  }
  function lines({ shown, x, y, edge }) {
    let out = "";
    if (shown.path.length > 1) {
      const points = shown.path.map(([year, value]) => [x(year), y(value)]);
      out += `<path d="${join(points)}" fill="none" stroke="${colours.path}" stroke-width="1.5" stroke-dasharray="2 3"/>`;
    }
    for (const other of others()) {
      for (const run of unbroken(other.releases.at(-1).points)) {
        out += `<path d="${join(run.map((one) => [x(one.y), y(one.v)]))}" fill="none" stroke="${colours.muted}"/>`;
      }
    }
    for (const run of unbroken(shown.points)) {
      out += `<path d="${join(run.map((one) => [x(one.y), y(one.v)]))}" fill="none" stroke="${colours.observed}" stroke-width="2.5"/>`;
    }
    for (const one of shown.points.slice(1).filter((one) => one.gap)) {
      const before = shown.points[shown.points.indexOf(one) - 1];
      const at = x((before.y + one.y) / 2).toFixed(1);
      out += `<path d="M${at} ${edge.top}V${edge.bottom}" stroke="${colours.muted}" stroke-dasharray="1 4" stroke-width="2"/>`;
      out += text(Number(at) + 6, edge.top + 12, word("break_short"), `font-size="12" fill="${colours.muted}"`);
    }
    return out;
  }
  function unbroken(points) {
    const runs = [];
    for (const one of points) {
      if (!runs.length || one.gap) runs.push([]);
      runs.at(-1).push(one);
    }
    return runs.filter((run) => run.length > 1);
  }
  function shape(mark, x, y) {
    const at = `${x.toFixed(1)} ${y.toFixed(1)}`;
    if (mark.kind === "target") {
      return `<path d="M${at}m-7 0l7 -7l7 7l-7 7z" fill="${colours.target}" stroke="${colours.paper}"/>`;
    }
    if (mark.kind === "median") return `<path d="M${at}m-3 -3h6v6h-6z" fill="${colours.median}"/>`;
    const colour = mark.kind === "other" ? colours.muted : colours.observed;
    const fill = mark.open ? colours.paper : colour;
    const size = mark.kind === "other" ? 3.5 : 5;
    return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${size}" fill="${fill}" stroke="${colour}" stroke-width="2"/>`;
  }
  // Values stand beside targets, the last figure and the last forecast; one that would touch another is left to the tip.
  function labelled({ shown, x, y, width, edge }) {
    const taken = shown.marks.map((one) => box(x(one.y), y(one.v), 12, 12));
    const drawn = unbroken(shown.points).flatMap((run) => along(run.map((one) => [x(one.y), y(one.v)])));
    let out = "";
    const last = shown.points.at(-1);
    const wanted = shown.marks.filter((one) => one.kind === "target").reverse();
    if (last) wanted.push({ ...last, kind: "observed" });
    if (shown.ahead) wanted.push({ ...shown.ahead.years.at(-1), kind: "median" });
    for (const one of new Map(others().map((two) => [two, two.releases.at(-1).points.at(-1)]))) {
      if (one[1]) wanted.push({ ...one[1], t: one[0].name, kind: "other" });
    }
    for (const mark of wanted) {
      const content = say(mark.t);
      const long = content.length * 8.2;
      const middle = Math.min(Math.max(x(mark.y), edge.left + long / 2), width - 4 - long / 2);
      const beside = [x(mark.y) - long / 2 - 12, x(mark.y) + long / 2 + 12].filter((at) => at - long / 2 > edge.left && at + long / 2 < width - 4);
      const right = x(mark.y) + 12 + long / 2;
      const outside = atEnd(shown, mark) && right + long / 2 < width ? [4, -12, 20].map((by) => [right, by]) : [];
      const spots = [...outside, ...[-13, 22].map((by) => [middle, by]), ...beside.map((at) => [at, 4]), [middle, -28], [middle, 37]]
        .map(([at, by]) => [at, y(mark.v) + by])
        .filter(([, base]) => base > edge.top - 4 && base < edge.bottom - 2);
      const clear = (others) => spots.find(([at, base]) => !others.some((one) => touch(one, box(at, base - 4, long, 14))));
      const free = clear([...taken, ...drawn]) || clear(taken);
      if (!free) continue;
      taken.push(box(free[0], free[1] - 4, long, 14));
      const colour = { target: "#A84300", observed: colours.observed, median: colours.median, other: colours.muted }[mark.kind];
      out += text(free[0], free[1], content, `font-size="13" font-weight="${mark.kind === "other" ? 400 : 600}" fill="${colour}" text-anchor="middle" stroke="${colours.paper}" stroke-width="3" paint-order="stroke"`);
    }
    return out;
  }
  // Small boxes along a line, so that labels keep off it where they can.
  function along(points) {
    const found = [];
    points.slice(1).forEach(([x, y], at) => {
      const [from, height] = points[at];
      const steps = Math.ceil(Math.hypot(x - from, y - height) / 8);
      for (let step = 0; step <= steps; step++) found.push(box(from + ((x - from) * step) / steps, height + ((y - height) * step) / steps, 3, 3));
    });
    return found;
  }
  function box(x, y, width, height) {
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
  }
  function touch(a, b) {
    return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  }

  // Each mark says everything about itself; the first line is what a tip shows in bold.
  function said(mark) {
    const head = `${mark.y}: ${say(mark.t)}`;
    if (mark.kind === "target") return [head, word("for_target"), say(mark.doc)];
    if (mark.kind === "median") return [head, word("median"), say(mark.bt)];
    const name = mark.kind === "other" ? say(mark.name) : line() ? say(line().name) : "";
    return [head, name, say(mark.s), say(mark.day) && `${word("published")}: ${say(mark.day)}`, mark.src && say(mark.src), mark.gap && say(mark.gap)];
  }
  function spoken(mark) {
    return said(mark).filter(Boolean).join("; ");
  }

  function key(width, from) {
    const now = view();
    const entries = [["observed", now.points.length], ["provisional", now.points.some((one) => one.open)], ["median", now.ahead], ["band80", now.ahead], ["band95", now.ahead],
      ["path_to_target", now.path.length > 1], ["for_target", data.targets.length]].filter(([, there]) => there);
    let [x, y, out] = [12, from, ""];
    for (const [name] of entries) {
      const label = word(name);
      const long = 34 + label.length * 7;
      if (x + long > width && x > 12) [x, y] = [12, y + 20];
      out += sign(name, x, y) + text(x + 26, y + 4, label, `font-size="12" fill="${colours.ink}"`);
      x += long + 8;
    }
    return { out, bottom: y + 14 };
  }
  function sign(name, x, y) {
    if (name === "for_target") return shape({ kind: "target" }, x + 11, y);
    if (name === "provisional") return shape({ kind: "observed", open: true }, x + 11, y);
    if (name === "observed") return `<path d="M${x} ${y}h22" stroke="${colours.observed}" stroke-width="2.5"/>` + shape({ kind: "observed" }, x + 11, y);
    if (name.startsWith("band")) return `<rect x="${x}" y="${y - 6}" width="22" height="12" fill="${colours[name]}"/>`;
    const dash = name === "median" ? "6 4" : "2 3";
    return `<path d="M${x} ${y}h22" stroke="${colours[name === "median" ? "median" : "path"]}" stroke-width="2" stroke-dasharray="${dash}"/>`;
  }

  function wrap(content, most) {
    const rows = [""];
    for (const part of content.split(" ")) {
      if ((rows.at(-1) + " " + part).length > most) rows.push(part);
      else rows[rows.length - 1] = (rows.at(-1) + " " + part).trim();
    }
    return rows;
  }
  function heading(width) {
    const shown = view();
    let [out, y] = ["", 26];
    for (const row of wrap(say(data.name), Math.floor(width / 10.5))) {
      out += text(12, y, row, `font-size="18" font-weight="700" fill="${colours.ink}"`);
      y += 24;
    }
    const facts = [line() && `${word("definition")}: ${say(line().name)}`, say(shown.release.name) && `${word("release")}: ${say(shown.release.name)}`,
      shown.ahead && `${word("forecast")}: ${say(shown.ahead.name)}`].filter(Boolean).join(" · ");
    for (const row of wrap(facts, Math.floor(width / 7))) {
      out += text(12, y, row, `font-size="13" fill="${colours.muted}"`);
      y += 18;
    }
    return { out, bottom: y };
  }

  function sources(width, height) {
    const names = [...new Set(view().marks.map((one) => one.pub && say(one.pub)).filter(Boolean))];
    if (!names.length) return "";
    const rows = wrap(`${word("source")}: ${names.join("; ")}`, Math.floor(width / 6.4));
    const content = rows.length > 1 ? `${rows[0]} …` : rows[0];
    return text(12, height - 10, content, `font-size="12" fill="${colours.muted}"`);
  }

  function draw(width, height, whole) {
    const title = whole ? heading(width) : { out: "", bottom: 6 };
    const legend = key(width, title.bottom + 10);
    const frame = measure(width, height, legend.bottom, whole ? 28 : 0);
    const marks = frame.shown.marks.map((mark, at) => {
      const [x, y] = [frame.x(mark.y), frame.y(mark.v)];
      const ring = whole ? "" : `<circle class="ring" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="11" fill="none"/>`;
      const live = whole ? "" : ` class="mark" role="img" tabindex="${at ? -1 : 0}" data-at="${at}"`;
      return `<g${live} aria-label="${escape(spoken(mark))}">${ring}${shape(mark, x, y)}</g>`;
    });
    const name = word("chart_name").replace("{name}", say(data.name));
    const size = whole ? ` width="${width}" height="${height}"` : "";
    const markup =
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"${size} role="${whole ? "img" : "group"}" aria-label="${escape(name)}" lang="${lang()}">` +
      `<rect width="${width}" height="${height}" fill="${colours.paper}"/>` +
      title.out + legend.out + (whole ? sources(width, height) : "") + axes(frame) + bands(frame) + lines(frame) + marks.join("") + `<g aria-hidden="true" pointer-events="none">${labelled(frame)}</g>` + "</svg>";
    return { markup, frame };
  }

  return { draw, view, said, word, say, lang };
};
