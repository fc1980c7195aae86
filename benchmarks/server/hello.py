"""A server that does nothing: it reads a body and answers as many bytes as a prediction has."""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = (
    b'{"rows":[{"prediction":"no","probability_no":0.9454789,"probability_yes":0.05452106}],"model":"0123456789ab"}'
)


async def hello(request: Request) -> Response:
    """The same for everybody."""
    await request.body()
    return Response(ANSWER, media_type="application/json")


def main(port: int) -> None:
    """Answer until ended."""
    app = Starlette(routes=[Route("/predict", hello, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning", backlog=2048)


if __name__ == "__main__":
    main(int(sys.argv[1]))
