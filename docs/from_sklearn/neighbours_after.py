import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

from skmmrec import ContentRecommender, Interactions, MultimodalFusion

items = pd.read_csv("items.csv")
encoder = make_pipeline(TfidfVectorizer(), TruncatedSVD(16, random_state=0))
X = Interactions(pd.read_csv("events.csv"), items=items)
fusion = MultimodalFusion([("text", encoder, "text")])
model = make_pipeline(fusion, ContentRecommender()).fit(X)[-1]
near = model.similar_items(items["item"][:1], k=5)
print(near, model.recommend(["u1"], k=5))
