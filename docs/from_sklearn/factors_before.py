import numpy as np
import pandas as pd
from sklearn.decomposition import TruncatedSVD

events = pd.read_csv("events.csv")
matrix = events.pivot_table("stars", index="user", columns="item", fill_value=0)
model = TruncatedSVD(16, random_state=0)
scores = model.inverse_transform(model.fit_transform(matrix))
scores[matrix.to_numpy() > 0] = -np.inf  # what the user has had
best = matrix.columns.to_numpy()[scores.argsort()[:, :-6:-1]]
print(best)
