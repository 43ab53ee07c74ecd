import { act } from "./api.js";
import { el, list } from "./dom.js";

const marks = { waiting: "", running: "", done: "✓", failed: "!" };

// showScenarios shows the buttons and how far the stories have come that they play.
export function showScenarios(state, see) {
  list(document.getElementById("buttons"), state.scenarios, (s) => s.name, (s) =>
    el("button", { type: "button", class: s.name === "unhappy" ? "scenario first" : "scenario", id: `play-${s.name}`, onclick: play },
      el("b", {}, s.title), el("span", {}, s.about)));
  const runs = state.runs.length ? state.runs.slice(0, 3) : [preview(state.scenarios[0])];
  list(document.getElementById("runs"), runs, (r) => r.id, (r) =>
    el("li", { class: `run ${r.state}` }, el("h3", {}, r.title),
      el("ol", { class: "steps" }, r.steps.map((s) => drawStep(s, see)))));
}

// preview shows a newcomer what a scenario will do.
function preview(scenario) {
  return { id: 0, title: "What you will see", state: "waiting", steps: scenario.steps.map((title) => ({ title, state: "waiting" })) };
}

async function play(event) {
  const button = event.currentTarget;
  button.disabled = true;
  await act("play", { scenario: button.id.replace("play-", "") });
  button.disabled = false;
}

function drawStep(step, see) {
  return el("li", { class: `step ${step.state}` },
    el("span", { class: "mark", "aria-hidden": "true" }, marks[step.state]),
    el("div", {},
      step.see ? el("button", { type: "button", class: "see", onclick: () => see(step.see) }, step.title) : el("span", {}, step.title),
      el("span", { class: "sr" }, ` (${step.state})`),
      step.detail && el("small", {}, step.detail)));
}
