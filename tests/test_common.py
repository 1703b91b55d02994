"""What holds for every estimator: scikit-learn's checks, how many ran, and ours.

A battery that skips itself returns green: so the number of checks is asserted.
"""

import pytest
from sklearn.utils.estimator_checks import check_estimator

from skmmrec import (
    ALSRecommender,
    AttentionFusion,
    AttentionRecommender,
    AudioEncoder,
    AutoFusion,
    BaseFusionMethod,
    BilinearFusion,
    BPRRecommender,
    CCAFusion,
    ConcatFusion,
    ContentRecommender,
    DeepFeatureCFRecommender,
    DeepFMRecommender,
    EASERecommender,
    EndToEndRecommender,
    FeatureFactorizationRecommender,
    FederatedALSRecommender,
    ForestFusion,
    FREEDOMRecommender,
    GatedFusion,
    ImageEncoder,
    ImageStatisticsEncoder,
    ItemGraphRecommender,
    ItemKNNRecommender,
    LightFMRecommender,
    LightGCNRecommender,
    MelFrameEncoder,
    MelStatisticsEncoder,
    MissingModalityImputer,
    MMGCNRecommender,
    ModalityAligner,
    ModalityDropout,
    MulCooNNRecommender,
    MultimodalFusion,
    MultiTaskRecommender,
    NeuralRecommender,
    NMFFusion,
    PixelEncoder,
    PopularityRecommender,
    RankFusionRecommender,
    SASRecRecommender,
    SLIMRecommender,
    SparseTextEncoder,
    StackingRecommender,
    SVDFusion,
    SVDRecommender,
    SwitchingRecommender,
    TabularEncoder,
    TextEncoder,
    TokenSequenceEncoder,
    UnionRecommender,
    UserKNNRecommender,
    VBPRRecommender,
    VideoEncoder,
    VideoStatisticsEncoder,
    VotingRecommender,
    WeightedMeanFusion,
    WeightedSumFusion,
    WordVectorEncoder,
)
from skmmrec.testing import parametrize_with_checks
from tests.recommenders.test_recommenders import Remembering

MEMBERS = [
    ("popularity", PopularityRecommender()),
    ("als", ALSRecommender(4, random_state=0)),
]
RECOMMENDERS = [
    PopularityRecommender(),
    ContentRecommender(),
    ContentRecommender("euclidean"),
    ALSRecommender(4, random_state=0),
    FederatedALSRecommender(4, random_state=0),
    BPRRecommender(4, random_state=0),
    SVDRecommender(4, regularization=0.1, random_state=0),
    FeatureFactorizationRecommender(),
    LightFMRecommender(4, max_iter=2, random_state=0),
    NeuralRecommender(4, max_iter=2, random_state=0),
    NeuralRecommender(4, scorer="ncf", max_iter=2, random_state=0),
    VBPRRecommender(4, max_iter=2, random_state=0),
    LightGCNRecommender(4, max_iter=2, random_state=0),
    ItemGraphRecommender(random_state=0),
    ItemKNNRecommender(),
    UserKNNRecommender(),
    EASERecommender(),
    SLIMRecommender(0.1, 0.1),
    DeepFMRecommender(4, max_iter=2, random_state=0),
    AttentionRecommender("user", 4, max_iter=2, random_state=0),
    AttentionRecommender("feature", 4, max_iter=2, random_state=0),
    MulCooNNRecommender(4, max_iter=2, random_state=0),
    DeepFeatureCFRecommender(4, max_iter=2, random_state=0),
    MultiTaskRecommender(4, max_iter=2, random_state=0),
    EndToEndRecommender(4, max_iter=2, random_state=0),
    SASRecRecommender(4, max_iter=2, random_state=0),
    MMGCNRecommender(4, max_iter=2, random_state=0),
    FREEDOMRecommender(4, max_iter=2, random_state=0),
    VotingRecommender(MEMBERS),
    VotingRecommender(MEMBERS, weights="learned", random_state=0),
    RankFusionRecommender(MEMBERS),
    RankFusionRecommender(MEMBERS, "borda"),
    UnionRecommender(MEMBERS),
    StackingRecommender(MEMBERS, random_state=0),
    SwitchingRecommender(MEMBERS),
    Remembering(10, random_state=0),
]
MATRIX_TRANSFORMERS = [
    ConcatFusion(),
    ConcatFusion("l2"),
    ConcatFusion("whiten"),
    WeightedMeanFusion(),
    WeightedSumFusion(),
    AutoFusion(random_state=0),
    ModalityDropout(random_state=0),
    SVDFusion(3),
    NMFFusion(3, random_state=0),
    CCAFusion(3),
    ModalityAligner(3),
    ModalityAligner(3, "procrustes"),
    GatedFusion(3, random_state=0),
    AttentionFusion(3, random_state=0),
    BilinearFusion(3, random_state=0),
    ForestFusion(n_estimators=5, random_state=0),
    ForestFusion("importance", n_estimators=5, random_state=0),
    MissingModalityImputer(),
    MissingModalityImputer("knn"),
    MultimodalFusion([("numbers", "passthrough", [0])]),
    TabularEncoder(),
]
# One column of texts, pictures, sounds or videos: scikit-learn has no such data, and
# runs one check; tests/encoders has the others.
COLUMN_TRANSFORMERS = [
    SparseTextEncoder(),
    WordVectorEncoder(),
    TextEncoder(),
    TokenSequenceEncoder(),
    ImageStatisticsEncoder(),
    ImageEncoder(),
    PixelEncoder(),
    MelStatisticsEncoder(),
    AudioEncoder(),
    MelFrameEncoder(),
    VideoStatisticsEncoder(),
    VideoEncoder(),
]


