"""Multimodal recommendation inside scikit-learn.

Each modality (text, image, audio, video, tabular) is a transformer, fusion transformers
combine them, and recommenders end the pipeline. `Interactions` is the `X` of all of
them.
"""

from importlib import import_module

from skmmrec._version import __version__

# Names are imported when they are first used: `import skmmrec` stays fast.
_HOMES = {
    "ALSRecommender": "recommenders",
    "AttentionFusion": "fusion",
    "AttentionRecommender": "recommenders",
    "AudioEncoder": "encoders",
    "AutoFusion": "fusion",
    "BaseEncoder": "encoders",
    "BaseFusionMethod": "fusion",
    "BaseRecommender": "_base",
    "BaseRetriever": "ranking",
    "BilinearFusion": "fusion",
    "BPRRecommender": "recommenders",
    "CCAFusion": "fusion",
    "ColdItemKFold": "model_selection",
    "ColdUserKFold": "model_selection",
    "ConcatFusion": "fusion",
    "ContentRecommender": "recommenders",
    "CoverageAccuracyDisplay": "inspection",
    "DeepFeatureCFRecommender": "recommenders",
    "DeepFMRecommender": "recommenders",
    "DPItemGraphRecommender": "privacy",
    "EASERecommender": "recommenders",
    "EmbeddingStore": "encoders",
    "EndToEndRecommender": "recommenders",
    "ExactRetriever": "ranking",
    "FaissRetriever": "ranking",
    "FeatureFactorizationRecommender": "recommenders",
    "FeatureTable": "data",
    "FederatedALSRecommender": "privacy",
    "ForestFusion": "fusion",
    "FREEDOMRecommender": "recommenders",
    "FusionWeightsDisplay": "inspection",
    "GatedFusion": "fusion",
    "ImageEncoder": "encoders",
    "ImageStatisticsEncoder": "encoders",
    "Interactions": "data",
    "ItemGraphRecommender": "recommenders",
    "ItemKNNRecommender": "recommenders",
    "KAnonymousFilter": "privacy",
    "LeaveLastOut": "model_selection",
    "LightFMRecommender": "recommenders",
    "LightGCNRecommender": "recommenders",
    "MelFrameEncoder": "encoders",
    "MelStatisticsEncoder": "encoders",
    "MissingModalityImputer": "fusion",
    "MMGCNRecommender": "recommenders",
    "ModalityAligner": "fusion",
    "ModalityDropout": "fusion",
    "ModalityImportanceDisplay": "inspection",
    "ModelFileError": "persistence",
    "MulCooNNRecommender": "recommenders",
    "MultimodalFusion": "fusion",
    "MultiTaskRecommender": "recommenders",
    "NetworkRecommender": "recommenders",
    "NeuralRecommender": "recommenders",
    "NMFFusion": "fusion",
    "Pipeline": "pipeline",
    "PixelEncoder": "encoders",
    "PopularityRecommender": "recommenders",
    "Pseudonymizer": "privacy",
    "RandomHoldout": "model_selection",
    "RankFusionRecommender": "recommenders",
    "RankingCurveDisplay": "inspection",
    "RecommendationDisplay": "inspection",
    "RollingTemporalSplit": "model_selection",
    "SASRecRecommender": "recommenders",
    "SLIMRecommender": "recommenders",
    "SparkALSRecommender": "distributed",
    "SparseTextEncoder": "encoders",
    "StackingRecommender": "recommenders",
    "SVDFusion": "fusion",
    "SVDRecommender": "recommenders",
    "SwitchingRecommender": "recommenders",
    "TabularEncoder": "encoders",
    "TemporalSplit": "model_selection",
    "TextEncoder": "encoders",
    "TokenSequenceEncoder": "encoders",
    "UnionRecommender": "recommenders",
    "UsearchRetriever": "ranking",
    "UserKNNRecommender": "recommenders",
    "VBPRRecommender": "recommenders",
    "VideoEncoder": "encoders",
    "VideoStatisticsEncoder": "encoders",
    "Vocabulary": "data",
    "VotingRecommender": "recommenders",
    "WarmthCurveDisplay": "inspection",
    "WeightedMeanFusion": "fusion",
    "WeightedSumFusion": "fusion",
    "WordVectorEncoder": "encoders",
    "check_leakage": "model_selection",
    "compare": "model_selection",
    "explain": "inspection",
    "get_config": "_config",
    "get_scorer": "metrics",
    "load": "persistence",
    "make_pipeline": "pipeline",
    "modality_effect": "model_selection",
    "modality_importance": "inspection",
    "occlusion": "inspection",
    "presence_report": "inspection",
    "retrieval_recall": "ranking",
    "save": "persistence",
    "set_config": "_config",
}
_MODULES = [
    "callback",
    "data",
    "datasets",
    "distributed",
    "encoders",
    "fusion",
    "inspection",
    "metrics",
    "model_selection",
    "persistence",
    "pipeline",
    "plugins",
    "privacy",
    "ranking",
    "recommenders",
    "testing",
]

__all__ = ["__version__", *sorted(_HOMES), *_MODULES]


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"skmmrec.{_HOMES[name]}"), name)
    if name in _MODULES:
        return import_module(f"skmmrec.{name}")
    raise AttributeError(f"module 'skmmrec' has no attribute {name!r}")


def __dir__():
    return __all__
