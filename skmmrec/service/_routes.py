"""The addresses of the service."""

from typing import Annotated

from fastapi import File, Form, Query, Response, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse

from skmmrec.inspection._page import strongest_likes
from skmmrec.service import _schemas as schemas
from skmmrec.service._page import page
from skmmrec.service._problems import problems
from skmmrec.service._served import NotFound
from skmmrec.service._served import Query as Question

MEDIA = {"pictures": ("image", "image/jpeg"), "sounds": ("audio", "audio/ogg")}
COMPUTED = problems(408, 413, 503, 504)
TEXT = Query(max_length=200, description="What to look for; empty: the first ones.")


def shown(served, ids, scores=None):
    """Items as people see them, a list of dicts like `schemas.Item`."""
    catalogue = served.catalogue
    codes = served.items.codes(ids).tolist() if len(ids) else []
    items = []
    for place, (one, code) in enumerate(zip(ids, codes)):
        item = {"id": one, "title": catalogue.title(code)}
        item["score"] = None if scores is None else scores[place]
        for key, folder in (("picture", "pictures"), ("sound", "sounds")):
            has = catalogue.has_media(MEDIA[folder][0], code)
            path = f"/{folder}/{served.version}/{code}"
            item[key] = path if has else None
        items.append(item)
    return items


def _items(served, offer, **more):
    items = shown(served, offer.items, offer.scores)
    return JSONResponse({"items": items, "version": served.version} | more)


def _question(body, **more):
    """The query of a body, whatever of it there is."""
    return Question(
        body.user,
        items=tuple(body.items),
        modality_weights=body.modality_weights,
        **more,
    )


def _reason(served, reason):
    likes = dict(reason.items)
    ids = strongest_likes(reason)
    return {
        "id": reason.item,
        "score": reason.score,
        "baseline": reason.baseline,
        "modalities": reason.modalities,
        "likes": shown(served, ids, [likes[one] for one in ids]),
        "method": reason.method,
    }


def add_routes(app, holder, pool, metrics, max_k, can_reload):
    """Put those that need a token, where there is one, into a router.

    Parameters
    ----------
    app : fastapi.APIRouter
    holder : Holder
    pool : Pool
    metrics : Metrics
    max_k : int
    can_reload : bool
        Whether ``POST /reload`` is there.
    """
    models = schemas.request_models(max_k)
    add_ranking(app, holder, pool, models, max_k)
    add_catalogue(app, holder, pool, models, max_k)
    add_state(app, holder, metrics, max_k)
    if can_reload:
        add_reload(app, holder)


def add_ranking(app, holder, pool, models, max_k):
    """Recommend, explain, similar, search."""
    count = Form(ge=1, le=max_k)

    @app.post(
        "/recommend",
        response_model=schemas.Offer,
        responses=COMPUTED | problems(404, 409),
    )
    async def recommend(body: models.Recommend):
        """Items for a user, for a session, or for a user since the model was fitted."""
        served = holder.current
        candidates = None if body.candidates is None else tuple(body.candidates)
        query = _question(
            body, k=body.k, candidates=candidates, exclude_seen=body.exclude_seen
        )
        key = query.exclude_seen if query.is_plain else None
        offer = await pool.run_joined(served.recommend, query, key)
        return _items(served, offer, known=offer.is_known)

    @app.post(
        "/explain",
        response_model=schemas.Reasons,
        responses=COMPUTED | problems(404, 409),
    )
    async def explain(body: models.Explain):
        """Why items are offered: their scores, split by modality and liked items."""
        served, query = holder.current, _question(body, k=1)
        reasons = await pool.run(served.explain, query, body.offered)
        reasons = [_reason(served, reason) for reason in reasons]
        return JSONResponse({"reasons": reasons, "version": served.version})

    @app.post(
        "/similar", response_model=schemas.Items, responses=COMPUTED | problems(404)
    )
    async def similar(body: models.Similar):
        """Items that are most similar to one of the catalogue."""
        served = holder.current
        return _items(served, await pool.run(served.similar, body.item, body.k))

    @app.post(
        "/search", response_model=schemas.Items, responses=COMPUTED | problems(409)
    )
    async def search(body: models.Search):
        """Items whose content is most similar to a text."""
        served = holder.current
        column = served.query_column("text", body.column)
        offer = await pool.run(served.search, column, body.text, body.k)
        return _items(served, offer)

    @app.post(
        "/search/upload",
        response_model=schemas.Items,
        responses=COMPUTED | problems(409, 415),
    )
    async def search_upload(
        file: Annotated[UploadFile, File(description="A picture or a sound.")],
        noun: Annotated[schemas.Noun, Form()] = schemas.Noun.picture,
        k: Annotated[int, count] = min(10, max_k),
    ):
        """Items whose content is most similar to a picture or a sound."""
        served = holder.current
        column = served.query_column(noun.value)
        content = await file.read()
        return _items(served, await pool.run(served.search, column, content, k))


