// Language switch, search and filter. No framework, no network; what is chosen stands in the address.
"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const asked = new URLSearchParams(location.search).get("lang");

  function kept() {
    try {
      return localStorage.getItem("dx-lang");
    } catch {
      return null; // a browser may refuse storage to pages opened from disk; links then carry the language
    }
  }

  function keep(lang) {
    try {
      localStorage.setItem("dx-lang", lang);
    } catch {
      // see above
    }
  }

  function show(lang) {
    root.lang = lang;
    document.title = root.dataset[lang === "vi" ? "textVi" : "textEn"];
    for (const one of document.querySelectorAll("option[data-text-vi]")) {
      one.textContent = one.dataset[lang === "vi" ? "textVi" : "textEn"];
    }
    for (const one of document.querySelectorAll("[data-label-vi]")) {
      one.setAttribute("aria-label", one.dataset[lang === "vi" ? "labelVi" : "labelEn"]);
    }
    for (const link of document.querySelectorAll("a[href]")) carry(link, lang);
    const button = byId("language");
    button.textContent = lang === "vi" ? "English" : "Tiếng Việt";
    button.lang = lang === "vi" ? "en" : "vi";
    button.setAttribute("aria-label", button.textContent);
    button.hidden = false;
    document.dispatchEvent(new Event("language"));
  }

  // Links between our pages carry the language, so that it survives where nothing can be stored.
  function carry(link, lang) {
    const address = link.getAttribute("href");
    if (/^(?:[a-z]+:|#|\/\/)/i.test(address)) return;
    const [path, anchor] = address.split("#");
    const plain = path.split("?")[0];
    if (!plain.endsWith(".html")) return;
    link.setAttribute("href", plain + (lang === "en" ? "?lang=en" : "") + (anchor ? "#" + anchor : ""));
  }

  // Names are found without accents, as on the command line.
  function fold(text) {
    return text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  }

  const CHOICES = ["q", "area", "indicator", "year", "status"];

  function filter() {
    const asked = Object.fromEntries(CHOICES.map((id) => [id, byId(id).value]));
    const words = fold(asked.q).split(/\s+/).filter(Boolean);
    const rows = [...document.querySelectorAll("#grid tbody tr")];
    let shown = 0;
    for (const row of rows) {
      const text = fold(row.dataset.words);
      const cells = [...row.querySelectorAll("td")].filter((cell) => !asked.year || cell.dataset.year === asked.year);
      row.hidden = !(
        words.every((word) => text.includes(word)) &&
        (!asked.area || row.dataset.area === asked.area) &&
        (!asked.indicator || row.dataset.indicator === asked.indicator) &&
        (!asked.status || cells.some((cell) => cell.dataset.status.split(" ").includes(asked.status)))
      );
      shown += row.hidden ? 0 : 1;
    }
    for (const cell of document.querySelectorAll("#grid [data-year]")) {
      cell.hidden = Boolean(asked.year) && cell.dataset.year !== asked.year;
    }
    for (const count of document.querySelectorAll("[data-count]")) {
      count.textContent = count.dataset.count.replace("{0}", shown).replace("{1}", rows.length);
    }
    const chosen = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
    write(chosen);
  }

  function write(chosen) {
    const anchor = location.hash.slice(1);
    if (!chosen.size && anchor && !anchor.includes("=")) return; // an anchor of a section is left alone
    const hash = chosen.size ? "#" + chosen : "";
    if (hash !== location.hash) history.replaceState(null, "", location.pathname + location.search + hash);
  }

  function read() {
    const chosen = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    for (const id of CHOICES) byId(id).value = chosen.get(id) || "";
    for (const id of CHOICES.slice(1)) if (byId(id).selectedIndex < 0) byId(id).value = "";
  }

  // On a narrow page a table of several columns is a list: each cell repeats the head of its column.
  function label(table) {
    const heads = [...table.querySelectorAll("thead th")];
    if (heads.length < 3 || table.id === "figures") return;
    cut(table);
    table.classList.add("list");
    for (const cell of table.querySelectorAll("tbody td")) {
      const head = document.createElement("span");
      const value = document.createElement("span");
      head.className = "head";
      if (!cell.textContent) cell.className = "empty";
      head.append(...[...heads[cell.cellIndex].childNodes].map((one) => one.cloneNode(true)));
      value.append(...cell.childNodes);
      cell.append(head, value);
    }
  }

  // Of its many rows the first ones are shown until all are asked for, by the button, by a filter or by an address
  // that names one of the others.
  function cut(table) {
    const rest = table.parentNode.querySelector("button.rest");
    if (!rest) return;
    const every = () => (table.classList.remove("cut"), rest.remove());
    rest.hidden = false;
    rest.addEventListener("click", every);
    if (byId("filter") && table.id === "grid") byId("filter").addEventListener("input", every);
    table.classList.add("cut");
    if (location.hash && table.querySelector('[id="' + CSS.escape(location.hash.slice(1)) + '"]')) every();
  }

  function start() {
    if (byId("grid") && !location.hash.includes("=")) cut(byId("grid"));
    for (const table of document.querySelectorAll("main .scroll > table:not(.grid)")) label(table);
    if (byId("filter")) {
      byId("filter").hidden = false;
      byId("filter").addEventListener("submit", (event) => event.preventDefault());
      byId("filter").addEventListener("input", filter);
      byId("clear").addEventListener("click", () => {
        for (const id of CHOICES) byId(id).value = "";
        filter();
      });
      window.addEventListener("hashchange", () => (read(), filter()));
      read();
      filter();
    }
    byId("language").addEventListener("click", () => {
      const lang = root.lang === "vi" ? "en" : "vi";
      keep(lang);
      if (asked) history.replaceState(null, "", location.pathname + (lang === "en" ? "?lang=en" : "") + location.hash);
      show(lang);
    });
    const lang = [asked, kept()].find((one) => one === "vi" || one === "en") || "vi";
    if (asked === lang) keep(lang);
    show(lang);
  }

  document.addEventListener("DOMContentLoaded", start); // after every deferred script, so that the chart hears it
})();
