"""The page for people, and the policy that it is served with."""

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files


def page():
    """The page and its Content-Security-Policy, which names its own script and style.

    Returns
    -------
    content, policy : str
    """
    content = files("skmmrec.service").joinpath("page.html").read_text("utf-8")
    hashes = {
        tag: " ".join(map(_hash, re.findall(rf"<{tag}>(.*?)</{tag}>", content, re.S)))
        for tag in ("script", "style")
    }
    policy = (
        f"default-src 'none'; script-src {hashes['script']}; "
        f"style-src {hashes['style']}; img-src blob: data:; media-src blob:; "
        f"connect-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'"
    )
    return content, policy


def _hash(text):
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
