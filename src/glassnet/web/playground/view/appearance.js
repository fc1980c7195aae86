// Language and colours: chosen in the head of the page, and kept in the browser; what the browser keeps between visits.

import { currentLanguage, LANGUAGES, say, speak } from "../../language.js";
import { byId } from "./element.js";
import { readColors } from "./heat.js";

export const memory = {
  get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* then not */ } },
};

/**
 * Both as a page asks for that has this one in a frame, else as they were at the last visit; and from now on as they are chosen.
 * @param {{spoken: () => void, coloured: () => void}} then
 */
export function bindAppearance({ spoken, coloured }) {
  const darken = (dark) => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    readColors();
    coloured();
  };
  const speakAll = (language) => {
    speak(language);
    document.title = `glassnet ${say("playground")}`;
    const other = LANGUAGES.find((one) => one !== currentLanguage());
    Object.assign(byId("language"), { textContent: other === "zh" ? "中文" : "English", lang: other });
    spoken();
  };
  byId("language").onclick = () => {
    speakAll(byId("language").lang);
    memory.set("language", currentLanguage());
  };
  byId("theme").onclick = () => {
    darken(document.documentElement.dataset.theme !== "dark");
    memory.set("theme", document.documentElement.dataset.theme);
  };
  const asked = new URLSearchParams(location.search);
  darken((asked.get("theme") ?? memory.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark");
  const written = document.documentElement.dataset.language; // by whoever wrote the page for others
  speakAll(asked.get("language") ?? memory.get("language") ?? written ?? (navigator.language.startsWith("zh") ? "zh" : "en"));
}
