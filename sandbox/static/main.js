import { get } from "./api.js";
import { el, list, time } from "./dom.js";
import { showScenarios } from "./scenarios.js";
import { openMail, showMails } from "./mail.js";
import { showPhones } from "./phones.js";
import { openMessage, showSlack } from "./slack.js";
import { openRecord, showCRM } from "./crm.js";

const byId = (id) => document.getElementById(id);
const clockFormat = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const clock = { base: 0, read: 0, scale: 1 };

// see brings what a step of a scenario is about into view.
function see(what) {
  const [kind, ...rest] = what.split("/");
  if (kind === "mail") openMail(rest[0]);
  if (kind === "slack") openMessage(rest[0], rest[1]);
  if (kind === "record") openRecord(rest[0], rest[1]);
}

function tick() {
  if (clock.base) byId("clock").textContent = clockFormat.format(clock.base + (performance.now() - clock.read) * clock.scale);
}

function showClock(state) {
  Object.assign(clock, { base: Date.parse(state.now), read: performance.now(), scale: state.scale });
  const day = 86400 / state.scale;
  byId("scale").textContent = state.scale > 1 ? `1 day passes in ${day < 120 ? Math.round(day) + " s" : Math.round(day / 60) + " min"}` : "real time";
  tick();
}

function showWorkflows(state) {
  byId("temporal").hidden = byId("nav-temporal").hidden = !state.workflows;
  list(byId("workflows"), state.workflows ?? [], (w) => w.type, (w) =>
    el("li", {}, el("a", { href: w.url, target: "_blank", rel: "noopener" }, el("b", {}, w.type), el("span", {}, w.about))));
}

function showCommands(state) {
  byId("insight").hidden = byId("nav-insight").hidden = !state.commands;
  list(byId("commands"), state.commands ?? [], (c) => c.line, (c) => el("li", {}, el("code", {}, c.line), el("span", {}, c.about)));
}

function showOperators(state) {
  const link = byId("nav-effects");
  link.hidden = !state.app;
  if (state.app) link.href = `${state.app}/effects`;
}

function showLog(state) {
  const entries = state.log.length ? state.log : [{ kind: "", title: "Nothing has been sent yet.", state: "" }];
  list(byId("entries"), entries, (e) => `${e.kind} ${e.at} ${e.title}`, (e) =>
    el("li", { class: e.state }, e.kind && el("span", { class: "kind" }, e.kind),
      el("div", {}, el("p", {}, e.title), e.detail && el("small", {}, e.detail)), e.at ? time(e.at) : ""));
}

function show(state) {
  showClock(state);
  showScenarios(state, see);
  showMails(state);
  showPhones(state);
  showSlack(state);
  showCRM(state);
  showCommands(state);
  showWorkflows(state);
  showOperators(state);
  showLog(state);
  document.body.dataset.revision = state.revision;
}

const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

// follow shows the state again whenever it changes. The pause lets changes that come together be shown together.
async function follow() {
  let revision = 0;
  for (;;) {
    try {
      const state = await get(`/playground/state?after=${revision}`);
      byId("offline").hidden = true;
      revision = state.revision;
      show(state);
      await pause(150);
    } catch (error) {
      if (!(error instanceof TypeError)) console.warn(error);
      byId("offline").hidden = false;
      revision = 0;
      await pause(1000);
    }
  }
}

setInterval(tick, 250);
follow();
