// The epochs behind us: what came of each, and what is needed to come back to it with all its bits.

const MOST = 400; // states; where there are more, every second is given up

export class Timeline {
  constructor() {
    this.moments = [];
    this.stride = 1;
  }

  /** One more epoch; those that were kept of later ones are over. */
  keep(found, state) {
    this.forget(found.epoch);
    this.moments.push({ found, state });
    const kept = this.moments.filter((one) => one.state);
    if (kept.length <= MOST) return;
    this.stride *= 2;
    for (const one of kept) if (one.found.epoch % this.stride) one.state = null;
  }

  /** Nothing is known of this epoch any more, nor of those behind it. */
  forget(epoch) {
    while (this.moments.length && this.moments.at(-1).found.epoch >= epoch) this.moments.pop();
  }

  /** The last epoch up to this one that one can come back to. */
  at(epoch) {
    return this.moments.findLast(({ found, state }) => state && found.epoch <= epoch) ?? this.moments[0];
  }

  /** Losses of both sets, epoch by epoch, thinned out where there are many. */
  curve() {
    const every = Math.ceil(this.moments.length / 500);
    const last = this.moments.length - 1;
    return this.moments.filter((_, place) => place % every === 0 || place === last)
      .map(({ found }) => [found.epoch, found.train.loss, found.test.loss]);
  }
}
