// What pages do beyond links and forms: the keyboard map, running and cancelling a query, printing. Everything here has a way without it.
"use strict";

(() => {
  const find = (selector) => document.querySelector(selector);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const isTyping = (event) => event.composedPath()[0].closest("input, textarea, select, [contenteditable]") !== null;

  // Results that j and k walk through.
  const walk = (step) => {
    const hits = all("a.hit");
    if (hits.length === 0) return;
    const at = hits.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : hits.length - 1) : Math.min(Math.max(at + step, 0), hits.length - 1);
    hits[next].focus();
  };

  const turn = (rel) => {
    const links = all(`nav.turn a[rel="${rel}"]`);
    if (links.length > 0) links[0].click();
  };

  // A query that runs: how long, and how to stop it.
  const ask = find("#ask");
  let ticking = 0;
  const running = (isRunning, said) => {
    const cancel = find("#cancel");
    const clock = find("#clock");
    clearInterval(ticking);
    cancel.hidden = !isRunning;
    clock.textContent = said;
    if (!isRunning) return;
    const begun = Date.now();
    const tick = () => {
      clock.textContent = `${clock.dataset.running} ${((Date.now() - begun) / 1000).toFixed(1)} s`;
    };
    tick();
    ticking = setInterval(tick, 100);
  };
  const stop = () => {
    if (ask === null || find("#cancel").hidden) return;
    htmx.trigger(ask, "htmx:abort");
    running(false, find("#clock").dataset.cancelled);
  };
  if (ask !== null) {
    // Who gives a name keeps the question by it; without this the first button would run it.
    find("#name").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      find("#keep").click();
    });
    find("#keep").addEventListener("click", (event) => {
      if (find("#name").value.trim() !== "") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      find("#name").focus();
    });
    ask.addEventListener("htmx:beforeRequest", (event) => {
      if (event.target === ask) running(true, "");
    });
    ask.addEventListener("htmx:afterRequest", (event) => {
      if (event.target !== ask || event.detail.xhr.status === 0) return;
      running(false, "");
      const answer = find("#answer");
      // The answer is read next; but where the editor has chosen the word that is wrong, the question is mended next and stays in sight.
      const isMended = answer.querySelector("[data-line]") !== null && !find("#editor").hidden;
      if (!isMended) answer.focus({ preventScroll: true });
      // Who cannot see the answer begin is led to it; where it is in sight, the question stays so.
      const { top } = answer.getBoundingClientRect();
      if (top < 0 || top > window.innerHeight * 0.7) answer.scrollIntoView({ block: isMended ? "nearest" : "start" });
    });
    find("#cancel").addEventListener("click", stop);
    // An export is a download of the browser's own.
    all("button.export").forEach((button) => {
      button.addEventListener("click", (event) => {
        event.stopPropagation();
        event.preventDefault();
        const form = document.createElement("form");
        form.method = "post";
        form.action = button.formAction;
        for (const [name, value] of [["sql", find("#sql").value], ["as", button.value]]) {
          const field = document.createElement("input");
          field.type = "hidden";
          field.name = name;
          field.value = value;
          form.append(field);
        }
        document.body.append(form);
        form.submit();
        form.remove();
      });
    });
  }

  // What cannot be taken back is asked about first.
  document.addEventListener("submit", (event) => {
    const { sure } = event.target.dataset;
    if (sure !== undefined && !window.confirm(sure)) event.preventDefault();
  });

  // Rows without what is typed are hidden, and with them parts of the page that have no other.
  all("[data-sieve]").forEach((box) => {
    box.closest("[hidden]").hidden = false;
    box.addEventListener("input", () => {
      const words = box.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
      all(box.dataset.sieve).forEach((row) => {
        // A row is known by its part of the page too: namespace.table is typed as often as the table alone.
        const text = `${row.closest("section").id}.${row.textContent}`.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      });
      all("section").filter((part) => part.querySelector("tbody tr") !== null).forEach((part) => {
        part.hidden = part.querySelector("tbody tr:not([hidden])") === null;
      });
    });
  });

  // On narrow screens what narrows the search stands folded above what was found.
  const narrow = window.matchMedia("(max-width: 1100px)");
  const fold = () => all("[data-narrow]").forEach((details) => {
    details.open = !narrow.matches;
  });
  fold();
  narrow.addEventListener("change", fold);

  const keys = find("#keys");
  const showKeys = () => {
    if (!keys.open) keys.showModal();
  };
  all("[data-keys]").forEach((button) => button.addEventListener("click", showKeys));
  all("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));

  // What a page has keys for says so itself; no key is taken by what cannot be pressed.
  const press = (key) => {
    const found = all("[data-key]").find((one) => one.dataset.key === key && !one.disabled);
    if (found !== undefined) found.click();
    return found !== undefined;
  };
  // From some fields Enter sends nothing: it leads back to where keys are.
  const leave = (event) => {
    const field = event.target.closest("[data-leave]");
    if (field === null || event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    find(field.dataset.leave).focus();
  };
  document.addEventListener("keydown", leave);

  let isGoing = false;
  const go = (key) => {
    const link = all("nav a[data-go]").find((place) => place.dataset.go === key);
    if (link !== undefined) link.click();
  };
  const plain = {
    "/": () => {
      const box = find("#q") || find("#find");
      if (box === null) return false;
      box.focus();
      box.select();
      return true;
    },
    "?": showKeys,
    j: () => walk(1),
    k: () => walk(-1),
    "[": () => turn("prev"),
    "]": () => turn("next"),
    p: () => {
      const button = find("[data-print]");
      if (button !== null) button.click();
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && ask !== null) {
      event.preventDefault();
      find("#run").click();
    } else if (event.key === "Escape") {
      stop();
    } else if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event)) {
      return;
    } else if (isGoing) {
      isGoing = false;
      go(event.key);
    } else if (event.key === "g") {
      isGoing = true;
      setTimeout(() => {
        isGoing = false;
      }, 1500);
    } else if (press(event.key)) {
      event.preventDefault();
    } else if (plain[event.key] !== undefined && plain[event.key]() !== false) {
      event.preventDefault();
    }
  });

  // What is printed is seen: who says each value is folded away on the screen only.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = all("details.fold:not([open])");
    folded.forEach((details) => {
      details.open = true;
    });
  });
  window.addEventListener("afterprint", () => {
    folded.forEach((details) => {
      details.open = false;
    });
  });
})();