def add_catalogue(app, holder, pool, models, max_k):
    """Users, items, likes, pictures and sounds."""
    n = Query(ge=1, le=max_k)
    default = min(10, max_k)

    @app.get("/users", response_model=schemas.Users, responses=problems(503, 504))
    async def users(text: Annotated[str, TEXT] = "", k: Annotated[int, n] = default):
        """Users whose id contains a text."""
        return JSONResponse(
            {"users": await pool.run(holder.current.find_users, text, k)}
        )

    @app.get("/items", response_model=schemas.Items, responses=problems(503, 504))
    async def items(text: Annotated[str, TEXT] = "", k: Annotated[int, n] = default):
        """Items whose title contains a text."""
        served = holder.current
        found = await pool.run(served.find_items, text, k)
        return JSONResponse({"items": shown(served, found), "version": served.version})

    @app.post(
        "/likes", response_model=schemas.Items, responses=COMPUTED | problems(404)
    )
    async def likes(body: models.Likes):
        """What a user liked, the latest first where the model knows times."""
        served = holder.current
        found = await pool.run(served.likes, body.user, body.k)
        return JSONResponse({"items": shown(served, found), "version": served.version})

    for folder, (role, kind) in MEDIA.items():
        _add_media(app, holder, pool, folder, role, kind)


def _add_media(app, holder, pool, folder, role, kind):
    @app.get(
        f"/{folder}/{{version}}/{{place}}",
        response_class=Response,
        name=folder,
        description=f"One of the {folder} of the catalogue, made small.",
        responses=problems(404, 503, 504) | {200: {"content": {kind: {}}}},
    )
    async def media(version: str, place: int):
        served = holder.current
        content = None
        if version == served.version and 0 <= place < len(served.items):
            content = await pool.run(served.medium, role, place)
        if content is None:
            raise NotFound(f"{folder} must be those of an answer of this model.")
        return Response(
            content, media_type=kind, headers={"Cache-Control": "private, max-age=3600"}
        )


def add_open(app, holder):
    """What needs no token, as it has no data: the page, and health."""
    content, policy = page()

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def index():
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}
        return HTMLResponse(content, headers=headers)

    @app.get("/health", response_model=schemas.Health)
    async def health():
        """Whether the service answers, and how the last reload went."""
        return _health(holder)


def add_state(app, holder, metrics, max_k):
    """What the model is, and metrics."""

    @app.get("/model", response_model=schemas.About)
    async def model():
        """What the model is, and what can be asked of it."""
        return JSONResponse(holder.current.about() | {"max_k": max_k})

    @app.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
    )
    async def counters():
        """Counters for Prometheus."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")


def add_reload(app, holder):
    """Another model in the place of the one that is served."""

    @app.post(
        "/reload", response_model=schemas.Health, responses=problems(408, 409, 413)
    )
    async def reload():
        """Load the model anew; where that fails, the earlier one serves on."""
        await holder.reload()
        return _health(holder)


def _health(holder):
    served = holder.current
    health = {"status": "ok", "version": served.version, "since": served.since}
    return JSONResponse(health | {"reload": holder.last})
