import pandas as pd

from skmmrec import ALSRecommender, Interactions

events = pd.read_csv("events.csv")
X = Interactions(events, rating="stars")
model = ALSRecommender(16, random_state=0).fit(X)
best = model.recommend(sorted(set(events["user"])), k=5)
print(best)
