"""Small models of the encoders' tests."""

from tests.encoders.conftest import minilm, tiny_network

__all__ = ["minilm", "tiny_network"]
