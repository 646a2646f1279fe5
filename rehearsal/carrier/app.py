"""Puts the carrier together as one aiohttp application."""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from . import control, rest, rest_messages
from .background import Background
from .config import CarrierConfig
from .equipment import Equipment
from .exchange import Exchange
from .faults import Faults
from .people import Directory, PersonFactory
from .speech import Speech
from .webhooks import Webhooks


def create_app(config: CarrierConfig, person_factory: PersonFactory) -> web.Application:
    """A carrier for one account. `person_factory` makes the person who answers, anew for every call."""
    app = web.Application(middlewares=[rest.middleware()], client_max_size=1024 * 1024)
    app.add_routes([*rest.routes(), *rest_messages.routes(), *control.routes()])

    async def lifetime(app: web.Application) -> AsyncIterator[None]:
        directory = Directory.from_file(config.people_file) if config.people_file else Directory()
        # No cookies and no limit of connections: calls must not wait for each other.
        async with aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(limit=0)
        ) as session:
            webhooks = Webhooks(config, session)
            background = Background()
            equipment = Equipment(config, session, webhooks, Speech(config, session), Faults(), background)
            app[rest.EXCHANGE] = Exchange(equipment, directory, person_factory)
            yield
            await background.close()

    async def release(app: web.Application) -> None:
        app[rest.EXCHANGE].equipment.faults.clear()  # held requests would keep the server from stopping

    app.cleanup_ctx.append(lifetime)
    app.on_shutdown.append(release)
    return app
