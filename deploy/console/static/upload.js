// Sends a file in pieces, shows how far it is, goes on where it broke off, and can be stopped. What comes then is pages of the program.
"use strict";

(() => {
  const find = (selector) => document.querySelector(selector);
  const drop = find("#drop");
  if (drop === null) return;
  // Without scripts a plain form stands in its place.
  drop.hidden = false;
  const input = find("#file");
  const said = find("#sending-said");
  const trouble = find("#sending-trouble");
  const bar = find("#sending-bar");
  const PIECE = 8 * 1024 * 1024;
  // Milliseconds before another try; after the last of them somebody has to look.
  const WAITS = [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000];
  const STOPPED = "stopped";
  let sending = null;

  const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const mebibytes = (bytes) => (bytes / 1048576).toFixed(1);

  const request = (method, path, body, progress) =>
    new Promise((done, failed) => {
      const asked = new XMLHttpRequest();
      asked.open(method, path);
      // Problems come as a part of a page then, and a sign-in as an address.
      asked.setRequestHeader("HX-Request", "true");
      if (body instanceof URLSearchParams) asked.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
      if (body instanceof Blob) asked.setRequestHeader("Content-Type", "application/octet-stream");
      if (progress !== undefined) asked.upload.addEventListener("progress", (event) => progress(event.loaded));
      asked.addEventListener("load", () => done(asked));
      asked.addEventListener("error", () => failed(new Error("network")));
      asked.addEventListener("abort", () => failed(new Error(STOPPED)));
      sending.asked = asked;
      if (sending.isStopped) failed(new Error(STOPPED));
      else asked.send(body instanceof URLSearchParams ? body.toString() : body);
    });

  const leads = (asked) => {
    const path = asked.getResponseHeader("HX-Redirect");
    if (path === null) return false;
    sending = null;
    location.assign(path);
    return true;
  };

  const show = (far) => {
    const { file } = sending;
    const percent = Math.floor((far * 100) / file.size);
    bar.value = percent;
    find("#sending-far").textContent = `${mebibytes(far)} / ${mebibytes(file.size)} MiB · ${percent} %`;
    // Who listens to the page is told every tenth.
    const tenth = Math.floor(percent / 10) * 10;
    if (tenth !== sending.tenth) said.textContent = `${drop.dataset.sending} ${tenth} %`;
    sending.tenth = tenth;
  };

  // The upload of this very file that was begun before.
  const begun = (file) => {
    const same = (one) =>
      one.dataset.name === file.name && Number(one.dataset.bytes) === file.size && Number(one.dataset.modified) === file.lastModified;
    const known = Array.from(drop.querySelectorAll("li[data-upload]")).find(same);
    return known === undefined ? null : known.dataset.upload;
  };

  const refused = (asked) => {
    trouble.innerHTML = asked.responseText;
    throw new Error("refused");
  };

  const make = async (file) => {
    const fields = new URLSearchParams({ name: file.name, bytes: String(file.size), modified: String(file.lastModified) });
    const asked = await request("POST", "/upload", fields);
    if (leads(asked)) return null;
    if (asked.status !== 200) refused(asked);
    const made = JSON.parse(asked.responseText);
    // Chosen again on this page, it is gone on with.
    const one = document.createElement("li");
    Object.assign(one.dataset, { upload: made.upload, name: file.name, bytes: String(file.size), modified: String(file.lastModified) });
    drop.querySelector("ul").append(one);
    return made;
  };

  const stands = async (id) => {
    const asked = await request("GET", `/upload/${id}/state`, null);
    if (leads(asked)) return null;
    return asked.status === 200 ? JSON.parse(asked.responseText) : refused(asked);
  };

  // What may go well another time: too much at once, too slow, a broken body, bytes that belong elsewhere, a server that starts.
  const mayGoWell = (status) => [400, 408, 422, 429].includes(status) || status >= 500;

  const send = async (file) => {
    const known = begun(file);
    let at = known === null ? await make(file) : await stands(known);
    let tries = 0;
    while (at !== null && at.received < file.size) {
      const from = at.received;
      show(from);
      try {
        const piece = file.slice(from, from + PIECE);
        const asked = await request("PATCH", `/upload/${at.upload}/bytes?offset=${from}`, piece, (loaded) => show(Math.min(from + loaded, file.size)));
        if (leads(asked)) return null;
        if (asked.status === 200) {
          at = JSON.parse(asked.responseText);
          tries = 0;
          continue;
        }
        if (!mayGoWell(asked.status) || tries >= WAITS.length) refused(asked);
      } catch (error) {
        if (error.message !== "network" || tries >= WAITS.length) throw error;
      }
      said.textContent = drop.dataset.again;
      await wait(WAITS[tries]);
      tries += 1;
      at = await stands(at.upload).catch((error) => {
        if (error.message !== "network") throw error;
        return at;
      });
    }
    return at === null ? null : at.upload;
  };

  const take = async (file) => {
    if (sending !== null) return;
    trouble.textContent = "";
    said.textContent = "";
    if (file.size === 0 || file.size > Number(drop.dataset.most)) {
      said.textContent = file.size === 0 ? drop.dataset.empty : drop.dataset.large;
      return;
    }
    sending = { file, asked: null, isStopped: false, tenth: -1 };
    find("#sending").hidden = false;
    find("#sending-name").textContent = file.name;
    find("#sending-stop").focus();
    try {
      const id = await send(file);
      if (id === null) return;
      show(file.size);
      said.textContent = drop.dataset.whole;
      const asked = await request("POST", `/upload/${id}/check`, new URLSearchParams());
      sending = null;
      if (!leads(asked)) location.assign(`/upload/${id}`);
    } catch (error) {
      if (error.message === STOPPED) said.textContent = drop.dataset.stopped;
      else if (error.message === "network") said.textContent = drop.dataset.gone;
      else if (error.message !== "refused") throw error;
      find("#sending").hidden = true;
      sending = null;
      input.focus();
    }
  };

  // One at a time: which of several is meant is not guessed.
  const chosen = (files) => {
    if (sending !== null || files.length === 0) return;
    if (files.length > 1) {
      trouble.textContent = "";
      said.textContent = drop.dataset.one;
      return;
    }
    take(files[0]);
  };

  const stop = () => {
    if (sending === null) return;
    sending.isStopped = true;
    if (sending.asked !== null) sending.asked.abort();
  };

  input.addEventListener("change", () => {
    chosen(input.files);
    // The same file can be chosen again.
    input.value = "";
  });
  find("#sending-stop").addEventListener("click", stop);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop();
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name === "drop") chosen(event.dataTransfer.files);
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (sending !== null) event.preventDefault();
  });
})();
