// What the picture of a graph does beyond links: it is moved and made larger, a click shows what is tied to one, and a slider what held on a day.
// Without this file it is a picture all the same, its links go on at the first click, and a day is asked for with the field beside it.
"use strict";

(() => {
  const graph = document.querySelector("#graph");
  if (graph === null) return;
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const whole = graph.getAttribute("viewBox").split(" ").map(Number);
  let seen = whole.slice();

  const show = () => graph.setAttribute("viewBox", seen.join(" "));
  // Nearer or farther, so that what is below the pointer stays there.
  const zoom = (factor, x, y) => {
    const wide = Math.min(Math.max(seen[2] * factor, whole[2] / 12), whole[2] * 2);
    const real = wide / seen[2];
    seen = [x - (x - seen[0]) * real, y - (y - seen[1]) * real, wide, seen[3] * real];
    show();
  };
  const at = (event) => {
    const box = graph.getBoundingClientRect();
    const scale = Math.max(seen[2] / box.width, seen[3] / box.height);
    const left = (box.width - seen[2] / scale) / 2;
    const top = (box.height - seen[3] / scale) / 2;
    return { x: seen[0] + (event.clientX - box.left - left) * scale, y: seen[1] + (event.clientY - box.top - top) * scale, scale };
  };

  document.querySelector("#zoom").hidden = false;
  all("[data-zoom]").forEach((button) => {
    button.addEventListener("click", () => {
      const factor = Number(button.dataset.zoom);
      if (factor === 0) {
        seen = whole.slice();
        show();
      } else {
        zoom(factor, seen[0] + seen[2] / 2, seen[1] + seen[3] / 2);
      }
    });
  });
  graph.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const { x, y } = at(event);
    zoom(event.deltaY < 0 ? 0.85 : 1.18, x, y);
  }, { passive: false });

  // Moved by the pointer; a link that was dragged is not followed.
  let held = null;
  graph.addEventListener("pointerdown", (event) => {
    if (event.button === 0) held = { x: event.clientX, y: event.clientY, from: seen.slice(), moved: false };
  });
  window.addEventListener("pointermove", (event) => {
    if (held === null) return;
    const [x, y] = [event.clientX - held.x, event.clientY - held.y];
    held.moved = held.moved || Math.abs(x) + Math.abs(y) > 4;
    if (!held.moved) return;
    const { scale } = at(event);
    seen = [held.from[0] - x * scale, held.from[1] - y * scale, seen[2], seen[3]];
    show();
  });
  window.addEventListener("pointerup", () => {
    const moved = held !== null && held.moved;
    held = null;
    if (moved) graph.addEventListener("click", (event) => event.preventDefault(), { capture: true, once: true });
  });
  graph.addEventListener("dragstart", (event) => event.preventDefault());

  // A click chooses one, with what is tied to it; a double click goes on to what is around it, as Enter does, which is told as a click that no
  // pointer made.
  const choose = (dot) => {
    all("#graph .chosen, #graph .near").forEach((part) => part.classList.remove("chosen", "near"));
    dot.classList.add("chosen");
    const { node } = dot.dataset;
    all("#graph .tie").filter((tie) => tie.dataset.ends.split(" ").includes(node)).forEach((tie) => tie.classList.add("near"));
  };
  all("#graph .dot").forEach((dot) => {
    const around = dot.querySelector("a");
    around.addEventListener("click", (event) => {
      if (event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      around.focus();
      choose(dot);
    });
    around.addEventListener("dblclick", () => location.assign(around.getAttribute("href")));
  });

  // Whoever goes from entity to entity by keyboard sees where they are.
  graph.addEventListener("focusin", (event) => {
    const dot = event.target.closest(".dot");
    if (dot === null) return;
    const words = dot.querySelector("text:not(.stub)");
    const [x, y] = [Number(words.getAttribute("x")), Number(words.getAttribute("y"))];
    const isIn = x > seen[0] && x < seen[0] + seen[2] && y > seen[1] && y < seen[1] + seen[3];
    if (isIn) return;
    seen = [x - seen[2] / 2, y - seen[3] / 2, seen[2], seen[3]];
    show();
  });

  // What held on a day: as far as both are exact, and what is open on either side always.
  const slider = document.querySelector("#day");
  if (slider === null) return;
  const days = slider.dataset.days.split(" ");
  const notAfter = (first, second) => {
    const length = Math.min(first.length, second.length);
    return first === "" || second === "" || first.slice(0, length) <= second.slice(0, length);
  };
  const holds = (when, day) => when.split(" ").some((span) => {
    const [since, until] = span.split("/");
    return notAfter(since, day) && notAfter(day, until);
  });
  const on = (day) => {
    const present = new Set();
    all("#graph .tie").forEach((tie) => {
      const is = day === null || holds(tie.dataset.when, day);
      tie.classList.toggle("off", !is);
      if (is) tie.dataset.ends.split(" ").forEach((end) => present.add(end));
    });
    all("#graph .dot").forEach((dot) => {
      dot.classList.toggle("off", !present.has(dot.dataset.node) && !dot.classList.contains("middle"));
    });
    graph.classList.toggle("of-a-day", day !== null);
  };
  const output = document.querySelector("#slide output");
  const anyDay = () => {
    output.textContent = output.dataset.any;
    slider.setAttribute("aria-valuetext", output.dataset.any);
  };
  document.querySelector("#slide").hidden = false;
  anyDay();
  slider.addEventListener("input", () => {
    const day = days[Number(slider.value)];
    output.textContent = day;
    slider.setAttribute("aria-valuetext", day);
    if (day.length === 10) document.querySelector("#as_of").value = day;
    on(day);
  });
  document.querySelector("#any-day").addEventListener("click", () => {
    document.querySelector("#as_of").value = "";
    anyDay();
    on(null);
  });
})();
