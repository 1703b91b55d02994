"""What the service takes and gives, as JSON."""

from enum import StrEnum
from types import SimpleNamespace
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr


def _whole(value):
    """7.0, which is a whole number in JSON, as one."""
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


Whole = BeforeValidator(_whole)
# 7 and "7" are two ids, here as in the model
Id = (
    Annotated[StrictInt, Whole]
    | Annotated[StrictStr, Field(min_length=1, max_length=1000)]
)
Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Text = Annotated[StrictStr, Field(min_length=1, max_length=100_000)]


class Noun(StrEnum):
    """What can be uploaded."""

    picture = "picture"
    sound = "sound"


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Person(_Request):
    """To whom: a user, a session, or a user and what came since the fit."""

    user: Id | None = Field(
        None, description="One that the model does not know is a new user."
    )
    items: list[Id] = Field(
        [], description="Had in this session, or since the model was fitted."
    )
    modality_weights: dict[str, Weight] | None = Field(
        None, description="Factors of the modalities, where the model can weigh them."
    )


def request_models(max_k):
    """The models of requests, whose lists are of `max_k` items at most.

    Parameters
    ----------
    max_k : int

    Returns
    -------
    models : namespace
    """
    Count = Annotated[StrictInt, Field(ge=1, le=max_k, description="Length."), Whole]
    default = min(10, max_k)

    class Recommend(_Person):
        k: Count = default
        candidates: list[Id] | None = Field(
            None, description="Items to choose from, such as those in stock."
        )
        exclude_seen: bool = Field(True, strict=True)
        model_config = ConfigDict(
            json_schema_extra={"examples": [{"user": 12, "k": 5}, {"items": ["tea"]}]}
        )

    class Explain(_Person):
        offered: list[Id] = Field(
            min_length=1, max_length=max_k, description="The items in question."
        )
        model_config = ConfigDict(
            json_schema_extra={"examples": [{"user": 12, "offered": ["jam"]}]}
        )

    class Similar(_Request):
        item: Id
        k: Count = default
        model_config = ConfigDict(json_schema_extra={"examples": [{"item": "tea"}]})

    class Likes(_Request):
        user: Id
        k: Count = default
        model_config = ConfigDict(json_schema_extra={"examples": [{"user": 12}]})

    class Search(_Request):
        text: Text
        k: Count = default
        column: StrictStr | None = Field(
            None, description="A column that the model reads texts from."
        )
        model_config = ConfigDict(
            json_schema_extra={"examples": [{"text": "a film about trains"}]}
        )

    return SimpleNamespace(
        Recommend=Recommend,
        Explain=Explain,
        Similar=Similar,
        Likes=Likes,
        Search=Search,
    )


class Item(BaseModel):
    """An item as people see it."""

    id: Id
    title: str
    score: float | None = Field(None, description="Higher is better.")
    picture: str | None = Field(None, description="Where its picture is, if any.")
    sound: str | None = Field(None, description="Where its sound is, if any.")


class Items(BaseModel):
    """Items, best first; fewer than k where no more are left."""

    items: list[Item]
    version: str = Field(description="Of the model that answered.")


class Offer(Items):
    known: bool = Field(description="Whether the model knows the user.")


class Users(BaseModel):
    users: list[Id]


class Reason(BaseModel):
    """Baseline and modalities sum to the score."""

    id: Id
    score: float
    baseline: float
    modalities: dict[str, float]
    likes: list[Item] = Field(description="Liked items that speak most for it.")
    method: str = Field(examples=["additive", "shapley"])


class Reasons(BaseModel):
    reasons: list[Reason]
    version: str


class Health(BaseModel):
    status: str = Field(examples=["ok"])
    version: str
    since: float = Field(description="Unix time when the model was loaded.")
    reload: str = Field(description="How the last reload went.", examples=["none yet"])


class About(BaseModel):
    """What the model is, and what can be asked of it."""

    model: str
    version: str
    n_users: int
    n_items: int
    max_k: int
    modalities: list[str] = Field(description="Those that can be weighed anew.")
    queries: dict[str, str] = Field(
        description="Columns to search by: text, picture or sound."
    )
    pictures: bool
    sounds: bool


class Problem(BaseModel):
    """Why a request was not answered, in one sentence."""

    detail: str = Field(examples=["k: Input should be less than or equal to 100"])