# what a rank is worth in a list, among the items offered, is not what `predict` says
RANKED = [
    m for m in RECOMMENDERS if isinstance(m, (RankFusionRecommender, UnionRecommender))
]
FUSIONS = [t for t in MATRIX_TRANSFORMERS if isinstance(t, BaseFusionMethod)]


def run_checks(estimator):
    """Names of the checks that passed; any other outcome is a failure."""
    if isinstance(estimator, LightFMRecommender):
        pytest.importorskip("lightfm")
    results = check_estimator(estimator, on_skip=None, on_fail="raise")
    assert {result["status"] for result in results} == {"passed"}
    return [result["check_name"] for result in results]


# two columns are no content, and ContentRecommender says so; a few rows are too few for
# the default penalty, and SVDRecommender says so
@pytest.mark.filterwarnings("ignore:All factors are zero")
@pytest.mark.filterwarnings("ignore:X must have columns of content")
@pytest.mark.parametrize("recommender", RECOMMENDERS, ids=str)
def test_recommenders_pass_all_checks_of_scikit_learn(recommender):
    """None expected to fail."""
    assert len(run_checks(recommender)) >= 41


@pytest.mark.filterwarnings("ignore:TypeError occurred during set_params")
@pytest.mark.parametrize("transformer", MATRIX_TRANSFORMERS, ids=str)
def test_transformers_pass_all_checks_of_scikit_learn(transformer):
    """None expected to fail."""
    assert len(run_checks(transformer)) >= 46


@pytest.mark.filterwarnings("ignore:Can't test estimator")
@pytest.mark.parametrize("encoder", COLUMN_TRANSFORMERS, ids=str)
def test_encoders_of_one_column_pass_what_runs(encoder):
    """The clone check alone, for want of data."""
    assert run_checks(encoder) == ["check_estimator_cloneable"]


@pytest.mark.filterwarnings("ignore:All factors are zero")
@parametrize_with_checks(
    [model for model in RECOMMENDERS if model not in RANKED], sklearn=False
)
def test_the_contract_of_recommenders(estimator, check):
    """Two matrices and a similarity, for everybody, before and after updates."""
    check(estimator)


@parametrize_with_checks(
    RANKED, sklearn=False, without=["check_scores_of_lists_are_those_of_predict"]
)
def test_the_contract_of_combinations_of_ranks(estimator, check):
    """All of it but one."""
    check(estimator)


@parametrize_with_checks(FUSIONS, sklearn=False)
def test_the_contract_of_fusions(estimator, check):
    """A table of blocks in, another out."""
    check(estimator)
