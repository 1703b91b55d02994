"""Redaction: what is found, what is left alone, and where a text can still be seen."""

import pickle
import re
import traceback
from pathlib import Path

import numpy as np
import pytest
from sklearn import clone

import skmmrec
from skmmrec import EmbeddingStore, SparseTextEncoder, TokenSequenceEncoder
from skmmrec.encoders import BaseEncoder, TextEncoder, WordVectorEncoder
from skmmrec.privacy import redact_personal_data

PERSONAL = [
    ("mail Ann.Smith+shop@mail.example.co.uk please", "mail [EMAIL] please"),
    ("o'brien@example.ie", "[EMAIL]"),
    ("jörg@bücher.example", "[EMAIL]"),
    ("IBAN DE89 3704 0044 0532 0130 00 BIC X", "IBAN [IBAN] BIC X"),
    ("de89370400440532013000", "[IBAN]"),
    ("GB29NWBK60161331926819, thanks", "[IBAN], thanks"),
    ("NO9386011117947", "[IBAN]"),
    ("DE89 3704 0044\r\n0532 0130\n00 BIC", "[IBAN] BIC"),
    ("4111.1111.1111.1111.", "[CARD]."),
    ("card 4111 1111 1111 1111 exp 12/27", "card [CARD] exp 12/27"),
    ("5500-0000-0000-0004", "[CARD]"),
    ("378282246310005.", "[CARD]."),
    ("at 192.168.0.1.", "at [IP]."),
    ("2001:db8::8a2e:370:7334", "[IP]"),
    ("+49 (0)30 1234567", "[PHONE]"),
    ("tel:+4915112345678", "tel:[PHONE]"),
    ("+1 (415) 555-2671", "[PHONE]"),
    ("(415) 555-2671 or 415-555-2671", "[PHONE] or [PHONE]"),
    ("030/1234567", "[PHONE]"),
    ("+49 30 1234567ext5, 07911 123456or", "[PHONE]ext5, [PHONE]or"),
    ("07911 123456", "[PHONE]"),
    ("01 23 45 67 89", "[PHONE]"),
]
HARMLESS = [
    "2001: A Space Odyssey (1968), 1995-2001, 24/7",
    "ISBN 9783161484100, order 4111111111111112",
    "at 12:30:45 on 2023-01-02, or 01.02.2023, or 01/02/23",
    "agent 007, room 0815, model 800-555, pi is 3.14159265358979",
    "1,299.00 EUR, 12 000 000 sold, version 10.15.7, std::vector",
]
MISSED = [  # shapes that mean nothing alone, and what only a reader knows
    "ann at example dot org",
    "call 5552671",
    "Ann Smith, 12 Main Street",
]


@pytest.mark.parametrize(("text", "redacted"), PERSONAL)
def test_personal_data_give_way_to_placeholders(text, redacted):
    """In many ways to write an address or a number."""
    assert redact_personal_data(text) == redacted


@pytest.mark.parametrize("text", HARMLESS + MISSED)
def test_other_texts_stay_as_they_are(text):
    """Titles, dates and prices are no numbers of people; names are not looked for."""
    assert redact_personal_data(text) == text


