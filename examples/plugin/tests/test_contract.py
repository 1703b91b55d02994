"""All that skmmrec and scikit-learn demand of an encoder and a recommender."""

from skmmrec_plugin import CoOccurrenceRecommender, PunctuationEncoder

from skmmrec.testing import parametrize_with_checks


@parametrize_with_checks(
    [PunctuationEncoder(), CoOccurrenceRecommender(4, random_state=0)],
    column=["A ghost ship!", "Red tea, black tea.", "Why?"],
)
def test_contract(estimator, check):
    check(estimator)
