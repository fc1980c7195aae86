// When a training ends by itself, as the reader has asked for.

/**
 * Why it ends after this epoch, as a key of the catalogue; null: it goes on. Each reason holds once, so that whoever goes
 * on trains on.
 * @param {{epochs: number, lossBelow: number, patience: number}} choices
 * @param {object} found Of this epoch.
 * @param {object} before Of the one before.
 */
export function reasonToStop({ epochs, lossBelow, patience }, found, before) {
  if (epochs && found.epoch === epochs) return "stoppedEpochs";
  if (found.train.loss < lossBelow && !(before.train.loss < lossBelow)) return "stoppedLoss";
  if (patience && found.epoch - found.best.epoch === patience) return "stoppedPatience";
  return null;
}

/** The best test loss up to here, and when it was. */
export function bestOf(found, before) {
  return before && before.loss <= found.test.loss ? before : { epoch: found.epoch, loss: found.test.loss };
}