@pytest.mark.parametrize(
    "part", ["a", "a@", "x@a.", "1 ", "A1 ", "+1(", "0-", ":", "ab:", "1.", "+", "DE12"]
)
def test_no_text_keeps_it_busy(part):
    """Twice the length takes about twice as long; a minute would be the square."""
    assert len(redact_personal_data(part * (100_000 // len(part)))) > 0


def encoders(**parameters):
    return [
        SparseTextEncoder(n_components=2, random_state=0, **parameters),
        TokenSequenceEncoder(min_df=1, **parameters),
        WordVectorEncoder({"tea": [1.0, 0.0], "email": [0.0, 1.0]}, **parameters),
    ]


def names(encoders):
    return [type(encoder).__name__ for encoder in encoders]


@pytest.mark.parametrize("number", range(3), ids=names(encoders()))
def test_an_encoder_learns_nothing_of_what_was_redacted(number):
    """Two letters that differ in the address alone are one, and it is in no pickle."""
    encoder = encoders(redact=redact_personal_data)[number]
    texts = ["tea for ann@example.org", "tea for bob@example.org", "tea", None]
    features = encoder.fit_transform(texts)
    np.testing.assert_array_equal(features[0], features[1])
    assert not np.array_equal(features[0], features[2])
    assert b"example" not in pickle.dumps(encoder)


class Lengths(BaseEncoder):
    """Keeps what it was given; a parameter of this name is all it takes."""

    _in_files = False

    def __init__(self, store=None, redact=None):
        self.store = store
        self.redact = redact

    def _width(self):
        return 1

    def _encode(self, batch):
        return [[len(text)] for text in batch]


def test_an_encoder_of_ones_own_needs_the_parameter_alone():
    """`BaseEncoder` sees to the rest."""
    encoder = Lengths(redact=redact_personal_data)
    assert encoder.fit_transform(["ann@example.org"]).item() == len("[EMAIL]")


def hide_words(text):
    return HIDDEN.sub("-", text)


HIDDEN = re.compile("tea")


def test_stores_tell_redactions_apart(tmp_path, monkeypatch):
    """By the code and the patterns of the function; the text is not in the files."""
    store = EmbeddingStore(tmp_path)
    texts = ["teapot of zoe@example.org"]

    def width(redact):
        return Lengths(store, redact).fit_transform(texts).item()

    assert width(None) == len(texts[0])
    assert width(redact_personal_data) == len("teapot of [EMAIL]")
    assert width(hide_words) == len(texts[0]) - 2
    monkeypatch.setitem(globals(), "HIDDEN", re.compile("teapot"))
    assert width(hide_words) == len(texts[0]) - 5
    assert len(store.info()["encoders"]) == 4
    for path in filter(Path.is_file, tmp_path.rglob("*")):
        assert b"zoe@" not in path.read_bytes()


def test_a_redaction_is_copied_and_saved_with_the_model(tmp_path):
    """By its name, which `load` trusts."""
    encoder = clone(encoders(redact=redact_personal_data)[0])
    texts = ["tea for ann@example.org", "tea"]
    features = encoder.fit_transform(texts)
    skmmrec.save(encoder, tmp_path / "model")
    for path in filter(Path.is_file, tmp_path.rglob("*")):
        assert b"example.org" not in path.read_bytes()
    for copy in (
        skmmrec.load(tmp_path / "model"),
        pickle.loads(pickle.dumps(encoder)),
    ):
        assert copy.redact is redact_personal_data
        np.testing.assert_array_equal(copy.transform(texts), features)


def test_a_redaction_of_ones_own_is_loaded_when_it_is_trusted(tmp_path):
    """As all code that is not skmmrec's."""
    encoder = SparseTextEncoder(n_components=1, redact=hide_words)
    encoder.fit(["tea and jam"])
    skmmrec.save(encoder, tmp_path / "model")
    name = f"{hide_words.__module__}.hide_words"
    with pytest.raises(skmmrec.ModelFileError, match=name):
        skmmrec.load(tmp_path / "model")
    assert skmmrec.load(tmp_path / "model", trusted=[name]).redact is hide_words


def fail(text):
    raise RuntimeError(f"no idea what {text} is")


@pytest.mark.parametrize(
    ("redact", "error", "what"),
    [
        ("email", TypeError, "redact must be a function of a text; got str"),
        (fail, ValueError, "got RuntimeError in row 1"),
        (str.split, TypeError, "redact must return a text; got list in row 1"),
    ],
)
def test_errors_say_the_row_and_not_the_text(redact, error, what):
    """Nor does the traceback of what went wrong inside."""
    column = [None, "ann@example.org"]
    with pytest.raises(error, match=what) as caught:
        Lengths(redact=redact).fit(column)
    assert "ann@example" not in "".join(traceback.format_exception(caught.value))


def test_text_encoders_all_take_it():
    """The one with a pretrained model, too."""
    assert TextEncoder(redact=redact_personal_data).redact is redact_personal_data
