// One conversation: shows what the bot says, sends what the person types, taps or picks.

import { Incoming } from "./incoming.js";
import { fragment } from "./markup.js";
import { Outgoing } from "./outgoing.js";

const NEAR = 80;

export class Chat {
  constructor(root, { begin = null, unseen = () => {} } = {}) {
    this.root = root;
    this.base = root.dataset.base;
    this.world = root.dataset.world;
    this.beginWith = begin;
    this.unseen = unseen;
    const settings = root.querySelector(".chat").dataset;
    this.words = JSON.parse(settings.words);
    this.maxBytes = Number(settings.maxBytes);
    const zone = { timeZone: settings.zone };
    this.hour = new Intl.DateTimeFormat("vi-VN", { ...zone, hour: "2-digit", minute: "2-digit" });
    this.day = new Intl.DateTimeFormat("vi-VN", { ...zone, weekday: "long", day: "2-digit", month: "2-digit", year: "numeric" });
    for (const name of ["log", "jump", "begin", "begin-button", "form", "text", "file", "status"]) {
      this[name.replace("-b", "B")] = root.querySelector(`[data-part="${name}"]`);
    }
    this.ready = false;
    this.lastRow = 0;
    this.lastDay = "";
    this.clock = { now: Date.now(), since: performance.now() };
    this.forgetOtherWorlds();
    this.outgoing = new Outgoing(this.base, this.storeName(), (item) => this.show(item));
    this.listen();
    this.incoming = new Incoming(this.base, (name, value) => this.heard(name, value), (state) => this.tell(state));
  }

