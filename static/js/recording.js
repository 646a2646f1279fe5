// A clicked line of the transcript plays the recording from its onset; the line being heard is marked.
"use strict";

document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-start-ms]");
  const player = document.querySelector("audio[data-recording]");
  if (!line || !player || String(getSelection())) return;
  player.currentTime = Number(line.dataset.startMs) / 1000;
  player.play();
});

// timeupdate does not bubble, so it is caught on its way down; the fragment with the player may be replaced any time.
document.addEventListener("timeupdate", (event) => {
  if (!event.target.matches("audio[data-recording]")) return;
  const ms = event.target.currentTime * 1000;
  for (const line of document.querySelectorAll("[data-start-ms]")) {
    const heard = ms >= Number(line.dataset.startMs) && ms < Number(line.dataset.endMs);
    line.classList.toggle("line-heard", heard);
  }
}, true);
