// The epochs behind us: what came of each, and what is needed to come back to it with all its bits.

const MOST = 400; // moments; where there are more, every second is given up, and of later epochs only every second is kept

export class Timeline {
  constructor() {
    this.moments = [];
    this.stride = 1;
  }

  /** Whether an epoch is kept for good; the last one is kept until there is a later one. */
  wants(epoch) {
    return epoch % this.stride === 0;
  }

  /** One more epoch; those that were kept of later ones are over. */
  keep(found, state) {
    this.forget(found.epoch);
    if (this.moments.length && !this.wants(this.moments.at(-1).found.epoch)) this.moments.pop();
    this.moments.push({ found, state });
    if (this.moments.length <= MOST) return;
    this.stride *= 2;
    const last = this.moments.at(-1);
    this.moments = this.moments.filter((one) => one === last || this.wants(one.found.epoch));
  }

  /** Keep the state of the last epoch, too: one may want to come back to it. */
  hold(state) {
    this.moments.at(-1).state ??= state();
  }

  /** Nothing is known of this epoch any more, nor of those behind it. */
  forget(epoch) {
    while (this.moments.length && this.moments.at(-1).found.epoch >= epoch) this.moments.pop();
  }

  /** The last epoch up to this one that one can come back to, or the first; nothing, where no number was ever finite. */
  at(epoch) {
    return this.moments.findLast(({ found, state }) => state && found.epoch <= epoch) ?? this.moments.find(({ state }) => state);
  }

  /** Losses of both sets, of the epochs that are kept. */
  curve() {
    return this.moments.map(({ found }) => [found.epoch, found.train.loss, found.test.loss]);
  }
}
