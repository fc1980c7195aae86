// The address of the page: behind its # stand the choices.

import { say } from "../../language.js";
import { fromAddress, toAddress } from "../session/choices.js";
import { tell } from "./notice.js";

export const writeAddress = (choices) => history.replaceState(null, "", `#${toAddress(choices)}`);

/** The choices; null, and words on the page, if they cannot be read. */
export function readAddress() {
  const found = fromAddress(location.hash);
  if (!found) tell(() => say("The settings in the address cannot be read. The link may have been truncated when it was copied."));
  return found;
}
