// The epochs behind us: what came of each, and what is needed to come back to it with all its bits.

const MOST = 400; // states; where there are more, every second is given up

export class Timeline {
  constructor() {
    this.moments = [];
    this.stride = 1;
    this.states = 0;
  }

  /** One more epoch; those that were kept of later ones are over. */
  keep(found, state) {
    this.forget(found.epoch);
    this.moments.push({ found, state });
    this.states += Number(state !== null);
    if (this.states <= MOST) return;
    this.stride *= 2;
    for (const one of this.moments) if (one.found.epoch % this.stride) one.state = null;
    this.states = this.moments.filter((one) => one.state).length;
  }

  /** Nothing is known of this epoch any more, nor of those behind it. */
  forget(epoch) {
    while (this.moments.length && this.moments.at(-1).found.epoch >= epoch) this.states -= Number(this.moments.pop().state !== null);
  }

  /** The last epoch up to this one that one can come back to. */
  at(epoch) {
    return this.moments.findLast(({ found, state }) => state && found.epoch <= epoch) ?? this.moments[0];
  }

  /** Losses of both sets, epoch by epoch, thinned out where there are many. */
  curve() {
    const every = Math.ceil(this.moments.length / 500);
    const last = this.moments.length - 1;
    const row = ({ found }) => [found.epoch, found.train.loss, found.test.loss];
    const rows = Array.from({ length: Math.ceil(this.moments.length / every) || 0 }, (_, place) => row(this.moments[place * every]));
    if (last % every) rows.push(row(this.moments[last]));
    return rows;
  }
}
