// The chart of a series on its page: what is chosen, read by mouse and by keyboard, saved as PNG, SVG, CSV.
"use strict";
(() => {
  const held = document.getElementById("series");
  if (!held) return;
  const data = JSON.parse(held.textContent);
  const byId = (id) => document.getElementById(id);
  const plot = byId("plot");

  // ---------------------------------------------------------------- what is shown
  function line() {
    return data.lines.find((one) => one.id === byId("definition").value);
  }
  function release() {
    const shown = line();
    return shown && (shown.releases.find((one) => one.day === byId("release").value) || shown.releases.at(-1));
  }
  function forecast() {
    const chosen = data.forecasts.find((one) => one.run === byId("forecast").value);
    return chosen && line() && chosen.line === line().id ? chosen : undefined;
  }
  function others() {
    return byId("others").checked ? data.lines.filter((one) => one !== line()) : [];
  }
  const { draw, view, said, word, say, lang } = globalThis.dxFigure(data, { line, release, forecast, others });

  // ---------------------------------------------------------------- reading it
  let drawn;
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // a focused point is spoken by its own label

  function refresh() {
    const inside = plot.contains(document.activeElement) ? document.activeElement.dataset.at : undefined;
    const width = Math.max(300, Math.floor(plot.clientWidth));
    drawn = draw(width, width < 560 ? 400 : 460, false);
    plot.innerHTML = drawn.markup;
    plot.append(tip);
    tip.hidden = true;
    if (inside !== undefined) focusOn(Number(inside));
    const chosen = data.forecasts.find((one) => one.run === byId("forecast").value);
    byId("remark").textContent = !data.lines.length ? word("no_figure") : chosen && line() && chosen.line !== line().id ? word("forecast_other") : chosen ? say(chosen.leans) : "";
    rows();
  }
  function marks() {
    return [...plot.querySelectorAll(".mark")];
  }
  function focusOn(at) {
    const all = marks();
    const one = all[Math.max(0, Math.min(all.length - 1, at))];
    if (!one) return;
    for (const other of all) other.setAttribute("tabindex", other === one ? "0" : "-1");
    one.focus();
  }
  function point(element) {
    for (const other of marks()) other.classList.toggle("on", other === element);
    if (!element) return void (tip.hidden = true);
    const mark = drawn.frame.shown.marks[Number(element.dataset.at)];
    tip.replaceChildren();
    said(mark).filter(Boolean).forEach((row, at) => {
      const part = document.createElement(at ? "div" : "strong");
      part.textContent = row;
      tip.append(part);
    });
    tip.hidden = false;
    const scale = plot.clientWidth / drawn.frame.width;
    const [x, y] = [drawn.frame.x(mark.y) * scale, drawn.frame.y(mark.v) * scale];
    tip.style.left = `${Math.max(4, Math.min(plot.clientWidth - tip.offsetWidth - 4, x > plot.clientWidth / 2 ? x - tip.offsetWidth - 16 : x + 16))}px`;
    tip.style.top = `${Math.max(4, Math.min(plot.clientHeight - tip.offsetHeight - 4, y - tip.offsetHeight / 2))}px`;
  }
  function nearest(event) {
    const frame = plot.querySelector("svg").getBoundingClientRect();
    const scale = drawn.frame.width / frame.width;
    const [x, y] = [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
    const far = drawn.frame.shown.marks.map((one) => Math.hypot((drawn.frame.x(one.y) - x) * 1.5, drawn.frame.y(one.v) - y));
    const best = far.indexOf(Math.min(...far));
    return far[best] < 90 ? marks()[best] : undefined;
  }
  plot.addEventListener("pointermove", (event) => point(nearest(event)));
  plot.addEventListener("pointerdown", (event) => point(nearest(event)));
  plot.addEventListener("pointerleave", () => point(document.activeElement.closest?.(".mark") || undefined));
  plot.addEventListener("focusin", (event) => point(event.target.closest(".mark")));
  plot.addEventListener("focusout", () => point(undefined));
  plot.addEventListener("keydown", (event) => {
    const at = Number(event.target.dataset?.at);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks().length - 1 }[event.key];
    if (event.key === "Escape") point(undefined);
    if (to === undefined || Number.isNaN(at)) return;
    event.preventDefault();
    focusOn(to);
  });

  // ---------------------------------------------------------------- the same as a table
  const kinds = { observed: "observed", other: "observed", median: "median", target: "for_target" };
  function rows() {
    const body = byId("figures").tBodies[0];
    body.replaceChildren();
    for (const mark of view().marks) {
      const row = body.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = mark.y;
      row.append(head);
      const kind = word(kinds[mark.kind]) + (mark.kind === "other" ? `: ${say(mark.name)}` : "");
      const value = mark.bt ? `${say(mark.t)} (${say(mark.bt)})` : say(mark.t);
      for (const cell of [kind, value, mark.s ? say(mark.s) : "", mark.day ? say(mark.day) : "", mark.src || mark.doc ? say(mark.src || mark.doc) : ""]) {
        row.insertCell().textContent = cell;
      }
    }
  }

  // ---------------------------------------------------------------- saving
  function save(content, kind, ending) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: kind }));
    link.download = `${data.file}.${byId("definition").value || "none"}.${lang()}.${ending}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  // A text that a spreadsheet would run gets an apostrophe, as in every CSV of the project.
  function cell(value) {
    const content = String(value ?? "");
    const safe = typeof value === "string" && /^[=+\-@\t\r]./.test(content) ? `'${content}` : content;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }
  const savers = {
    svg: () => save(draw(1200, 675, true).markup, "image/svg+xml", "svg"),
    csv: () => {
      const head = ["kind", "definition", "release", "year", "value", "low_80", "high_80", "low_95", "high_95", "status", "source"];
      const shown = view();
      const table = shown.marks.map((one) => [
        one.kind, one.kind === "other" ? one.name.en : byId("definition").value, shown.release.day, one.y, one.v,
        ...(one.b ? [...(one.b["80"] || ["", ""]), ...(one.b["95"] || ["", ""])] : ["", "", "", ""]), one.s ? one.s.en : "", one.src ? one.src.en : one.doc ? one.doc.en : "",
      ]);
      save("\ufeff" + [head, ...table].map((row) => row.map(cell).join(",")).join("\n") + "\n", "text/csv;charset=utf-8", "csv");
    },
    png: () => {
      const picture = new Image();
      picture.onload = () => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [2400, 1350];
        canvas.getContext("2d").drawImage(picture, 0, 0, 2400, 1350);
        canvas.toBlob((blob) => save(blob, "image/png", "png"));
      };
      picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(draw(1200, 675, true).markup);
    },
  };

  // ---------------------------------------------------------------- choosing; what is chosen stands in the address
  function offer(id, entries, wanted) {
    const list = byId(id);
    list.replaceChildren(...entries.map(([value, label]) => new Option(label, value)));
    list.value = entries.some(([value]) => value === wanted) ? wanted : (entries[0] || [""])[0];
    list.disabled = entries.length < 2;
  }
  function choices(wanted) {
    offer("definition", data.lines.map((one) => [one.id, say(one.name)]), wanted.get("definition") ?? (data.forecasts[0] || {}).line);
    const days = line() ? line().releases.map((one) => [one.day, say(one.name)]).reverse() : [];
    offer("release", days, wanted.get("release"));
    const made = data.forecasts.map((one) => [one.run, say(one.name)]);
    offer("forecast", [...made, ["", word("none")]], wanted.get("forecast"));
    byId("others").checked = wanted.get("others") === "1";
    byId("others").disabled = data.lines.length < 2;
  }
  function chosen() {
    const now = new URLSearchParams();
    for (const id of ["definition", "release", "forecast"]) now.set(id, byId(id).value);
    if (byId("others").checked) now.set("others", "1");
    return now;
  }
  function asked() {
    return new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  }

  byId("tool").hidden = false;
  byId("choices").hidden = !data.lines.length;
  choices(asked());
  byId("tool").addEventListener("change", (event) => {
    const now = chosen();
    if (event.target.id === "definition") now.delete("release");
    choices(now);
    history.replaceState(null, "", location.pathname + location.search + "#" + chosen());
    refresh();
  });
  document.addEventListener("language", () => (choices(chosen()), refresh()));
  window.addEventListener("hashchange", () => location.hash.includes("=") && (choices(asked()), refresh()));
  for (const button of document.querySelectorAll("[data-save]")) button.addEventListener("click", savers[button.dataset.save]);
  // The chart has pushed down what stands below it: go again to the place that the address names.
  document.addEventListener("DOMContentLoaded", () => {
    if (location.hash && !location.hash.includes("=")) byId(location.hash.slice(1))?.scrollIntoView();
  });
  let wide = plot.clientWidth;
  refresh();
  new ResizeObserver(() => {
    if (plot.clientWidth !== wide) {
      wide = plot.clientWidth;
      refresh();
    }
  }).observe(plot);
})();
