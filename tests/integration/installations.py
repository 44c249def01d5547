"""Apply and save the installations for tests concurrently: ``python -m tests.integration.installations``.

Tests find them saved; without this the first test of each would wait for its apply.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from tests.integration.conftest import RECIPE
from tests.integration.imitations import imitations, recipe
from tools import saved_installations
from tools.errors import ToolError


def main() -> int:
    """Save all installations that are not saved yet."""
    with imitations() as services, ThreadPoolExecutor() as executor:
        recipes = (RECIPE, recipe(services))
        try:
            list(executor.map(saved_installations.save, recipes))
        except ToolError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
