import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

X = pd.read_csv("events.csv").merge(pd.read_csv("items.csv"), on="item")
features = ColumnTransformer(
    [
        ("text", TfidfVectorizer(), "text"),
        ("table", OneHotEncoder(handle_unknown="ignore"), ["category"]),
    ]
)
pipe = make_pipeline(features, Ridge())
search = GridSearchCV(pipe, {"ridge__alpha": [1, 10]}, cv=3)
search.fit(X, X["stars"])
print(search.best_params_, search.predict(X[:3]))
