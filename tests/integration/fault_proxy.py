"""Stands between functions and the emulated AWS and strikes: ``python -m tests.integration.fault_proxy UPSTREAM PORT``.

microburst gives faults AWS's own shapes. Two things are done otherwise here. Requests are forwarded just as they were
signed, `Host` and the quoting of their path included, so that the emulator goes on checking signatures and, by them,
rights. And a response that is cut at its first byte is lost whole, also where it has no body.
"""

import sys

from aiohttp import web
from microburst.app import make_app
from microburst.core.pipeline import Microburst
from microburst.forward import HOP_BY_HOP, ResponseFault, Upstream
from yarl import URL


class SignedUpstream(Upstream):
    """Forwards requests as they were signed."""

    async def relay(
        self, request: web.Request, body: bytes | None, mutator: ResponseFault | None = None, data: bytes | None = None
    ) -> web.Response:
        """Forward a request and its answer, or lose the answer."""
        headers = {name: value for name, value in self._outbound_headers(request).items() if name != "host"}
        async with self.session.request(
            request.method,
            URL(self.base_url + request.rel_url.raw_path_qs, encoded=True),
            headers={**headers, "Host": request.headers["Host"]},
            data=await request.read() if body is None else body,
            allow_redirects=False,
        ) as answer:
            content = await answer.read()
        if mutator is not None and mutator.abort_bytes == 0 and request.transport is not None:
            request.transport.abort()
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
        return web.Response(status=answer.status, headers=kept, body=content)


def main() -> None:
    """Serve until the process is ended."""
    upstream, port = sys.argv[1:]
    microburst = Microburst(upstream)
    microburst.upstream = SignedUpstream(upstream, stats=microburst.stats)
    web.run_app(make_app(microburst), host="127.0.0.1", port=int(port), print=None, access_log=None)


if __name__ == "__main__":
    main()
