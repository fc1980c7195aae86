// Sums over lists of numbers.

export const dot = (one, other) => one.reduce((sum, value, place) => sum + value * other[place], 0);

/** The Euclidean length. */
export const length = (numbers) => Math.sqrt(dot(numbers, numbers));

export const difference = (one, other) => one.map((value, place) => value - other[place]);

export const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
