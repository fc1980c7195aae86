// The parts as custom elements; see "Parts for other pages" in docs/architecture.md for their attributes.

import { ActivationPart } from "./activation.js";
import { LandscapePart } from "./landscape.js";
import { NeuronPart } from "./neuron.js";
import { PlaygroundPart } from "./playground.js";
import { RacePart } from "./race.js";
import { StepPart } from "./step.js";
import { followLinks } from "./symbols.js";
import { WorkoutPart } from "./workout.js";

const PARTS = {
  "glassnet-neuron": NeuronPart,
  "glassnet-activation": ActivationPart,
  "glassnet-landscape": LandscapePart,
  "glassnet-race": RacePart,
  "glassnet-step": StepPart,
  "glassnet-workout": WorkoutPart,
  "glassnet-playground": PlaygroundPart,
};

for (const [name, part] of Object.entries(PARTS)) if (!customElements.get(name)) customElements.define(name, part);
followLinks();