  stop() {
    this.incoming.stop();
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendText();
    });
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.sendText();
      }
    });
    this.text.addEventListener("input", () => this.grow());
    this.file.addEventListener("change", () => this.sendFile());
    this.beginButton.addEventListener("click", () => this.start());
    this.jump.addEventListener("click", () => {
      this.log.scrollTop = this.log.scrollHeight;
      this.log.focus();
    });
    this.log.addEventListener("scroll", () => this.markBottom());
  }

  // People's time is the server's: a phone's clock may be wrong, and the demo's is moved.
  setClock(now) {
    this.clock = { now, since: performance.now() };
  }

  now() {
    return this.clock.now + performance.now() - this.clock.since;
  }

  // ---- what comes in

  heard(name, value) {
    if (name === "hello") this.greet(value);
    else if (name === "ready") this.settle();
    else if (name === "said") this.said(value);
    else this.altered(name, value);
  }

  greet(value) {
    if (value.world !== this.world) location.reload();
    this.setClock(value.now);
    if (!this.ready) this.restore(0);
  }

  said(value) {
    if (this.find(value.row)) return;
    const near = this.isNear();
    this.separate(value.at);
    const made = bubble("bot", this.words.bot_says);
    made.dataset.row = value.row;
    this.fill(made, value);
    made.append(moment(value.at, this.hour));
    this.log.append(made);
    this.lastRow = value.row;
    this.begin.hidden = true;
    if (this.ready) {
      this.follow(made, near);
      this.unseen();
    } else {
      this.restore(value.row);
    }
  }

  altered(name, value) {
    const made = this.find(value.target);
    if (!made) return;
    const focused = made.contains(document.activeElement);
    const place = [...made.querySelectorAll(".buttons button")].indexOf(document.activeElement);
    if (name === "deleted") made.remove();
    else if (name === "edited") this.fill(made, value);
    else this.setButtons(made, value.buttons ?? []);
    if (name === "keyboard") made.querySelectorAll(".buttons button")[place]?.focus();
    if (focused && !this.root.contains(document.activeElement)) this.focusNewest();
  }

  fill(made, value) {
    const parts = (value.media ?? []).map(([kind, path, ...said]) => this.media(kind, `${this.base}/${path}`, ...said));
    if (value.html) {
      const text = document.createElement("div");
      text.className = "text";
      text.append(fragment(value.html));
      parts.push(text);
    }
    made.querySelector(".body").replaceChildren(...parts);
    this.setButtons(made, value.buttons ?? []);
  }

  media(kind, address, name, alt) {
    const made = document.createElement(kind === "photo" ? "img" : kind === "voice" ? "audio" : "a");
    made.className = "media";
    if (kind === "photo") Object.assign(made, { src: address, alt: alt || this.words.photo_sent, loading: "lazy" });
    else if (kind === "voice") Object.assign(made, { src: address, controls: true, preload: "none" });
    else Object.assign(made, { href: address, textContent: name || this.words.file, download: name || "" });
    return made;
  }

  setButtons(made, rows) {
    made.querySelector(".buttons")?.remove();
    if (!rows.length) return;
    const group = document.createElement("div");
    group.className = "buttons";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", this.words.choices);
    for (const row of rows) {
      const line = document.createElement("div");
      line.className = "line";
      for (const [label, data] of row) line.append(this.button(made, label, data));
      group.append(line);
    }
    made.querySelector(".body").after(group);
  }

  button(made, label, data) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      const shown = label.replace(/^\d+\. /, "");
      this.say({ data, on: Number(made.dataset.row), shown }, { refocus: made.contains(document.activeElement) });
    });
    return button;
  }

  settle() {
    if (this.ready) return;
    this.ready = true;
    this.outgoing.forget((item) => this.findOwn(item.id) || item.state === "sending" || item.state === "retrying");
    for (const item of this.outgoing.said) this.show(item);
    this.begin.hidden = this.log.children.length > 0 && this.beginWith === null;
    this.log.scrollTop = this.log.scrollHeight;
    this.log.setAttribute("aria-live", "polite");
    this.outgoing.run();
  }

  // What the person said after a row comes back with it after a reload.
  restore(row) {
    for (const item of this.outgoing.said) if (item.after === row) this.show(item);
  }

  // ---- what goes out

  start() {
    const payload = this.beginWith ? ` ${this.beginWith}` : "";
    this.beginWith = null;
    this.begin.hidden = true;
    this.say({ text: `/start${payload}`, shown: this.words.begin }, { refocus: true });
  }

  sendText() {
    const text = this.text.value.trim();
    if (!text) return;
    this.text.value = "";
    this.grow();
    this.begin.hidden = true;
    this.say({ text, shown: text });
  }

  sendFile() {
    const file = this.file.files[0];
    this.file.value = "";
    if (!file) return;
    const shown = file.type.startsWith("image/") ? this.words.photo : this.words.file;
    if (file.size > this.maxBytes) {
      this.show({ id: String(Math.random()), shown, state: "refused", why: this.words.too_big });
      return;
    }
    this.say({ file, shown: `${shown}: ${file.name}` });
  }

  say(message, { refocus = false } = {}) {
    this.refocus = refocus;
    this.show(this.outgoing.add({ after: this.lastRow, ...message }));
    this.log.scrollTop = this.log.scrollHeight;
  }

  show(item) {
    let made = this.findOwn(item.id);
    if (!made) {
      this.separate(item.at ?? this.now());
      made = bubble("own", this.words.person_says);
      made.dataset.id = item.id;
      const text = document.createElement("div");
      text.className = "text";
      text.textContent = item.shown;
      const state = document.createElement("p");
      state.className = "state";
      made.querySelector(".body").append(text);
      made.append(state);
      this.log.append(made);
    }
    made.dataset.state = item.state;
    const words = { sending: this.words.sending, retrying: this.words.retrying, sent: this.words.sent };
    const why = words[item.state] ?? item.why ?? this.words.not_sent;
    const word = document.createElement("span");
    word.className = "word";
    word.textContent = item.at ? ` · ${why}` : why;
    made.querySelector(".state").replaceChildren(item.at ? this.hour.format(item.at) : "", word);
  }

  // ---- where things are

  find(row) {
    return this.log.querySelector(`[data-row="${row}"]`);
  }

  findOwn(id) {
    return this.log.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  separate(at) {
    const day = this.day.format(at);
    if (day === this.lastDay) return;
    this.lastDay = day;
    const made = document.createElement("p");
    made.className = "day";
    made.textContent = day;
    this.log.append(made);
  }

  isNear() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
  }

  // A reader at the end is taken to the new message, but never past its first line.
  follow(made, near) {
    if (near) this.log.scrollTop = Math.min(this.log.scrollHeight, made.offsetTop - 12);
    if (this.refocus) this.focusNewest();
    this.markBottom();
  }

  focusNewest() {
    this.refocus = false;
    const newest = [...this.log.querySelectorAll(".bot")].pop();
    (newest?.querySelector("button") ?? this.text).focus({ preventScroll: true });
  }

  markBottom() {
    this.jump.hidden = this.isNear();
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 140)}px`;
  }

  tell(state) {
    this.status.textContent = this.words[state];
    this.status.dataset.state = state;
  }

  storeName() {
    return `chat ${this.base} ${this.world}`;
  }

  forgetOtherWorlds() {
    const mine = `chat ${this.base} `;
    for (const name of Object.keys(sessionStorage)) {
      if (name.startsWith(mine) && name !== this.storeName()) sessionStorage.removeItem(name);
    }
  }
}

function bubble(kind, speaker) {
  const made = document.createElement("div");
  made.className = `message ${kind}`;
  const heard = document.createElement("span");
  heard.className = "heard";
  heard.textContent = speaker;
  const body = document.createElement("div");
  body.className = "body";
  made.append(heard, body);
  return made;
}

function moment(at, hour) {
  const made = document.createElement("time");
  made.dateTime = new Date(at).toISOString();
  made.textContent = hour.format(at);
  return made;
}
