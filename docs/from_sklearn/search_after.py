import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skmmrec import ALSRecommender, Interactions, LeaveLastOut, MultimodalFusion

X = Interactions(pd.read_csv("events.csv"), items=pd.read_csv("items.csv"), time="day")
features = MultimodalFusion(
    [
        ("text", TfidfVectorizer(), "text"),
        ("table", OneHotEncoder(handle_unknown="ignore"), ["category"]),
    ]
)
pipe = make_pipeline(features, ALSRecommender(random_state=0))
search = GridSearchCV(pipe, {"alsrecommender__alpha": [1, 10]}, cv=LeaveLastOut())
search.fit(X)
print(search.best_params_, search.best_estimator_[-1].recommend(["u1"], k=5))
