import pandas as pd
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline

items = pd.read_csv("items.csv")
encoder = make_pipeline(TfidfVectorizer(), TruncatedSVD(16, random_state=0))
vectors = encoder.fit_transform(items["text"])
model = NearestNeighbors(n_neighbors=6, metric="cosine").fit(vectors)
near = items["item"].to_numpy()[model.kneighbors(vectors[:1])[1][:, 1:]]
print(near)
