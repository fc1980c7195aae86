// What the page says below its head: that the training has diverged, for as long as it is so; and what could not be done, or what
// came of a table, until the reader closes it or chooses something else.

import { say } from "../../language.js";
import { phrase } from "../../phrase.js";
import { button, byId } from "./element.js";

let told = null; // gives what is said, in the language that is spoken at the time

function show(words, ...remedies) {
  const place = byId("alarm");
  place.hidden = !words;
  if (words !== place.dataset.words) place.replaceChildren(words, ...remedies);
  place.dataset.words = words;
}

/** Say something until it is over. @param {() => string} words */
export function tell(words) {
  told = words;
  show(words(), button(say("Close"), quieten));
}

/** Nothing is to be told any more. */
export function quieten() {
  told = null;
  show("");
}

/** How the training is: words where something is wrong, with remedies; "" else. What is told goes first. */
export function warn(words, ...remedies) {
  if (told) tell(told);
  else show(words, ...remedies);
}

/** What has failed, in words. @param {Error} error */
export const failure = ({ message, cause }) => say(cause === "engine" ? phrase("The engine could not start: {reason}. Use a browser from 2023 or later.") : phrase("Error in the page: {reason}. Reload it; the settings are kept in its address."), { reason: message });
