// Language switch and search of the index page. No framework, no network.
"use strict";
const root = document.documentElement;
const button = document.getElementById("language");
const box = document.getElementById("find");

function show(lang) {
  root.lang = lang;
  button.textContent = lang === "vi" ? "English" : "Tiếng Việt";
  button.lang = lang === "vi" ? "en" : "vi";
  document.title = lang === "vi" ? document.body.dataset.vi : document.body.dataset.en;
}

// Names are found without accents, as on the command line.
function fold(text) {
  return text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
}

function filter() {
  const words = fold(box.value).split(/\s+/).filter(Boolean);
  let any = false;
  for (const card of document.querySelectorAll("article")) {
    const text = fold(card.dataset.words);
    card.hidden = !words.every((word) => text.includes(word));
    any = any || !card.hidden;
  }
  for (const part of document.querySelectorAll("main section:not(.failed), details.year")) {
    part.hidden = !part.querySelector("article:not([hidden])");
    if (words.length && part.open === false && !part.hidden) part.open = true;
  }
  document.getElementById("none").hidden = any;
}

const asked = new URLSearchParams(location.search).get("lang");
show(asked === "en" || asked === "vi" ? asked : "vi");
button.addEventListener("click", () => show(root.lang === "vi" ? "en" : "vi"));
box.addEventListener("input", filter);
