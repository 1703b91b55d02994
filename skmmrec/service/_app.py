"""The service as an ASGI application."""

from contextlib import asynccontextmanager
from typing import NamedTuple

from fastapi import APIRouter, Depends, FastAPI
from fastapi.security import HTTPBearer

from skmmrec._version import __version__
from skmmrec.service._gate import Gate
from skmmrec.service._holder import Holder
from skmmrec.service._metrics import Measure, Metrics
from skmmrec.service._pool import Pool
from skmmrec.service._problems import add_problems, problems
from skmmrec.service._routes import add_open, add_routes
from skmmrec.service._served import Served


class Limits(NamedTuple):
    """What one request may cost, and how many there may be.

    Parameters
    ----------
    max_bytes : int, default=10_000_000
        Of a body, uploads included.
    max_k : int, default=100
        Length of a list.
    timeout : float, default=10.0
        Seconds until the answer, and until the body of a request is there.
    n_threads : int, default=2
        Calls of the model at a time.
    max_waiting : int, default=256
        Requests that may wait for a thread; further ones get 503.
    max_joined : int, default=64
        Requests that are answered by one product; 1: none is joined with others.

    Examples
    --------
    >>> from skmmrec.service import Limits
    >>> Limits(max_k=20).max_k
    20
    """

    max_bytes: int = 10_000_000
    max_k: int = 100
    timeout: float = 10.0
    n_threads: int = 2
    max_waiting: int = 256
    max_joined: int = 64


def create_app(
    model, items=None, *, reload=None, token=None, hosts=None, limits=None, **columns
):
    """The service of one model, as an ASGI application.

    For use inside another application, or with another server; else `skmmrec serve`
    does all that is needed.

    Parameters
    ----------
    model : recommender, or pipeline or search that holds one
        Fitted.
    items : data frame or mapping, default=None
        Table of the items like that of `fit`: their titles, pictures and sounds, and
        what `explain` needs of models that keep no content.
    reload : callable, default=None
        Returns ``(model, items)`` anew, for ``POST /reload`` and
        ``app.state.holder.reload()``.
    token : str, default=None
        Whoever asks must have it.
    hosts : set of str, default=None
        Names that the service may be called by; None: any.
    limits : Limits, default=None
        What one request may cost.
    **columns : dict
        `title`, `image`, `audio`: columns of `items`; `root`: the folder of its media;
        `retriever`: "exact", or an index that `recommend` takes.

    Returns
    -------
    app : fastapi.FastAPI

    Examples
    --------
    >>> from starlette.testclient import TestClient
    >>> from skmmrec import Interactions, PopularityRecommender
    >>> from skmmrec.service import create_app
    >>> X = Interactions({"user": [1, 1, 2], "item": ["tea", "jam", "tea"]})
    >>> client = TestClient(create_app(PopularityRecommender().fit(X)))
    >>> answer = client.post("/recommend", json={"user": 2, "k": 1}).json()
    >>> [item["id"] for item in answer["items"]]
    ['jam']
    """
    limits = limits or Limits()
    metrics = Metrics()
    load = reload and (lambda: Served(*reload(), **columns))
    holder = Holder(Served(model, items, **columns), load, metrics)
    pool = Pool(
        limits.n_threads,
        limits.max_waiting,
        limits.max_joined,
        limits.timeout,
        metrics.joined.observe,
    )

    @asynccontextmanager
    async def lifespan(app):
        yield
        pool.close()

    app = FastAPI(
        title="skmmrec",
        version=__version__,
        description="Recommendations of one model, and the reasons for them.",
        docs_url=None,  # their pages fetch scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        responses=problems(*([401] if token else []), *([421] if hosts else []), 422),
    )
    app.state.holder = holder
    add_problems(app)
    add_open(app, holder)
    # declared here for OpenAPI; the gate has checked it before
    bearer = [Depends(HTTPBearer(auto_error=False))] if token else []
    router = APIRouter(dependencies=bearer)
    add_routes(router, holder, pool, metrics, limits.max_k, bool(token and load))
    app.include_router(router)
    app.add_middleware(
        Gate,
        token=token,
        max_bytes=limits.max_bytes,
        timeout=limits.timeout,
        hosts=hosts,
    )
    app.add_middleware(Measure, metrics=metrics)
    return app
