"""Counters of the service, as Prometheus reads them."""

import time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
JOINED = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Of one application, in a registry of its own."""

    def __init__(self):
        self.registry = CollectorRegistry()
        own = {"registry": self.registry}
        self.requests = Counter(
            "skmmrec_requests", "Requests answered", ["path", "status"], **own
        )
        self.seconds = Histogram(
            "skmmrec_request_seconds",
            "Time until the answer",
            ["path"],
            buckets=SECONDS,
            **own,
        )
        self.running = Gauge("skmmrec_requests_running", "Requests in work", **own)
        self.joined = Histogram(
            "skmmrec_joined_requests",
            "Requests answered by one call of the model",
            buckets=JOINED,
            **own,
        )
        self.reloads = Counter("skmmrec_reloads", "Reloads", ["result"], **own)
        self.since = Gauge(
            "skmmrec_model_loaded_seconds", "Unix time when the model was loaded", **own
        )
        self.items = Gauge("skmmrec_model_items", "Items of the model", **own)

    def show(self, served):
        """Say which model is served."""
        self.since.set(served.since)
        self.items.set(len(served.items))

    def text(self):
        """All of them, in the text format of Prometheus."""
        return generate_latest(self.registry)


class Measure:
    """ASGI middleware that counts and times requests, by the route they took.

    Parameters
    ----------
    app : ASGI application
    metrics : Metrics
    """

    def __init__(self, app, metrics):
        self.app, self.metrics = app, metrics

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def send_counted(message):
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            with self.metrics.running.track_inprogress():
                await self.app(scope, receive, send_counted)
        finally:
            # the route, not the address: addresses are without number
            path = getattr(scope.get("route"), "path", "none")
            self.metrics.requests.labels(path, status).inc()
            self.metrics.seconds.labels(path).observe(time.perf_counter() - start)
