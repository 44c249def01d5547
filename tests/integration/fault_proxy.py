"""Injects faults into calls of the emulated AWS: ``python -m tests.integration.fault_proxy UPSTREAM PORT``.

Faults are answers in AWS's format, from microburst. This proxy differs from microburst's in two ways. It forwards
requests exactly as they were signed, including `Host` and the quoting of paths, so that the emulator can check
signatures and rights. And it can lose a response without a body.
"""

import sys

from aiohttp import web
from microburst.app import make_app
from microburst.core.pipeline import Microburst
from microburst.forward import HOP_BY_HOP, ResponseFault, Upstream
from yarl import URL


class SignedUpstream(Upstream):
    """Forwards requests unchanged, as they were signed."""

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
