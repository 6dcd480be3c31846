// The demo page: who is on stage, and the panel with clock and outbox.

import { Chat } from "./chat.js";
import { Panel } from "./panel.js";

const AT_MOST = 4; // A browser keeps six connections to a host, and each conversation holds one.
const STORE = "stage";
const narrow = matchMedia("(max-width: 760px)");
const words = JSON.parse(document.body.dataset.words);
const part = (name) => document.querySelector(`[data-part="${name}"]`);

const chats = new Map();
let open = remembered();
let front = open[0] ?? "panel";

function remembered() {
  const known = [...document.querySelectorAll("[data-as]")].map((section) => section.dataset.as);
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(STORE));
  } catch {
    kept = null;
  }
  return (kept ?? [known[0], "binh"]).filter((id) => known.includes(id)).slice(0, AT_MOST);
}

function arrange() {
  for (const section of document.querySelectorAll("[data-as]")) {
    const id = section.dataset.as;
    const shown = narrow.matches ? id === front : open.includes(id);
    section.hidden = !shown;
    if (open.includes(id) && !chats.has(id)) {
      chats.set(id, new Chat(section, { unseen: () => mark(id) }));
    } else if (!open.includes(id) && chats.has(id)) {
      // A page with a stopped conversation is as good as new: its events come again from the start.
      chats.get(id).stop();
      chats.delete(id);
      section.querySelector('[data-part="log"]').replaceChildren();
    }
    const button = document.querySelector(`[data-role="${id}"]`);
    button.setAttribute("aria-pressed", String(shown));
    if (shown) delete button.dataset.unseen;
  }
  const toPanel = document.querySelector("[data-panel]");
  toPanel.setAttribute("aria-pressed", String(front === "panel"));
  part("panel").classList.toggle("front", front === "panel");
  part("nobody").hidden = open.length > 0;
  sessionStorage.setItem(STORE, JSON.stringify(open));
}

function mark(id) {
  const button = document.querySelector(`[data-role="${id}"]`);
  if (button.getAttribute("aria-pressed") !== "true") button.dataset.unseen = "";
}

function choose(id) {
  notice("");
  if (narrow.matches) {
    front = id;
    open = [id, ...open.filter((other) => other !== id)].slice(0, AT_MOST);
  } else if (open.includes(id)) {
    open = open.filter((other) => other !== id);
  } else if (open.length === AT_MOST) {
    notice(words.demo_too_many);
  } else {
    open = [...open, id];
    front = id;
  }
  arrange();
}

function notice(text) {
  part("notice").textContent = text;
  part("notice").hidden = !text;
}

for (const button of document.querySelectorAll("[data-role]")) {
  button.addEventListener("click", () => choose(button.dataset.role));
}
document.querySelector("[data-panel]").addEventListener("click", () => {
  front = "panel";
  arrange();
});
narrow.addEventListener("change", arrange);
arrange();
new Panel(words, document.body.dataset.zone, notice, (now) => chats.forEach((chat) => chat.setClock(now)));
