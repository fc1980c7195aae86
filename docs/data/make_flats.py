"""Makes the tables of the docs: invented, but kept as people keep tables, with text, dates and gaps.

flats.csv is for training, more_flats.csv came later, new_flats.csv has no answers yet.

python docs/data/make_flats.py
"""

from pathlib import Path

import numpy as np
import pandas as pd

ROWS = 1500
PRICES = {"centre": 19.0, "harbour": 17.0, "old town": 16.0, "north": 12.0, "east": 11.0, "airport": 8.5}

rng = np.random.default_rng(7)
district = rng.choice(list(PRICES), ROWS, p=[0.2, 0.12, 0.15, 0.22, 0.21, 0.1])
area = np.clip(rng.lognormal(4.1, 0.38, ROWS), 18, 210).round()
rooms = np.clip((area / 24 + rng.normal(0, 0.6, ROWS)).round(), 1, 8)
built = np.where(district == "old town", rng.integers(1870, 1935, ROWS), rng.integers(1950, 2024, ROWS))
heating = rng.choice(["district heating", "gas", "heat pump", "oil"], ROWS, p=[0.4, 0.35, 0.15, 0.1])
balcony = rng.random(ROWS) < 0.55
available = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 730, ROWS), unit="D")

per_metre = np.array([PRICES[name] for name in district]) * (1 + 0.5 * np.exp(-area / 35))  # small flats cost more
per_metre *= 1 + 0.004 * np.clip(built - 1990, 0, None) + np.where(district == "old town", 0.08, 0)
per_metre *= np.where(heating == "oil", 0.93, 1) * np.where(heating == "heat pump", 1.06, 1)
season = 1 + 0.06 * np.cos(2 * np.pi * (available.month.to_numpy() - 9) / 12)  # students come in September
rent = (per_metre * area * season + 60 * balcony) * rng.lognormal(0, 0.06, ROWS)
autumn = (season - 1) / 0.06
wanted = np.where(area < 50, 2.5 * autumn, 2 * (balcony - 0.5) - 1.5 * autumn)  # students in autumn, families in spring
quick = rng.random(ROWS) < 1 / (1 + np.exp(1.2 - 2 * wanted))

flats = pd.DataFrame(
    {
        "flat": [f"F{number:04d}" for number in range(1, ROWS + 1)],
        "district": district,
        "area": area.astype(int),
        "rooms": pd.array(rooms, "Int64"),
        "balcony": np.where(balcony, "yes", "no"),
        "heating": heating,
        "built": pd.array(built, "Int64"),
        "available": available.strftime("%Y-%m-%d"),
        "rent": rent.round().astype(int),
        "gone_in_a_week": np.where(quick, "yes", "no"),
    }
)
for column, share in (("rooms", 0.04), ("heating", 0.12), ("built", 0.09)):
    flats.loc[rng.random(ROWS) < share, column] = pd.NA

folder = Path(__file__).parent
flats[:1150].to_csv(folder / "flats.csv", index=False)
flats[1150:1450].to_csv(folder / "more_flats.csv", index=False)
flats[1450:].drop(columns=["rent", "gone_in_a_week"]).to_csv(folder / "new_flats.csv", index=False)
