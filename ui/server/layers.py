"""What stands between a browser and the pages: headers, limits, and what a browser may say.

- `headers`: the security headers of every answer, the Content-Security-Policy among them.
- `limits`: how many sessions and files, how long a link, and the sentence for one too many.
- `messages`: which messages of Streamlit's websocket are let through.
- `returning`: a page that comes back to a server which does not know it runs at once.
- `begun`: a request waits until the one before it has begun, so that no click is lost.
- `values`: a widget's value is of its widget's kind, or is not taken.
- `calm`: notes when somebody asked for something, for what the server does when nobody does.
"""

from starlette.middleware import Middleware

from ui.server.begun import OneAfterAnother
from ui.server.calm import Arrivals
from ui.server.headers import SecurityHeaders
from ui.server.limits import LinkLimit, SessionLimit, UploadLimit, max_sessions
from ui.server.messages import MessageFilter
from ui.server.returning import RunOnReturn


def middleware() -> list[Middleware]:
    """The layers around Streamlit's server. ValueError where BNLAB_MAX_SESSIONS is no number."""
    return [
        Middleware(Arrivals),
        Middleware(SecurityHeaders),
        Middleware(LinkLimit),
        Middleware(SessionLimit, most=max_sessions()),
        Middleware(UploadLimit),
        Middleware(MessageFilter),
        Middleware(RunOnReturn),
        Middleware(OneAfterAnother),
    ]
